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
	_, sets := laid(r.Scenario)
	for _, set := range sets {
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

// laid splits a scenario's text into that of its file and the values that were
// laid over it, which are noted as comments at its end.
func laid(scenario string) (file string, sets []string) {
	const note = "# --set "
	lines := strings.Split(strings.TrimSuffix(scenario, "\n"), "\n")
	end := len(lines)
	for end > 0 && strings.HasPrefix(lines[end-1], note) {
		end--
	}
	for _, line := range lines[end:] {
		sets = append(sets, strings.TrimPrefix(line, note))
	}
	if end == 0 || scenario == "" {
		return "", sets
	}
	return strings.Join(lines[:end], "\n") + "\n", sets
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
