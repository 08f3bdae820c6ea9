package instancetypes_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/instancetypes"
)

func TestATypeHasItsGPUs(t *testing.T) {
	for name, want := range map[string]int{
		"g4dn.xlarge": 1, "g4dn.12xlarge": 4, "g5.48xlarge": 8, "p3.16xlarge": 8, "p4d.24xlarge": 8, "p5.4xlarge": 1, "p6-b200.48xlarge": 8,
	} {
		gpus, known := instancetypes.GPUs(name)
		require.True(t, known, name)
		require.Equal(t, want, gpus, name)
	}
}

func TestNothingIsSaidOfOtherTypes(t *testing.T) {
	for name, instanceType := range map[string]string{
		"outside EC2": "", "no GPU": "m7i.large", "a part of a GPU": "g6f.xlarge", "the table's heading": "type",
		"two rows": "g5.xlarge,1,a10g\ng5", "the beginning of one": "g5",
	} {
		t.Run(name, func(t *testing.T) {
			_, known := instancetypes.GPUs(instanceType)
			require.False(t, known)
		})
	}
}

func TestTheTableIsWellFormedAndSaysWhereItIsFrom(t *testing.T) {
	raw, err := os.ReadFile("gpus.csv")
	require.NoError(t, err)
	require.Regexp(t, `(?s)^(# [^\n]*\n)+type,gpus,model\n([a-z0-9-]+\.[a-z0-9-]+,(0|[1-9]|16),[a-z0-9-]+\n){60,}$`, string(raw))
	require.Contains(t, string(raw), "as of 2026-")
}
