package nodestatus_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/nodestatus"
)

func TestAWrittenStatusIsReadBackUnchanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node-status.json")
	rebalance := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	want := nodestatus.Status{
		Version: nodestatus.Version, State: nodestatus.Impaired, Reasons: []string{"XID_79"},
		Spot:      &nodestatus.SpotNotice{Action: "terminate", Time: rebalance.Add(2 * time.Minute)},
		Rebalance: &rebalance,
		GPUs:      []nodestatus.GPU{{UUID: "GPU-1", Index: 0, State: nodestatus.Impaired, Reason: "XID_79"}},
		Updated:   rebalance,
	}
	require.NoError(t, nodestatus.Write(path, want))
	got, err := nodestatus.Read(path)
	require.NoError(t, err)
	require.Equal(t, want, got)

	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left behind")
	info, err := entries[0].Info()
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode().Perm(), "workers of other users may read it")
}

func TestReadRefusesWhatNoAgentWrote(t *testing.T) {
	for name, content := range map[string]string{
		"half a file":      `{"state":"OK"`,
		"an unknown state": `{"state":"FINE"}`,
		"an empty file":    ``,
		"a huge file":      `{"state":"OK","reasons":["` + string(make([]byte, 2<<20)) + `"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "node-status.json")
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
			_, err := nodestatus.Read(path)
			require.Error(t, err)
		})
	}
	_, err := nodestatus.Read(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAReaderNeverSeesAPartOfAWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node-status.json")
	long := nodestatus.Status{State: nodestatus.OK, GPUs: make([]nodestatus.GPU, 500)}
	require.NoError(t, nodestatus.Write(path, long))
	var writers sync.WaitGroup
	writers.Go(func() {
		for range 200 {
			_ = nodestatus.Write(path, long)
			_ = nodestatus.Write(path, nodestatus.Status{State: nodestatus.Impaired})
		}
	})
	for range 400 {
		_, err := nodestatus.Read(path)
		require.NoError(t, err)
	}
	writers.Wait()
}

func TestOnlyTheDevicesConcernedStopWork(t *testing.T) {
	sick := nodestatus.GPU{UUID: "GPU-1", State: nodestatus.Impaired, Reason: "XID_79"}
	well := nodestatus.GPU{UUID: "GPU-2", Index: 1, State: nodestatus.OK}
	host := nodestatus.Status{State: nodestatus.Impaired, Reasons: []string{"XID_79"}, GPUs: []nodestatus.GPU{sick, well}}
	whole := nodestatus.Status{State: nodestatus.Impaired, Reasons: []string{"DRIVER_HUNG"}, GPUs: []nodestatus.GPU{well}}
	both := host
	both.Whole = true
	nameless := nodestatus.Status{State: nodestatus.Impaired, Reasons: []string{"GPU_LOST"},
		GPUs: []nodestatus.GPU{{Index: 1, State: nodestatus.Impaired, Reason: "GPU_LOST"}, well}}
	for name, row := range map[string]struct {
		status   nodestatus.Status
		uuids    []string
		impaired bool
	}{
		"a task on the sick device":                         {host, []string{"GPU-1"}, true},
		"a task on a healthy device of the same host":       {host, []string{"GPU-2"}, false},
		"a task that does not know its devices":             {host, nil, true},
		"every task when the host as a whole is sick":       {whole, []string{"GPU-2"}, true},
		"every task when beside a device the host is sick":  {both, []string{"GPU-2"}, true},
		"every task when the sick device has lost its name": {nameless, []string{"GPU-2"}, true},
		"nobody while the host is healthy":                  {nodestatus.Status{State: nodestatus.OK}, nil, false},
		"nobody while too little is known":                  {nodestatus.Status{State: nodestatus.InsufficientData}, nil, false},
		"nobody while the agent starts":                     {nodestatus.Status{State: nodestatus.Initializing}, nil, false},
		"a task on two devices of which one is impaired":    {host, []string{"GPU-2", "GPU-1"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			reasons, impaired := row.status.ImpairedFor(row.uuids)
			require.Equal(t, row.impaired, impaired)
			if impaired {
				require.NotEmpty(t, reasons)
			}
		})
	}
}

func TestAChangeIsSeenWithinASecondAndToldOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node-status.json")
	synctest.Test(t, func(t *testing.T) {
		var told []nodestatus.State
		go nodestatus.Watch(t.Context(), nodestatus.WatchOptions{Path: path, Changed: func(s nodestatus.Status) {
			told = append(told, s.State)
		}})
		time.Sleep(time.Second)
		synctest.Wait()
		require.Empty(t, told, "a missing file says nothing")

		require.NoError(t, nodestatus.Write(path, nodestatus.Status{State: nodestatus.OK}))
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, []nodestatus.State{nodestatus.OK}, told)

		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.Len(t, told, 1, "an unchanged file is not told again")

		require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
		time.Sleep(time.Second)
		require.NoError(t, nodestatus.Write(path, nodestatus.Status{State: nodestatus.Impaired}))
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, []nodestatus.State{nodestatus.OK, nodestatus.Impaired}, told)
	})
}

func FuzzReadNeverPanics(f *testing.F) {
	f.Add([]byte(`{"version":1,"state":"OK","updated":"2026-11-24T06:00:00Z"}`))
	f.Add([]byte(`{"state":"IMPAIRED","gpus":[{"uuid":"x","index":-1}],"spot":{"time":"x"}}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(dir, "status")
		require.NoError(t, os.WriteFile(path, raw, 0o600))
		if status, err := nodestatus.Read(path); err == nil {
			status.ImpairedFor([]string{"GPU-1"})
		}
	})
}
