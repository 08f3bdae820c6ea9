package measure

import (
	"fmt"
	"time"

	"tandem/test/bench/report"
)

// Row is one line of the table.
type Row = report.Row

func render(rows []Row, began time.Time, before string) string {
	return report.Head(began, "before", before) + report.Table(rows, "beside it, same run")
}

// Insert puts the table into its section of a document.
func Insert(name, table string) error { return report.Insert(name, "models", table) }

func microseconds(d time.Duration) string { return fmt.Sprintf("%d us", d.Microseconds()) }
