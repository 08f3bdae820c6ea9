package jobstest

import (
	"testing"

	"tandem/runtime/jobs"
)

// RunStore proves a store. Open may return the same one each time.
func RunStore(t *testing.T, open func(t *testing.T) jobs.Store) {
	for _, part := range []struct {
		name  string
		tests []storeTest
	}{
		{"records", recordTests},
		{"leases", leaseTests},
		{"lists", listTests},
		{"finder", finderTests},
		{"trail", trailTests},
	} {
		t.Run(part.name, func(t *testing.T) {
			store := open(t)
			for _, test := range part.tests {
				t.Run(test.name, func(t *testing.T) { test.run(t, store) })
			}
		})
	}
}

type storeTest struct {
	name string
	run  func(t *testing.T, store jobs.Store)
}
