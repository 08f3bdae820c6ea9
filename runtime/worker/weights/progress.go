package weights

import (
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// progress counts bytes and says every five seconds how far it is.
type progress struct {
	log     *slog.Logger
	need    int64
	started time.Time
	skipped atomic.Int64
	bytes   atomic.Int64
	stopped chan struct{}
	loop    sync.WaitGroup
}

func startProgress(log *slog.Logger, need int64) *progress {
	p := &progress{log: log, need: need, started: time.Now(), stopped: make(chan struct{})}
	p.loop.Go(p.tell)
	return p
}

func (p *progress) tell() {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-p.stopped:
			return
		case <-ticker.C:
			fetched, have := p.bytes.Load(), p.bytes.Load()+p.skipped.Load()
			rate := float64(fetched) / time.Since(p.started).Seconds()
			left := time.Duration(0)
			if rate > 0 {
				left = time.Duration(float64(p.need-have) / rate * float64(time.Second))
			}
			p.log.Info("fetching weights", "bytes", have, "of", p.need,
				"bytesPerSecond", int64(rate), "secondsLeft", int(left.Seconds()))
		}
	}
}

func (p *progress) stop() {
	close(p.stopped)
	p.loop.Wait()
}

func (p *progress) skip(bytes int64) { p.skipped.Add(bytes) }

func (p *progress) fetched() int64 { return p.bytes.Load() }

func (p *progress) count(body io.Reader) io.Reader { return &counted{body: body, progress: p} }

type counted struct {
	body     io.Reader
	progress *progress
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.body.Read(b)
	c.progress.bytes.Add(int64(n))
	return n, err
}
