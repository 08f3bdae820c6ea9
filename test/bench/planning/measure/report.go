package measure

import (
	"time"

	"tandem/test/bench/report"
)

// row is one line of the table.
type row = report.Row

func render(rows []row, began time.Time, before string) string {
	return report.Head(began, "before", before) + report.Table(rows, "")
}

// Insert puts the table into its section of a document.
func Insert(name, table string) error { return report.Insert(name, "planning", table) }
