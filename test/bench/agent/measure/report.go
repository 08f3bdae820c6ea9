package measure

import (
	"time"

	"tandem/test/bench/report"
)

// row is one line of the table.
type row = report.Row

func judged(what, measured, target string, met bool) row {
	return row{What: what, Measured: measured, Target: target, Met: met}
}

// beside is a row that has no target.
func beside(what, measured string) row { return row{What: what, Measured: measured} }

func table(rows []row) string {
	return report.Head(time.Now(), "at the end", report.Load()) + report.Table(rows, "")
}

// Insert puts a report into its section of a document.
func Insert(document, text string) error { return report.Insert(document, "agent", text) }
