// Package tracestest makes traces that are too large for a disk: they are
// written while they are read.
package tracestest

import (
	"io"
	"strconv"
	"time"
)

// Stream is a CSV of arrivals, fifty a second, each of a fraction of a second.
type Stream struct {
	left    int64
	pending []byte
	second  int64
}

// perSecond rows a second of the trace.
const perSecond = 50

// NewStream makes a CSV of so many bytes, or up to a second of rows more.
func NewStream(bytes int64) *Stream {
	return &Stream{left: bytes, pending: []byte("TIMESTAMP,ContextTokens,GeneratedTokens\n")}
}

// Read implements io.Reader.
func (s *Stream) Read(p []byte) (int, error) {
	for s.left > 0 && len(s.pending) < len(p) {
		before := len(s.pending)
		s.write()
		s.left -= int64(len(s.pending) - before)
	}
	if len(s.pending) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pending)
	s.pending = s.pending[:copy(s.pending, s.pending[n:])]
	return n, nil
}

// write adds the rows of one second. The clock is formatted once for all of them.
func (s *Stream) write() {
	var clock [len("2006-01-02 15:04:05.")]byte
	time.Unix(1700158623+s.second, 0).UTC().AppendFormat(clock[:0], "2006-01-02 15:04:05.")
	for i := range int64(perSecond) {
		row := s.second*perSecond + i
		s.pending = append(s.pending, clock[:]...)
		s.pending = append(s.pending, byte('0'+i/5), byte('0'+i%5*2), '0', '0', '0', '0', '0', ',')
		s.pending = append(strconv.AppendInt(s.pending, 1000+row*7%3000, 10), ',')
		s.pending = append(strconv.AppendInt(s.pending, 5+row*3%11, 10), '\n')
	}
	s.second++
}
