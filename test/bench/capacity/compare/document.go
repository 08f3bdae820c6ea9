package compare

import "tandem/test/bench/report"

// Insert puts the report into its section of a document.
func Insert(name, text string) error { return report.Insert(name, "capacity", text) }
