package apiclient

import (
	"context"
	"io"
	"time"
)

// silence is how long an answer may say nothing at all until it counts as cut. A
// stream of events says that it lives every 15 s.
const silence = 60 * time.Second

// cutWhenSilent reads a body and cuts its request when nothing comes any more:
// a connection whose other end has vanished would otherwise be waited for for ever.
func cutWhenSilent(body io.Reader, cut context.CancelFunc) io.Reader {
	return &impatient{body, time.AfterFunc(silence, cut)}
}

type impatient struct {
	io.Reader
	timer *time.Timer
}

// Read implements io.Reader.
func (i *impatient) Read(p []byte) (int, error) {
	n, err := i.Reader.Read(p)
	if err != nil {
		i.timer.Stop()
	} else if n > 0 {
		i.timer.Reset(silence)
	}
	return n, err
}

// counted tells how much was read.
type counted struct {
	io.Reader
	tell func(int64)
	done int64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.done += int64(n)
	if c.tell != nil && n > 0 {
		c.tell(c.done)
	}
	return n, err
}

// pause waits; false if the context ended meanwhile.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
