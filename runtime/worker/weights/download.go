package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// partial is a file under way and which of its parts are on the disk.
type partial struct {
	file     *os.File
	path     string
	object   Object
	partSize int64

	mutex sync.Mutex
	done  []bool
	dirty bool
}

// record is how a partial file is remembered.
type record struct {
	Object   Object
	PartSize int64
	Done     []bool
}

// download brings one object to the disk, checks it and gives it its name.
func download(ctx context.Context, options Options, cache cache, object Object, progress *progress) error {
	part, err := openPartial(cache.dir, object, options.PartSize)
	if err != nil {
		return err
	}
	defer part.file.Close()
	progress.skip(part.have())
	if err := part.fetch(ctx, options, progress); err != nil {
		return err
	}
	checksum, err := options.Source.Checksum(ctx, object)
	if err != nil {
		return fmt.Errorf("asking for the checksum: %w", err)
	}
	if err := checksum.verify(io.NewSectionReader(part.file, 0, object.Size)); err != nil {
		// Nothing tells which part is wrong.
		return errors.Join(fmt.Errorf("verifying: %w; it is fetched anew next time", err), part.discard())
	}
	return part.publish(cache.path(object))
}

// openPartial goes on with what an earlier fetch left, if it is of this very content.
func openPartial(dir string, object Object, partSize int64) (*partial, error) {
	sum := sha256.Sum256([]byte(object.Name))
	path := filepath.Join(dir, private, hex.EncodeToString(sum[:8])+".part")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	p := &partial{file: file, path: path, object: object, partSize: partSize}
	var known record
	raw, err := os.ReadFile(path + ".json")
	parts := int((object.Size + partSize - 1) / partSize)
	if err == nil && json.Unmarshal(raw, &known) == nil &&
		known.Object == object && known.PartSize == partSize && len(known.Done) == parts {
		p.done = known.Done
		return p, nil
	}
	p.done = make([]bool, parts)
	if err := errors.Join(file.Truncate(0), file.Truncate(object.Size)); err != nil {
		file.Close()
		return nil, err
	}
	return p, nil
}

func (p *partial) length(part int) int64 {
	return min(p.partSize, p.object.Size-int64(part)*p.partSize)
}

func (p *partial) have() (bytes int64) {
	for part, done := range p.done {
		if done {
			bytes += p.length(part)
		}
	}
	return bytes
}

func (p *partial) fetch(ctx context.Context, options Options, progress *progress) error {
	group, groupContext := errgroup.WithContext(ctx)
	group.SetLimit(options.Connections)
	saved := make(chan struct{})
	stop := make(chan struct{})
	go func() { defer close(saved); p.saveOften(stop) }()
	for part := range p.done {
		if p.done[part] || groupContext.Err() != nil {
			continue
		}
		group.Go(func() error { return p.fetchPart(groupContext, options, part, progress) })
	}
	err := group.Wait()
	close(stop)
	<-saved
	return errors.Join(err, p.save())
}

// fetchPart retries from where the connection broke.
func (p *partial) fetchPart(ctx context.Context, options Options, part int, progress *progress) error {
	start, length := int64(part)*p.partSize, p.length(part)
	var have int64
	for try := 0; ; try++ {
		n, err := p.copyRange(ctx, options.Source, start+have, length-have, progress)
		have += n
		if err == nil && have == length {
			p.mutex.Lock()
			p.done[part], p.dirty = true, true
			p.mutex.Unlock()
			return nil
		}
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		if try >= options.Retries || ctx.Err() != nil {
			return fmt.Errorf("bytes %d to %d: %w", start+have, start+length-1, err)
		}
		if err := pause(ctx, min(time.Second<<try/4, 10*time.Second)); err != nil {
			return err
		}
	}
}

func (p *partial) copyRange(ctx context.Context, source Source, offset, length int64, progress *progress) (int64, error) {
	body, err := source.Range(ctx, p.object, offset, length)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	return io.Copy(io.NewOffsetWriter(p.file, offset), io.LimitReader(progress.count(body), length))
}

func (p *partial) saveOften(stop <-chan struct{}) {
	ticker := time.NewTicker(2 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = p.save()
		case <-stop:
			return
		}
	}
}

// save records the parts only once their bytes are on the disk, so that a host
// that loses power does not take holes for weights.
func (p *partial) save() error {
	p.mutex.Lock()
	known := record{Object: p.object, PartSize: p.partSize, Done: append([]bool(nil), p.done...)}
	dirty := p.dirty
	p.dirty = false
	p.mutex.Unlock()
	if !dirty {
		return nil
	}
	if err := p.file.Sync(); err != nil {
		return err
	}
	raw, err := json.Marshal(known)
	if err != nil {
		return err
	}
	return replaceFile(p.path+".json", raw)
}

func (p *partial) discard() error {
	return errors.Join(os.Remove(p.path), forget(p.path+".json"))
}

func (p *partial) publish(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.Rename(p.path, path); err != nil {
		return err
	}
	return forget(p.path + ".json")
}

// forget removes a file that may not be there.
func forget(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
