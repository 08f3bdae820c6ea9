package weights_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/worker/weights"
)

// fakeSource is a bucket in memory that counts and can misbehave.
type fakeSource struct {
	files map[string][]byte
	// fail is asked before each range; an error breaks it off halfway.
	fail func(name string, offset int64) error
	// lie is a checksum that does not fit.
	lie bool

	mutex   sync.Mutex
	ranges  int
	bytes   int64
	running int
	most    int
}

func (s *fakeSource) List(context.Context) (objects []weights.Object, err error) {
	for name, content := range s.files {
		objects = append(objects, weights.Object{Name: name, Size: int64(len(content)), Version: version(content)})
	}
	return objects, nil
}

func version(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }

func (s *fakeSource) Checksum(_ context.Context, object weights.Object) (weights.Checksum, error) {
	sum := sha256.Sum256(s.files[object.Name])
	if s.lie {
		sum[0]++
	}
	return weights.Checksum{Algorithm: "SHA256", Value: base64.StdEncoding.EncodeToString(sum[:])}, nil
}

func (s *fakeSource) Range(ctx context.Context, object weights.Object, offset, length int64) (io.ReadCloser, error) {
	s.mutex.Lock()
	s.ranges++
	s.bytes += length
	s.running++
	s.most = max(s.most, s.running)
	s.mutex.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	content := s.files[object.Name][offset : offset+length]
	if s.fail != nil {
		if err := s.fail(object.Name, offset); err != nil {
			return s.done(io.MultiReader(bytes.NewReader(content[:len(content)/2]), broken{err})), nil
		}
	}
	return s.done(bytes.NewReader(content)), nil
}

func (s *fakeSource) done(body io.Reader) io.ReadCloser {
	return closing{body, func() {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		s.running--
	}}
}

type closing struct {
	io.Reader
	closed func()
}

func (c closing) Close() error { c.closed(); return nil }

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func content(size int) []byte {
	random := rand.NewChaCha8([32]byte{byte(size)})
	raw := make([]byte, size)
	_, _ = random.Read(raw)
	return raw
}

func (s *fakeSource) options(t interface{ TempDir() string }) weights.Options {
	return weights.Options{Source: s, Dir: t.TempDir(), PartSize: 64 << 10, Connections: 4, Retries: 2}
}

func (s *fakeSource) requireAll(t require.TestingT, dir string) {
	for name, want := range s.files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), name)
	}
}

func model() *fakeSource {
	return &fakeSource{files: map[string][]byte{
		"config.json": content(700), "shards/1.safetensors": content(1 << 20), "shards/2.safetensors": content(300_001), "empty": {},
	}}
}

func TestWeightsAreFetchedInParallelRangesAndOnlyOnce(t *testing.T) {
	source := model()
	// A file's first range waits for its second, which comes only where they are fetched in parallel.
	var asked atomic.Int32
	second := make(chan struct{})
	source.fail = func(name string, _ int64) error {
		if name != "shards/1.safetensors" {
			return nil
		}
		switch asked.Add(1) {
		case 1:
			select {
			case <-second:
			case <-time.After(10 * time.Second):
			}
		case 2:
			close(second)
		}
		return nil
	}
	options := source.options(t)
	report, err := weights.Fetch(t.Context(), options)
	require.NoError(t, err)
	source.requireAll(t, options.Dir)
	require.Equal(t, weights.Report{Files: 4, Bytes: 1<<20 + 300_001 + 700, Fetched: 1<<20 + 300_001 + 700}, report)
	require.Greater(t, source.most, 1)
	require.LessOrEqual(t, source.most, 4)

	ranges := source.ranges
	report, err = weights.Fetch(t.Context(), options)
	require.NoError(t, err)
	require.Zero(t, report.Fetched)
	require.Equal(t, ranges, source.ranges, "the second task finds them there")
}

func TestAConnectionThatBreaksGoesOnWhereItBroke(t *testing.T) {
	source := model()
	var mutex sync.Mutex
	broke := map[int64]bool{}
	source.fail = func(name string, offset int64) error {
		mutex.Lock()
		defer mutex.Unlock()
		if name != "shards/1.safetensors" || broke[offset] || offset%(64<<10) != 0 {
			return nil
		}
		broke[offset] = true
		return io.ErrUnexpectedEOF
	}
	options := source.options(t)
	report, err := weights.Fetch(t.Context(), options)
	require.NoError(t, err)
	source.requireAll(t, options.Dir)
	require.Equal(t, report.Bytes, report.Fetched, "no byte comes twice")
}

func TestAFetchThatWasKilledGoesOnWithTheParts(t *testing.T) {
	source := model()
	down := errors.New("no route to host")
	source.fail = func(_ string, offset int64) error {
		if offset >= 512<<10 {
			return down
		}
		return nil
	}
	options := source.options(t)
	options.Retries = 1
	_, err := weights.Fetch(t.Context(), options)
	require.ErrorIs(t, err, down)
	require.NoFileExists(t, filepath.Join(options.Dir, "shards/1.safetensors"), "a part of a file never bears its name")

	source.fail, source.bytes = nil, 0
	_, err = weights.Fetch(t.Context(), options)
	require.NoError(t, err)
	source.requireAll(t, options.Dir)
	require.LessOrEqual(t, source.bytes, int64(1<<20), "what was there is kept")
}

