package gpuworker

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTheSmallestFargateSizeThatFitsIsTaken(t *testing.T) {
	for _, test := range []struct{ cpu, memory, wantCPU, wantMemory int }{
		{1, 1, 256, 512},
		{256, 513, 256, 1024},
		{256, 1025, 256, 2048},
		{256, 2049, 512, 3072},
		{1024, 4096, 1024, 4096},
		{1024, 9000, 2048, 9216},
		{4097, 1, 8192, 16384},
		{8192, 16385, 8192, 20480},
		{16384, 122880, 16384, 122880},
	} {
		require.Equal(t, taskSize{test.wantCPU, test.wantMemory}, fargateSize(test.cpu, test.memory), "%d units, %d MiB", test.cpu, test.memory)
	}
	require.Zero(t, fargateSize(16385, 1))
	require.Zero(t, fargateSize(1, 122881))
}

func TestAFargateSizeHoldsWhatWasAskedForAndIsSold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cpu, memory := rapid.IntRange(1, 17000).Draw(t, "cpu"), rapid.IntRange(1, 130000).Draw(t, "memory")
		size := fargateSize(cpu, memory)
		if size == (taskSize{}) {
			largest := largestFargate()
			require.True(t, cpu > largest.cpu || memory > largest.memoryMiB)
			return
		}
		require.GreaterOrEqual(t, size.cpu, cpu)
		require.GreaterOrEqual(t, size.memoryMiB, memory)
		sold := false
		for _, row := range fargateSizes() {
			sold = sold || row.cpu == size.cpu && size.memoryMiB >= row.from && size.memoryMiB <= row.to && (size.memoryMiB-row.from)%row.step == 0
		}
		require.True(t, sold, "%+v", size)
	})
}
