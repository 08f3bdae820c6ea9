package pci_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/gpuagent/internal/pci"
)

func TestEachSourcesFormNamesTheSameDevice(t *testing.T) {
	for _, text := range []string{"00000000:00:1E.0", "PCI:0000:00:1e", "0000:00:1e", "0000:00:1e.0", "00:1e", "PCI:0:0:1E.0"} {
		require.Equal(t, "0000:00:1e.0", pci.Address(text), text)
	}
	require.Equal(t, "10000:af:00.7", pci.Address("00010000:AF:00.7"))
}

func TestWhatIsNoAddressIsNone(t *testing.T) {
	for _, text := range []string{"", "PCI:", "0000:00:ff", "0000:100:00", "a:b:c:d", "0000:00:00.9", "-1:00:00", "x"} {
		require.Empty(t, pci.Address(text), text)
	}
}

func TestANormalFormStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := pci.Address(rapid.StringMatching(`(PCI:)?[0-9a-fA-F]{1,8}:[0-9a-fA-F]{2}:[01][0-9a-fA-F](\.[0-7])?`).Draw(t, "address"))
		require.NotEmpty(t, once)
		require.Equal(t, once, pci.Address(once))
	})
}
