package gpu_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/gpu"
)

func TestNumbersAreReadAsNvidiaSMIWritesThem(t *testing.T) {
	for text, want := range map[string]float64{"41": 41, "33.50": 33.5, "Yes": 1, "No": 0, "0x0000000000000001": 1} {
		number, err := gpu.Number(text)
		require.NoError(t, err)
		require.InDelta(t, want, number, 0, text)
	}
	_, err := gpu.Number("Enabled")
	require.ErrorContains(t, err, `reading nvidia-smi's "Enabled"`)
}

func TestWhatADeviceDoesNotOfferIsEmpty(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "nvidia-smi"), []byte("#!/bin/sh\nprintf '41\\n[N/A]\\n[Not Supported]\\nN/A\\n'\n"), 0o755))
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	smi, err := gpu.FindSMI(t.Context())
	require.NoError(t, err)
	values, err := smi.Query(t.Context(), "gpu", "temperature.gpu")
	require.NoError(t, err)
	require.Equal(t, []string{"41", "", "", ""}, values)
}

func TestAMachineWithoutADriverIsSaidSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := gpu.FindSMI(t.Context())
	require.ErrorContains(t, err, "this machine has no NVIDIA driver")
}
