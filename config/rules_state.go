package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

func stateRules() []rule {
	return []rule{
		{"protected-or-destroyed", "What is destroyed with its stack is not protected from deletion.", checkProtection},
		{"results-outlive-jobs", "A job that is still readable still has its result.", checkResultsKept},
		{"data-outlives-jobs", "Inputs and checkpoints outlive the longest job.", checkDataKept},
		{"log-retention-step", "Log retention is one of CloudWatch's steps.", checkLogRetention},
		{"budget-reaches-someone", "A budget has an address to alert.", checkBudgetEmail},
		{"budget-alerts", "Budget alerts are percentages above 0, each once, at most nine: the tenth is for the forecast.", checkBudgetAlerts},
		{"tags-allowed", "Tags leave AWS's and Tandem's own keys alone, and are no more than AWS takes.", checkTags},
	}
}

func checkProtection(j *judge) {
	s := j.State
	if s.Removal == RemovalDestroy && s.Protect != nil && *s.Protect {
		j.report(at("state", "protect"), "data that is destroyed with its stack cannot be protected from deletion: deleting the stack would fail",
			"write protect: false, or removal: retain", at("state", "removal"))
	}
}

func checkResultsKept(j *judge) {
	s := j.State
	if s.KeepResults < s.KeepJobs {
		j.report(at("state", "keepResults"), fmt.Sprintf("results go after %s, but jobs that point to them stay for %s", s.KeepResults, s.KeepJobs),
			fmt.Sprintf("keep results for %s or longer", s.KeepJobs), at("state", "keepJobs"))
	}
}

func checkDataKept(j *judge) {
	longest, worker := Duration(0), ""
	for _, name := range sortedKeys(j.Workers) {
		if t := j.Workers[name].Timeout; t > longest {
			longest, worker = t, name
		}
	}
	check := func(key, what string, kept Duration) {
		if kept < longest {
			j.report(at("state", key), fmt.Sprintf("%s go after %s, but an attempt of worker %s may take %s", what, kept, worker, longest),
				fmt.Sprintf("keep them for %s or longer", longest), at("workers", worker, "timeout"))
		}
	}
	check("keepInputs", "inputs", j.State.KeepInputs)
	check("keepCheckpoints", "checkpoints", j.State.KeepCheckpoints)
}

func checkLogRetention(j *judge) {
	kept := j.Observability.LogRetention
	for _, days := range LogRetentionDays() {
		if kept == Duration(days)*Duration(day) {
			return
		}
	}
	next := LogRetentionDays()[0]
	for _, days := range LogRetentionDays() {
		if next = days; Duration(days)*Duration(day) >= kept {
			break
		}
	}
	j.report(at("observability", "logRetention"), fmt.Sprintf("CloudWatch Logs does not keep logs for %s", kept),
		fmt.Sprintf("write %dd; its steps in days are %s", next, joinInts(LogRetentionDays())))
}

func checkBudgetEmail(j *judge) {
	if j.Budget.MonthlyUSD > 0 && j.Budget.Email == "" {
		j.report(at("budget", "monthlyUsd"), "the budget has nobody to alert", "add budget.email or observability.email",
			at("budget", "email"), at("observability", "email"))
	}
}

func checkBudgetAlerts(j *judge) {
	p := at("budget", "alertsAt")
	alerts := j.Budget.AlertsAt
	if most := BudgetAlerts - 1; len(alerts) > most {
		j.report(p, fmt.Sprintf("%d alerts: AWS sends %d a budget, and one of them is for the forecast", len(alerts), BudgetAlerts), fmt.Sprintf("list %d or fewer", most))
	}
	for i, percent := range alerts {
		switch {
		case percent <= 0 || percent > 1000:
			j.report(p.index(i), fmt.Sprintf("%g %% of the budget cannot be alerted at", percent), "write percentages, such as 50, 80 and 100")
		case slices.Contains(alerts[:i], percent):
			j.report(p.index(i), fmt.Sprintf("%g %% is listed twice", percent), "")
		}
	}
	if len(alerts) > 0 && slices.Max(alerts) <= 1 {
		j.report(p, fmt.Sprintf("alerts at %g %% and less of the budget", slices.Max(alerts)), "these are percentages: write 80, not 0.8")
	}
}

// tagValue says nothing of the length: 256 times these classes would take 10 MB
// and 12 ms to compile, at the start of every program.
var tagValue = regexp.MustCompile(`^[\pL\pN\pZ_.:/=+@-]*$`)

// longestTagValue in characters.
const longestTagValue = 256

// ownTags is how many tags Tandem puts on each resource itself.
const ownTags = 5

func checkTags(j *judge) {
	for _, key := range sortedKeys(j.Tags) {
		p := at("tags", key)
		lower := strings.ToLower(key)
		switch {
		case strings.HasPrefix(lower, "aws:"):
			j.reportKey(p, fmt.Sprintf("the tag %s is AWS's", quote(key)), "keys may not begin with aws:")
		case strings.HasPrefix(lower, "tandem:") || slices.Contains([]string{"name", "environment", "tier"}, lower):
			j.reportKey(p, fmt.Sprintf("the tag %s is set by Tandem itself", quote(key)), "give yours another name")
		case !tagValue.MatchString(j.Tags[key]) || utf8.RuneCountInString(j.Tags[key]) > longestTagValue:
			j.report(p, fmt.Sprintf("%s cannot be the value of a tag", quote(shorten(j.Tags[key]))), "AWS takes up to 256 letters, digits, spaces and _ . : / = + - @")
		}
	}
	if len(j.Tags) > TagsPerResource-ownTags {
		j.report(at("tags"), fmt.Sprintf("%d tags: a resource takes %d, and %d are Tandem's own", len(j.Tags), TagsPerResource, ownTags), "")
	}
}
