package kmsg

import (
	"io"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/observe"
)

// ring is a kernel log that overwrote lines before they were read.
type ring []any

func (r *ring) Read(p []byte) (int, error) {
	if len(*r) == 0 {
		return 0, io.ErrClosedPipe
	}
	next := (*r)[0]
	*r = (*r)[1:]
	if err, failed := next.(error); failed {
		return 0, err
	}
	return copy(p, next.(string)), nil
}

func TestAnOverrunIsCountedAndReadingGoesOn(t *testing.T) {
	var told []int
	reader := New(Options{Tell: func(event observe.Event) { told = append(told, event.Code) }})
	err := reader.read(t.Context(), &ring{
		"4,1,1,-;NVRM: Xid (PCI:0000:00:1e): 31, Ch 1\n", syscall.EPIPE, "4,900,1,-;NVRM: Xid (PCI:0000:00:1e): 48, pid=1\n",
	})
	require.ErrorIs(t, err, io.ErrClosedPipe)
	require.Equal(t, []int{31, 48}, told)
	require.Equal(t, Health{Lines: 2, Events: 2, Overruns: 1}, reader.Health())
}
