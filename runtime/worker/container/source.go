package container

import (
	"io"
	"sync"
)

// source remembers why an input could not be read, so that a store that fails
// is not taken for a container that fails.
type source struct {
	reader io.Reader
	mutex  sync.Mutex
	err    error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.reader.Read(p)
	if err != nil && err != io.EOF {
		s.mutex.Lock()
		s.err = err
		s.mutex.Unlock()
	}
	return n, err
}

func (s *source) failed() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.err
}

// tail keeps the last bytes that were written to it.
type tail struct {
	mutex sync.Mutex
	bytes []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.bytes = append(t.bytes, p[max(0, len(p)-textLimit):]...)
	if excess := len(t.bytes) - textLimit; excess > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[excess:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return string(t.bytes)
}

// shared lets the standard output and error of several commands go to one writer.
type shared struct {
	mutex  sync.Mutex
	writer io.Writer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.writer.Write(p)
}
