package memory_test

import (
	"testing"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/memory"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	jobstest.RunStore(t, func(*testing.T) jobs.Store { return memory.NewStore() })
}
