package emulator

import (
	"testing"

	"tandem/test/checkout"
)

// ForTest starts an emulator that ends with the test. It skips the test where
// the emulator is not installed, and shows the emulator's log when the test failed.
func ForTest(t testing.TB, options Options) *Emulator {
	t.Helper()
	checkout.Need(t, checkout.Ministack)
	e, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the AWS emulator's last words:\n%s", e.LogTail(50))
		}
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return e
}
