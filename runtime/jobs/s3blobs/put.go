package s3blobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"tandem/runtime/jobs"
)

// small is up to which size a blob takes no part buffer, so that many slow and
// small results do not wait for a few large ones.
const small = 256 << 10

// maxParts of one upload.
const maxParts = 10_000

// Put implements jobs.Blobs: one request for a small blob, parts for a larger
// one, sent while the rest is read.
func (b *Blobs) Put(ctx context.Context, key string, body io.Reader, options jobs.PutOptions) (jobs.BlobInfo, error) {
	head, err := io.ReadAll(io.LimitReader(body, small+1))
	if err != nil {
		return jobs.BlobInfo{}, fmt.Errorf("reading what is to be stored as %s: %w", key, err)
	}
	info := jobs.BlobInfo{Key: key, ContentType: options.ContentType, Size: int64(len(head))}
	if len(head) <= small {
		if err := checkSize(key, options.Size, info.Size); err != nil {
			return jobs.BlobInfo{}, err
		}
		_, err = b.client.PutObject(ctx, &s3.PutObjectInput{
			Bucket: b.bucket, Key: &key, Body: bytes.NewReader(head), ContentType: contentType(options), ContentLength: aws.Int64(info.Size),
		})
	} else {
		info.Size, err = b.putParts(ctx, key, io.MultiReader(bytes.NewReader(head), body), options)
	}
	if err != nil {
		return jobs.BlobInfo{}, fmt.Errorf("storing blob %s: %w", key, err)
	}
	return info, nil
}

func contentType(options jobs.PutOptions) *string {
	if options.ContentType == "" {
		return nil
	}
	return &options.ContentType
}

// checkSize keeps a body that broke off from being taken for a whole one.
func checkSize(key string, announced, came int64) error {
	if announced > 0 && announced != came {
		return fmt.Errorf("storing blob %s: %d bytes were announced and %d came", key, announced, came)
	}
	return nil
}

// putParts uploads in parts, and leaves nothing behind if anything fails.
func (b *Blobs) putParts(ctx context.Context, key string, body io.Reader, options jobs.PutOptions) (int64, error) {
	created, err := b.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: b.bucket, Key: &key, ContentType: contentType(options),
	})
	if err != nil {
		return 0, err
	}
	upload := &upload{Blobs: b, key: &key, id: created.UploadId}
	size, err := upload.send(ctx, body)
	if err == nil {
		err = checkSize(key, options.Size, size)
	}
	if err == nil {
		err = upload.complete(ctx)
	}
	if err != nil {
		return 0, errors.Join(err, upload.abort(ctx))
	}
	return size, nil
}

// upload is one upload in parts.
type upload struct {
	*Blobs
	key, id *string
	mu      sync.Mutex
	parts   []types.CompletedPart
	failed  error
}

// send reads the body into shared buffers and sends each when it is full.
func (u *upload) send(ctx context.Context, body io.Reader) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var sending sync.WaitGroup
	defer sending.Wait()
	var size int64
	for number := int32(1); ; number++ {
		buffer, err := u.buffer(ctx)
		if err != nil {
			sending.Wait()
			return 0, errors.Join(u.failed, err)
		}
		length, err := io.ReadFull(body, buffer)
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended || length > 0 && number > maxParts {
			u.buffers <- buffer
			if !ended && err != nil {
				return 0, fmt.Errorf("reading what is to be stored: %w", err)
			}
			return 0, fmt.Errorf("more than %d bytes; use larger parts", int64(maxParts)*int64(u.partSize))
		}
		size += int64(length)
		if length == 0 {
			u.buffers <- buffer
			break
		}
		sending.Go(func() {
			defer func() { u.buffers <- buffer }()
			if err := u.part(ctx, number, buffer[:length]); err != nil {
				u.fail(err)
				cancel()
			}
		})
		if ended {
			break
		}
	}
	sending.Wait()
	return size, u.failed
}

// buffer takes one of the shared buffers, waiting until one is free.
func (u *upload) buffer(ctx context.Context) ([]byte, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case buffer := <-u.buffers:
		if buffer == nil {
			buffer = make([]byte, u.partSize)
		}
		return buffer, nil
	}
}

func (u *upload) part(ctx context.Context, number int32, content []byte) error {
	out, err := u.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: u.bucket, Key: u.key, UploadId: u.id, PartNumber: &number,
		Body: bytes.NewReader(content), ContentLength: aws.Int64(int64(len(content))),
	})
	if err != nil {
		return fmt.Errorf("part %d: %w", number, err)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.parts = append(u.parts, types.CompletedPart{
		PartNumber: &number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC64NVME: out.ChecksumCRC64NVME,
	})
	return nil
}

func (u *upload) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.failed == nil {
		u.failed = err
	}
}

func (u *upload) complete(ctx context.Context) error {
	slices.SortFunc(u.parts, func(a, b types.CompletedPart) int { return int(*a.PartNumber - *b.PartNumber) })
	_, err := u.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: u.bucket, Key: u.key, UploadId: u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
	})
	return err
}

// abortFor bounds the clearing up after an upload that failed or was cancelled.
// What it does not get done, the bucket's lifecycle does.
const abortFor = 10 * time.Second

func (u *upload) abort(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortFor)
	defer cancel()
	_, err := u.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: u.bucket, Key: u.key, UploadId: u.id})
	if err != nil {
		return fmt.Errorf("clearing up the parts that were sent: %w", err)
	}
	return nil
}
