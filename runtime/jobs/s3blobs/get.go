package s3blobs

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"tandem/runtime/jobs"
)

// Get implements jobs.Blobs. A connection that breaks is resumed where it broke.
func (b *Blobs) Get(ctx context.Context, key string) (io.ReadCloser, jobs.BlobInfo, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: b.bucket, Key: &key})
	if err != nil {
		return nil, jobs.BlobInfo{}, fmt.Errorf("reading blob %s: %w", key, missing(err))
	}
	info := jobs.BlobInfo{Key: key, ContentType: aws.ToString(out.ContentType), Size: aws.ToInt64(out.ContentLength)}
	return &download{Blobs: b, ctx: ctx, key: key, etag: out.ETag, size: info.Size, body: out.Body}, info, nil
}

// maxResumes bounds how often one download is resumed without getting on.
const maxResumes = 4

// download is the body of a blob. It holds the context of Get, since io.Reader
// has no place for one.
type download struct {
	*Blobs
	ctx     context.Context
	key     string
	etag    *string
	size    int64
	at      int64
	resumes int
	body    io.ReadCloser
}

// Read implements io.Reader.
func (d *download) Read(into []byte) (int, error) {
	for {
		read, err := d.body.Read(into)
		d.at += int64(read)
		switch {
		case d.at >= d.size:
			// The end, or a checksum that does not match: nothing to resume.
			return read, err
		case read > 0:
			d.resumes = 0
			return read, nil
		case err == nil:
			return 0, nil
		}
		if err := d.resume(err); err != nil {
			return 0, err
		}
	}
}

// resume opens the rest of the very same blob.
func (d *download) resume(broken error) error {
	if d.resumes++; d.resumes > maxResumes || d.ctx.Err() != nil {
		return fmt.Errorf("reading blob %s at byte %d of %d: %w", d.key, d.at, d.size, broken)
	}
	_ = d.body.Close()
	out, err := d.client.GetObject(d.ctx, &s3.GetObjectInput{
		Bucket: d.bucket, Key: &d.key, IfMatch: d.etag, Range: aws.String(fmt.Sprintf("bytes=%d-", d.at)),
	})
	if err != nil {
		d.body = io.NopCloser(failing{err})
		return fmt.Errorf("resuming blob %s at byte %d of %d: %w", d.key, d.at, d.size, err)
	}
	d.body = out.Body
	return nil
}

// Close implements io.Closer.
func (d *download) Close() error { return d.body.Close() }

// failing reads nothing but its error.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
