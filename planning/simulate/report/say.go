package report

import "tandem/planning/simulate/experiment"

// Verdict is what stands at the top of the page, for those who say it elsewhere:
// the sentence to decide by, then what else has to be known.
func Verdict(r *experiment.Result) []string {
	said := judge(r)
	return append([]string{said.Sentence}, said.Notes...)
}