func TestPartsOfAnOlderVersionAreNotMixedWithTheNew(t *testing.T) {
	source := &fakeSource{files: map[string][]byte{"model": content(1 << 20)}}
	down := errors.New("no route to host")
	source.fail = func(_ string, offset int64) error {
		if offset >= 512<<10 {
			return down
		}
		return nil
	}
	options := source.options(t)
	options.Retries = 1
	_, err := weights.Fetch(t.Context(), options)
	require.ErrorIs(t, err, down)
	source.fail = nil
	source.files["model"] = bytes.Repeat([]byte{7}, 1<<20)
	_, err = weights.Fetch(t.Context(), options)
	require.NoError(t, err)
	source.requireAll(t, options.Dir)
}

func TestWeightsThatDoNotAddUpAreNotGivenOut(t *testing.T) {
	source := model()
	source.lie = true
	options := source.options(t)
	_, err := weights.Fetch(t.Context(), options)
	require.ErrorContains(t, err, "SHA256")
	source.lie = false
	_, err = weights.Fetch(t.Context(), options)
	require.NoError(t, err)
	source.requireAll(t, options.Dir)
}

func TestAFileThatChangedOnTheDiskOrInTheSourceIsFetchedAgain(t *testing.T) {
	source := model()
	options := source.options(t)
	_, err := weights.Fetch(t.Context(), options)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(filepath.Join(options.Dir, "config.json"), 10))
	source.files["shards/1.safetensors"] = content(900_000)
	delete(source.files, "shards/2.safetensors")
	require.NoError(t, os.WriteFile(filepath.Join(options.Dir, "notes.txt"), nil, 0o600))
	_, err = weights.Fetch(t.Context(), options)
	require.NoError(t, err)
	source.requireAll(t, options.Dir)
	require.NoFileExists(t, filepath.Join(options.Dir, "shards/2.safetensors"), "a shard that is no longer listed")
	require.FileExists(t, filepath.Join(options.Dir, "notes.txt"), "what the cache did not bring is not its own")
}

func TestTasksOfOneHostShareOneDownload(t *testing.T) {
	source := model()
	options := source.options(t)
	var tasks sync.WaitGroup
	fetched := make(chan int64, 4)
	for range 4 {
		tasks.Go(func() {
			report, err := weights.Fetch(t.Context(), options)
			if err != nil {
				fetched <- -1
				return
			}
			fetched <- report.Fetched
		})
	}
	tasks.Wait()
	close(fetched)
	var sum int64
	for bytes := range fetched {
		sum += bytes
	}
	require.EqualValues(t, 1<<20+300_001+700, sum)
}

func TestAFetchThatWaitsForAnotherEndsWithItsContext(t *testing.T) {
	source := model()
	options := source.options(t)
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	source.fail = func(string, int64) error {
		once.Do(func() { close(entered) })
		<-release
		return nil
	}
	first := make(chan error, 1)
	go func() { _, err := weights.Fetch(context.Background(), options); first <- err }()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := weights.Fetch(ctx, options)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(release)
	require.NoError(t, <-first)
}

func TestADiskThatIsTooSmallIsSaidBeforeTheDownload(t *testing.T) {
	source := model()
	options := source.options(t)
	options.Free = func(string) (int64, error) { return 1000, nil }
	_, err := weights.Fetch(t.Context(), options)
	require.ErrorContains(t, err, "volume")
	require.Zero(t, source.ranges)
}

func TestNamesThatLeadOutOfTheCacheAreRefused(t *testing.T) {
	for _, name := range []string{"../evil", "/etc/passwd", "a/../../b", ".tandem/lock", ".tandem", ""} {
		source := &fakeSource{files: map[string][]byte{name: {1}}}
		_, err := weights.Fetch(t.Context(), source.options(t))
		require.ErrorContains(t, err, "cannot be a file", name)
	}
}

func TestAnEmptyPrefixIsAMistake(t *testing.T) {
	source := &fakeSource{}
	_, err := weights.Fetch(t.Context(), source.options(t))
	require.ErrorContains(t, err, "weights.uri")
}

// However a fetch is disturbed, what it gives out is whole.
func TestWhateverBreaksTheFilesThatAppearAreWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		source := &fakeSource{files: map[string][]byte{}}
		for i := range rapid.IntRange(1, 4).Draw(rt, "files") {
			source.files[fmt.Sprint("f", i)] = content(rapid.IntRange(0, 5000).Draw(rt, "size"))
		}
		dir := t.TempDir()
		options := weights.Options{Source: source, Dir: dir, PartSize: rapid.Int64Range(1, 2000).Draw(rt, "part"), Connections: 3, Retries: 1}
		for range rapid.IntRange(0, 3).Draw(rt, "disturbed") {
			broken := int64(rapid.IntRange(0, 5000).Draw(rt, "broken from"))
			source.fail = func(_ string, offset int64) error {
				if offset >= broken {
					return io.ErrUnexpectedEOF
				}
				return nil
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(5*time.Millisecond, cancel)
			_, _ = weights.Fetch(ctx, options)
			for name, want := range source.files {
				if got, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
					require.True(rt, bytes.Equal(want, got))
				}
			}
		}
		source.fail = nil
		_, err := weights.Fetch(t.Context(), options)
		require.NoError(rt, err)
		source.requireAll(rt, dir)
	})
}
