package memory_test

import (
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/memory"
)

func TestStoreKeepsItsPromises(t *testing.T) {
	jobstest.RunStore(t, func(*testing.T) jobs.Store { return memory.NewStore() })
}

func TestQueueKeepsItsPromises(t *testing.T) {
	jobstest.RunQueue(t, func(t *testing.T, test func(*testing.T, jobs.Queue)) {
		synctest.Test(t, func(t *testing.T) { test(t, memory.NewQueue(jobstest.QueueLane)) })
	})
}

func TestBlobsKeepTheirPromises(t *testing.T) {
	jobstest.RunBlobs(t, openBlobs)
}

// openBlobs serves the links as local mode does, under a path of its own.
func openBlobs(t *testing.T) jobs.Blobs {
	server := httptest.NewUnstartedServer(nil)
	blobs := memory.NewBlobs("http://" + server.Listener.Addr().String() + "/blobs")
	server.Config.Handler = blobs
	server.Start()
	t.Cleanup(server.Close)
	return blobs
}
