package report

import (
	"fmt"
	"regexp"
	"strings"

	"tandem/planning/simulate/experiment"
)

// fileNames are scenario names that need no quotes in a shell.
var fileNames = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// scenarioFile is what the scenario is saved as to run it again.
func scenarioFile(r *experiment.Result) string {
	if fileNames.MatchString(r.Name) {
		return r.Name + ".yaml"
	}
	return "scenario.yaml"
}

// command runs it again, from a file that holds the scenario's text.
func command(r *experiment.Result) string {
	arguments := []string{"tandem simulate -f " + scenarioFile(r)}
	if len(r.Policies) > 0 {
		others := "none"
		for i, policy := range r.Policies[1:] {
			if i == 0 {
				others = policy.ID
			} else {
				others += "," + policy.ID
			}
		}
		arguments = append(arguments, "--compare "+quoted(others))
	}
	if consecutive(r.Seeds) {
		arguments = append(arguments, fmt.Sprintf("--seeds %d --seed %d", len(r.Seeds), r.Seeds[0]))
	}
	for _, set := range sets(r.Scenario) {
		arguments = append(arguments, "--set "+quoted(set))
	}
	return strings.Join(append(arguments, "--html report.html"), " \\\n  ")
}

func consecutive(seeds []uint64) bool {
	for i, seed := range seeds {
		if seed != seeds[0]+uint64(i) {
			return false
		}
	}
	return len(seeds) > 0
}

// sets are the values that were laid over the scenario's file: they are noted
// as comments at the end of its text.
func sets(scenario string) []string {
	var all []string
	lines := strings.Split(strings.TrimRight(scenario, "\n"), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		set, found := strings.CutPrefix(lines[i], "# --set ")
		if !found {
			break
		}
		all = append([]string{set}, all...)
	}
	return all
}

// bare words mean themselves in a shell.
var bare = regexp.MustCompile(`^[A-Za-z0-9_./,=:+-]+$`)

// quoted for a shell: whoever copies the command runs nothing else.
func quoted(word string) string {
	if bare.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
