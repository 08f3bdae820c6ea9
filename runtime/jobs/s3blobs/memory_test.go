package s3blobs

import (
	"context"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
)

// sink takes parts and keeps nothing but how many came at once. The first part
// waits for a second.
type sink struct {
	Client
	two          chan struct{}
	once         sync.Once
	atOnce, most atomic.Int32
	bytes        atomic.Int64
}

func (s *sink) CreateMultipartUpload(context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error) {
	return &s3.CreateMultipartUploadOutput{UploadId: aws.String("u")}, nil
}

func (s *sink) UploadPart(_ context.Context, in *s3.UploadPartInput, _ ...func(*s3.Options)) (*s3.UploadPartOutput, error) {
	now := s.atOnce.Add(1)
	defer s.atOnce.Add(-1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	if s.two != nil {
		if now > 1 {
			s.once.Do(func() { close(s.two) })
		}
		<-s.two
	}
	read, err := io.Copy(io.Discard, in.Body)
	s.bytes.Add(read)
	return &s3.UploadPartOutput{ETag: aws.String("e")}, err
}

func (s *sink) CompleteMultipartUpload(context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error) {
	return &s3.CompleteMultipartUploadOutput{}, nil
}

type zeros struct{}

func (zeros) Read(into []byte) (int, error) { return len(into), nil }

// However many large results leave at once, they share the buffers.
func TestManyLargeUploadsTakeTheMemoryOfAFewParts(t *testing.T) {
	const uploads, size = 16, 256 << 20
	sink := &sink{two: make(chan struct{})}
	blobs := New(Options{Client: s3.New(s3.Options{}), Bucket: "b"})
	blobs.client = sink
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var group sync.WaitGroup
	for range uploads {
		group.Go(func() {
			info, err := blobs.Put(t.Context(), "k", io.LimitReader(zeros{}, size), jobs.PutOptions{Size: size})
			if err != nil || info.Size != size {
				t.Errorf("%+v: %v", info, err)
			}
		})
	}
	group.Wait()
	runtime.ReadMemStats(&after)
	require.Equal(t, int64(uploads*size), sink.bytes.Load())
	require.LessOrEqual(t, sink.most.Load(), int32(4))
	allocated := after.TotalAlloc - before.TotalAlloc
	require.Less(t, allocated, uint64(64<<20), "allocated in all, though 4 GiB went through")
}

func TestABlobOfTooManyPartsIsRefused(t *testing.T) {
	sink := &sink{}
	blobs := New(Options{Client: s3.New(s3.Options{}), Bucket: "b", PartSize: 64, Buffers: 1})
	blobs.client = &aborting{sink}
	_, err := blobs.Put(t.Context(), "k", io.LimitReader(zeros{}, 64*maxParts+1), jobs.PutOptions{})
	require.ErrorContains(t, err, "use larger parts")
	_, err = blobs.Put(t.Context(), "k", io.LimitReader(zeros{}, 64*maxParts), jobs.PutOptions{})
	require.NoError(t, err)
}

type aborting struct{ *sink }

func (aborting) AbortMultipartUpload(context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error) {
	return &s3.AbortMultipartUploadOutput{}, nil
}
