package localtask

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// lines writes whole lines of several programs to one writer.
type lines struct {
	mu sync.Mutex
	to io.Writer
}

func (l *lines) printf(name, format string, arguments ...any) {
	if l.to == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.to, "%s | %s\n", name, fmt.Sprintf(format, arguments...))
}

// lineWriter is one program's output.
type lineWriter struct {
	name string
	to   *lines
	rest []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		w.to.printf(w.name, "%s", line)
		w.rest = rest
	}
}
