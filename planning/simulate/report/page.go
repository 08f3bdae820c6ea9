package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"tandem/planning/simulate/experiment"
)

// page is what the template is filled with.
type page struct {
	Style            template.CSS
	Title, Summary   string
	Verdict          verdict
	First            string
	Cards            []card
	Policies         []column
	Compared         string
	Sections         []section
	Failing          bool
	Slack            string
	Many             bool // seeds
	Figures, Further []picture
	Facts            []experiment.Fact
	Seeds            string
	PricesFrom       string
	Command, File    string
	Scenario         string
}

// picture is a chart in the page.
type picture struct {
	Title, Caption string
	SVG            template.HTML
}

func pageOf(r *experiment.Result) (page, error) {
	p := page{
		Style: template.CSS(stylesheet()), Title: title(r), Summary: summary(r), Verdict: judge(r),
		Cards: cards(r), Policies: columns(r), Compared: "The policies compared", Sections: compare(r), Slack: share.rough(slack),
		Failing: slices.ContainsFunc(r.Policies, func(p experiment.PolicyResult) bool { return !does(r, p) }), Many: len(r.Seeds) > 1,
		Facts: r.Facts, Seeds: seedList(r.Seeds), PricesFrom: r.PricesFrom, Command: command(r), File: scenarioFile(r),
	}
	p.Scenario, _ = laid(r.Scenario)
	if len(r.Policies) > 0 {
		p.First = r.Policies[0].ID
	}
	if len(r.Policies) == 1 {
		p.Compared = "All measures"
	}
	for _, c := range charts(r) {
		svg, err := c.svg()
		if err != nil {
			return page{}, err
		}
		drawn := picture{c.title, c.caption, svg}
		if strings.HasPrefix(c.name, "timeline-") && c.name != "timeline-1" {
			p.Further = append(p.Further, drawn)
		} else {
			p.Figures = append(p.Figures, drawn)
		}
	}
	return p, nil
}

func stylesheet() string {
	return ":root{color-scheme:light dark;" + variables(false) + "}\n@media screen and (prefers-color-scheme:dark){:root{" + variables(true) + "}}\n" + pageStyle
}

func title(r *experiment.Result) string {
	for _, text := range []string{r.Title, r.Name} {
		if text != "" {
			return text
		}
	}
	return "Simulation"
}

// summary is what was run, in a line.
func summary(r *experiment.Result) string {
	policies := thousands(float64(len(r.Policies))) + space + "policies"
	if len(r.Policies) == 1 {
		policies = "1" + space + "policy"
	}
	parts := []string{policies, plural(len(r.Seeds), "seed")}
	if len(r.Policies) > 0 && len(r.Policies[0].Runs) > 0 {
		arrived, length := 0.0, 0.0
		for _, run := range r.Policies[0].Runs {
			arrived += float64(run.Arrived)
			length += run.Seconds
		}
		runs := float64(len(r.Policies[0].Runs))
		if known(length) {
			parts = append(parts, fmt.Sprintf("%s jobs in %s a run", thousands(arrived/runs), seconds.rough(length/runs)))
		}
	}
	if r.PricesFrom != "" {
		parts = append(parts, "prices of "+r.PricesFrom)
	}
	return strings.Join(parts, " · ")
}

func seedList(seeds []uint64) string {
	var all []string
	for _, seed := range seeds {
		all = append(all, fmt.Sprint(seed))
	}
	return strings.Join(all, ", ")
}
