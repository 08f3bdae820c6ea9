package weights

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// private is the folder for what is under way and what is known.
const private = ".tandem"

// Options say what to fetch, and how.
type Options struct {
	// Source of the weights. Required.
	Source Source
	// Dir is the cache. Required.
	Dir string
	// Connections that download at once. Defaults to 32.
	Connections int
	// PartSize in bytes. Defaults to 16 MiB.
	PartSize int64
	// Retries of one part after its first try. Defaults to 6.
	Retries int
	// Free returns how many bytes the disk of a folder has left. Defaults to what the kernel says.
	Free func(dir string) (int64, error)
	// Log takes the progress, every five seconds. Defaults to silence.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Connections <= 0 {
		o.Connections = 32
	}
	if o.PartSize <= 0 {
		o.PartSize = 16 << 20
	}
	if o.Retries <= 0 {
		o.Retries = 6
	}
	if o.Free == nil {
		o.Free = freeBytes
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Report says what a fetch did.
type Report struct {
	// Files and Bytes of the weights in all.
	Files int
	Bytes int64
	// Fetched bytes; the others were there already.
	Fetched int64
}

// Fetch makes the folder hold exactly what the source lists, as far as the
// cache is concerned: other files in the folder are left alone.
func Fetch(ctx context.Context, options Options) (Report, error) {
	options = options.withDefaults()
	if err := os.MkdirAll(filepath.Join(options.Dir, private), 0o755); err != nil {
		return Report{}, fmt.Errorf("making the cache for weights: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(options.Dir, private, "lock"), options.Log)
	if err != nil {
		return Report{}, fmt.Errorf("waiting for another task that fetches into %s: %w", options.Dir, err)
	}
	defer unlock()
	objects, err := options.Source.List(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("listing the weights: %w", err)
	}
	if len(objects) == 0 {
		return Report{}, errors.New("listing the weights: nothing is there; check the worker's weights.uri and upload the model first")
	}
	cache := cache{dir: options.Dir}
	known := cache.read()
	report := Report{Files: len(objects)}
	var missing []Object
	var need int64
	for _, object := range objects {
		if !filepath.IsLocal(filepath.FromSlash(object.Name)) || strings.SplitN(object.Name, "/", 2)[0] == private {
			return Report{}, fmt.Errorf("the object %q cannot be a file in the cache; rename it", object.Name)
		}
		report.Bytes += object.Size
		if !cache.holds(known, object) {
			missing = append(missing, object)
			need += object.Size
		}
	}
	if err := cache.drop(known, objects); err != nil {
		return Report{}, err
	}
	if free, err := options.Free(options.Dir); err == nil && free+cache.underWay() < need {
		return Report{}, fmt.Errorf("the weights need %d bytes more, the disk of %s has %d; raise the group's volume", need, options.Dir, free)
	}
	progress := startProgress(options.Log, need)
	defer progress.stop()
	for _, object := range missing {
		if err := download(ctx, options, cache, object, progress); err != nil {
			return report, fmt.Errorf("fetching %s: %w", object.Name, err)
		}
		known[object.Name] = object
		if err := cache.write(known); err != nil {
			return report, err
		}
	}
	report.Fetched = progress.fetched()
	return report, nil
}

// cache is the folder and what is known of its files.
type cache struct{ dir string }

func (c cache) path(object Object) string {
	return filepath.Join(c.dir, filepath.FromSlash(object.Name))
}

func (c cache) manifest() string { return filepath.Join(c.dir, private, "manifest.json") }

// read returns the files that are whole, by name. A manifest that cannot be
// read is one that knows nothing: the files are fetched again.
func (c cache) read() map[string]Object {
	known := map[string]Object{}
	raw, err := os.ReadFile(c.manifest())
	if err != nil || json.Unmarshal(raw, &known) != nil {
		return map[string]Object{}
	}
	return known
}

func (c cache) write(known map[string]Object) error {
	raw, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("recording what the cache holds: %w", err)
	}
	if err := replaceFile(c.manifest(), raw); err != nil {
		return fmt.Errorf("recording what the cache holds: %w", err)
	}
	return nil
}

func (c cache) holds(known map[string]Object, object Object) bool {
	if known[object.Name] != object {
		return false
	}
	info, err := os.Stat(c.path(object))
	return err == nil && info.Size() == object.Size
}

// drop removes files that an earlier fetch brought and that are no longer
// listed: loaders take every shard that they find.
func (c cache) drop(known map[string]Object, listed []Object) error {
	wanted := make(map[string]bool, len(listed))
	for _, object := range listed {
		wanted[object.Name] = true
	}
	for name, object := range known {
		if wanted[name] || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		if err := forget(c.path(object)); err != nil {
			return fmt.Errorf("removing weights that are no longer listed: %w", err)
		}
		delete(known, name)
	}
	return nil
}

// underWay is how much of the need is on the disk already.
func (c cache) underWay() int64 {
	var sum int64
	entries, _ := os.ReadDir(filepath.Join(c.dir, private))
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			sum += allocated(info)
		}
	}
	return sum
}

func replaceFile(path string, content []byte) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// pause waits unless the context ends first.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
