package gpu_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/test/gpu"
)

// applicationErrors are the codes that a program's own fault has.
var applicationErrors = map[string]bool{"13": true, "31": true, "43": true, "45": true}

func TestAProgramsOwnFaultIsSeenAndNothingIsDoneAboutIt(t *testing.T) {
	_, agent := start(t)
	before := health(t, agent)
	if before.State != "OK" {
		t.Skipf("this machine's GPUs are %s (%s) before anything was provoked", before.State, before.Reason)
	}
	program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	program.Env = append(os.Environ(), faulting+"=1")
	output, err := program.CombinedOutput()
	if program.ProcessState.ExitCode() == exitNoCUDA {
		t.Skip("no error can be provoked without the CUDA driver's library, libcuda.so.1")
	}
	require.NoError(t, err, "%s", output)

	var seen map[string]float64
	deadline := time.Now().Add(15 * time.Second)
	for len(seen) == 0 && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
		seen = xids(t, agent)
	}
	if len(seen) == 0 {
		if _, unread := before.Unread["kmsg"]; unread {
			t.Skip("the kernel log cannot be read here, and this driver does not tell the error by NVML: nothing can be seen")
		}
		t.Fatal("the error was not seen, though the kernel log can be read")
	}
	for code := range seen {
		require.True(t, applicationErrors[code], "Xid %s", code)
	}
	t.Logf("seen: Xid and how often: %v", seen)

	// Past any window in which errors add up.
	time.Sleep(5 * time.Second)
	after := health(t, agent)
	require.Equal(t, "OK", after.State, after.Reason)
	require.Equal(t, "watching", after.Acting.Phase)
	require.Empty(t, after.Acting.Would)
}

func xids(t *testing.T, agent *gpu.Agent) map[string]float64 {
	t.Helper()
	samples, err := agent.Metrics(t.Context())
	require.NoError(t, err)
	seen := map[string]float64{}
	for _, sample := range samples {
		if sample.Name == "xid_errors_total" {
			seen[sample.Labels["xid"]] += sample.Value
		}
	}
	return seen
}

// What the agent may hold and use, on real devices.
const (
	mostResident = 20 << 20
	mostCPU      = 2 * time.Millisecond // a second, with eight GPUs
	measuredFor  = 60 * time.Second
)

func TestTheAgentCostsLittle(t *testing.T) {
	_, agent := start(t)
	time.Sleep(2 * time.Second)
	before, err := agent.Usage()
	require.NoError(t, err)
	time.Sleep(measuredFor)
	after, err := agent.Usage()
	require.NoError(t, err)
	aSecond := (after.CPU - before.CPU) / time.Duration(measuredFor.Seconds())
	t.Logf("resident %.1f MiB, %s of CPU a second", float64(after.Resident)/(1<<20), aSecond)
	// The library of the driver is a part of what is resident: it has some 2 MiB
	// of its own and more for each device.
	require.LessOrEqual(t, after.Resident, int64(mostResident)+(12<<20))
	require.LessOrEqual(t, aSecond, 10*mostCPU, "calls of a real driver cost what they cost; the target holds for the fake one")
}
