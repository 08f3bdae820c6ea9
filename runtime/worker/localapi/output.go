package localapi

import (
	"context"
	"io"
	"net/http"
	"sync"

	"tandem/runtime/jobs"
)

// maxPending bounds the partial output that waits to be stored, in bytes.
const maxPending = 256 << 10

// output gathers partial output, so that a token at a time is not a write at a time.
type output struct {
	mutex   sync.Mutex
	pending []byte
	// flushing makes writers wait for each other: pieces keep their order.
	flushing sync.Mutex
	next     int64
}

// postOutput takes a piece of partial output. It is stored within the second,
// by the worker's call of [Session.Flush].
func (s *Session) postOutput(w http.ResponseWriter, r *http.Request) error {
	piece, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPending))
	if err != nil {
		return problem{Status: http.StatusRequestEntityTooLarge, Detail: "a piece of partial output is at most 256 KiB; results belong into the answer"}
	}
	if !s.output.add(piece) {
		w.Header().Set("Retry-After", "1")
		return problem{Status: http.StatusTooManyRequests, Detail: "256 KiB of partial output wait to be stored; slow down"}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (o *output) add(piece []byte) bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if len(o.pending) > 0 && len(o.pending)+len(piece) > maxPending {
		return false
	}
	o.pending = append(o.pending, piece...)
	return true
}

// Flush stores the partial output that has gathered. What could not be stored
// waits for the next call, under the same numbers.
func (s *Session) Flush(ctx context.Context) error {
	s.output.flushing.Lock()
	defer s.output.flushing.Unlock()
	s.output.mutex.Lock()
	whole := s.output.pending
	s.output.mutex.Unlock()
	if len(whole) == 0 {
		return nil
	}
	var pieces [][]byte
	for rest := whole; len(rest) > 0; {
		n := min(len(rest), jobs.MaxEvent)
		pieces = append(pieces, rest[:n])
		rest = rest[n:]
	}
	if err := s.options.Trail.Append(ctx, s.held, s.output.next, pieces...); err != nil {
		return err
	}
	s.output.next += int64(len(pieces))
	s.output.mutex.Lock()
	s.output.pending = append([]byte(nil), s.output.pending[len(whole):]...)
	s.output.mutex.Unlock()
	return nil
}
