package checks

import (
	"fmt"
	"slices"
	"strings"

	"tandem/runtime/settings"
)

func triggerLoop() rule {
	return rule{Rule{
		Name:     "trigger-loop",
		Severity: Error,
		What: "What a document trigger's function writes does not fire that trigger again, be it by way of other triggers; " +
			"and no trigger fires on what jobs keep in the same bucket.",
		Why:     "A result that is taken for an upload is analysed for ever, at the price of a model call each time.",
		Source:  "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html",
		Checked: read,
	}, func(c *checker) {
		triggers := c.triggers()
		for _, t := range triggers {
			if through := loop(triggers, t); len(through) > 0 {
				c.report(t.rule, problem{
					found:    fmt.Sprintf("results under %q, which match the pattern %s", t.results, strings.Join(through, ", then that of ")),
					expected: "results outside the prefixes of all triggers", fix: "choose another result prefix", key: "resultPrefix",
					config: t.configKey("resultPrefix"),
				})
			}
			if kept := t.keptByJobs(); len(kept) > 0 {
				c.report(t.rule, problem{
					found: "a pattern that matches what jobs keep under " + strings.Join(kept, ", "), expected: "a prefix of its own",
					fix: "choose another prefix, such as documents/", config: t.configKey("prefix"),
				})
			}
		}
	}}
}

// trigger is a rule on a bucket's objects with the function that it calls.
type trigger struct {
	rule, function *resource
	bucket         string
	keys           []value
	// results is the prefix below which the function writes.
	results string
}

func (m *model) triggers() []trigger {
	var found []trigger
	for _, r := range m.All(typeRule) {
		pattern := r.Prop("EventPattern")
		if !slices.ContainsFunc(pattern.At("source").List(), func(v value) bool { return v.Is("aws.s3") }) {
			continue
		}
		for _, target := range r.Prop("Targets").List() {
			function := target.At("Arn").Ref(typeFunction)
			if function == nil {
				continue
			}
			results, known := function.Prop("Environment", "Variables", resultPrefixVariable()).Literal()
			if !known {
				continue
			}
			found = append(found, trigger{
				rule: r, function: function, results: results,
				bucket: fmt.Sprint(pattern.At("detail", "bucket", "name").Estimated()),
				keys:   pattern.At("detail", "object", "key").List(),
			})
		}
	}
	return found
}

// keptByJobs are the prefixes of jobs' data on which the trigger fires.
func (t trigger) keptByJobs() []string {
	var found []string
	for _, prefix := range []string{settings.InputPrefix, settings.ResultPrefix, settings.CheckpointPrefix, settings.StepPrefix} {
		if t.firesOn(prefix) {
			found = append(found, prefix)
		}
	}
	return found
}

func (t trigger) configKey(key string) string {
	if name, known := t.function.Prop("Environment", "Variables", documentsNameVariable()).Literal(); known {
		return "documents." + name + "." + key
	}
	return ""
}

// loop is the way from a trigger's results back to itself, by the names of the
// rules; empty where there is none.
func loop(all []trigger, start trigger) []string {
	seen := map[*resource]bool{}
	var reach func(from trigger) []string
	reach = func(from trigger) []string {
		for _, next := range all {
			if next.bucket != from.bucket || !next.firesOn(from.results) {
				continue
			}
			if next.rule == start.rule {
				return []string{next.rule.Path}
			}
			if !seen[next.rule] {
				seen[next.rule] = true
				if rest := reach(next); rest != nil {
					return append([]string{next.rule.Path}, rest...)
				}
			}
		}
		return nil
	}
	return reach(start)
}

// firesOn is whether some object below a prefix matches the rule.
func (t trigger) firesOn(prefix string) bool {
	return len(t.keys) == 0 || slices.ContainsFunc(t.keys, func(key value) bool { return keyMayMatch(key, prefix) })
}

// keyMayMatch judges one matcher of an event pattern
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html, 2026-11-24).
// What comes after the prefix is not known, so that suffixes may always match.
func keyMayMatch(key value, prefix string) bool {
	if exact, known := key.Literal(); known {
		return strings.HasPrefix(exact, prefix)
	}
	for _, operator := range key.Keys() {
		argument := key.At(operator)
		text, known := argument.Literal()
		if folded, ignoresCase := argument.At("equals-ignore-case").Literal(); ignoresCase {
			text, prefix, known = strings.ToLower(folded), strings.ToLower(prefix), true
		}
		switch {
		case operator == "suffix":
			return true
		case operator == "anything-but":
			excluded, byPrefix := argument.At("prefix").Literal()
			return !byPrefix || !strings.HasPrefix(prefix, excluded)
		case !known:
		case operator == "prefix":
			return meets(text, prefix)
		case operator == "wildcard":
			fixed, _, _ := strings.Cut(text, "*")
			return meets(fixed, prefix)
		}
	}
	return false
}

func meets(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
