package nodestatus

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"
)

// WatchOptions says what to watch.
type WatchOptions struct {
	// Path of the file. Required.
	Path string
	// Every is how often the file is looked at. Defaults to 500 ms: a notice is acted on within a second.
	Every time.Duration
	// Changed is called with each status that differs from the last, one at a time. Required.
	Changed func(Status)
	// Log takes one line each time that reading starts to fail. Defaults to silence.
	Log *slog.Logger
}

// Watch polls until the context ends. It polls rather than listening to
// inotify, because the file is replaced by another container through a bind
// mount, where events depend on the storage driver. A missing or broken file
// changes nothing: the last status holds.
func Watch(ctx context.Context, options WatchOptions) {
	every := options.Every
	if every <= 0 {
		every = 500 * time.Millisecond
	}
	log := options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var seen os.FileInfo
	var failure string
	for {
		if info, err := os.Stat(options.Path); !unchanged(seen, info, err) {
			status, err := Read(options.Path)
			switch {
			case err == nil:
				seen, failure = info, ""
				options.Changed(status)
			case err.Error() != failure && !errors.Is(err, os.ErrNotExist):
				failure = err.Error()
				log.Warn("the node status cannot be read; the last one holds", "path", options.Path, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// unchanged says whether the file is the one last read. Each write makes a new
// file, so its identity tells even where the clock's resolution does not.
func unchanged(seen, now os.FileInfo, err error) bool {
	return err == nil && seen != nil && os.SameFile(seen, now) &&
		seen.ModTime().Equal(now.ModTime()) && seen.Size() == now.Size()
}
