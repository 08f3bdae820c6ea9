// Package s3blobs keeps payloads in one S3 bucket. Uploads of any size go in
// parts through a few buffers that all uploads of a process share, so a 5 GB
// result takes no more memory than a small one.
//
// Beside reading and writing objects it needs s3:ListBucket: without it, S3
// answers 403 rather than 404 about an object that is not there.
package s3blobs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"tandem/runtime/jobs"
)

// Client is what the store calls of S3.
type Client interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	CopyObject(context.Context, *s3.CopyObjectInput, ...func(*s3.Options)) (*s3.CopyObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
	CreateMultipartUpload(context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error)
	UploadPart(context.Context, *s3.UploadPartInput, ...func(*s3.Options)) (*s3.UploadPartOutput, error)
	CompleteMultipartUpload(context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error)
	AbortMultipartUpload(context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error)
}

// Options configure [Blobs].
type Options struct {
	// Client is required.
	Client *s3.Client
	// Bucket is required.
	Bucket string
	// PartSize in bytes of uploads in parts, at least 5 MiB. A blob has at most
	// 10,000 parts (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html,
	// 2026-11-24). Defaults to 8 MiB: blobs of up to 78 GiB.
	PartSize int
	// Buffers of PartSize that all uploads share. Defaults to 4.
	Buffers int
}

// Blobs implements [jobs.Blobs]. It is safe for concurrent use.
type Blobs struct {
	client   Client
	presign  *s3.PresignClient
	bucket   *string
	partSize int
	buffers  chan []byte
}

var _ jobs.Blobs = (*Blobs)(nil)

// New makes Blobs. Buffers are allocated when they are first needed.
func New(options Options) *Blobs {
	if options.PartSize == 0 {
		options.PartSize = 8 << 20
	}
	if options.Buffers == 0 {
		options.Buffers = 4
	}
	b := &Blobs{
		client: options.Client, bucket: aws.String(options.Bucket), partSize: options.PartSize,
		presign: s3.NewPresignClient(options.Client, func(o *s3.PresignOptions) {
			o.ClientOptions = append(o.ClientOptions, func(o *s3.Options) {
				// A checksum would be signed before the content is known.
				o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
			})
		}),
		buffers: make(chan []byte, options.Buffers),
	}
	for range options.Buffers {
		b.buffers <- nil
	}
	return b
}

// Head implements jobs.Blobs.
func (b *Blobs) Head(ctx context.Context, key string) (jobs.BlobInfo, error) {
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: b.bucket, Key: &key})
	if err != nil {
		return jobs.BlobInfo{}, fmt.Errorf("looking at blob %s: %w", key, missing(err))
	}
	return jobs.BlobInfo{Key: key, ContentType: aws.ToString(out.ContentType), Size: aws.ToInt64(out.ContentLength)}, nil
}

// Copy implements jobs.Blobs, for blobs of up to 5 GiB
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html, 2026-11-24).
func (b *Blobs) Copy(ctx context.Context, from, to string) error {
	source := *b.bucket + "/" + (&url.URL{Path: from}).EscapedPath()
	_, err := b.client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: b.bucket, Key: &to, CopySource: &source})
	if err != nil {
		return fmt.Errorf("copying blob %s to %s: %w", from, to, missing(err))
	}
	return nil
}

// Delete implements jobs.Blobs.
func (b *Blobs) Delete(ctx context.Context, key string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b.bucket, Key: &key})
	if err != nil && !errors.Is(missing(err), jobs.ErrNoBlob) {
		return fmt.Errorf("deleting blob %s: %w", key, err)
	}
	return nil
}

// PresignPut implements jobs.Presigner. The size and type are signed: S3 refuses
// an upload of any other.
func (b *Blobs) PresignPut(ctx context.Context, key, contentType string, size int64, valid time.Duration) (jobs.SignedRequest, error) {
	request, err := b.presign.PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: b.bucket, Key: &key, ContentType: &contentType, ContentLength: &size,
	}, s3.WithPresignExpires(valid))
	if err != nil {
		return jobs.SignedRequest{}, fmt.Errorf("signing an upload to %s: %w", key, err)
	}
	headers := map[string]string{}
	for name := range request.SignedHeader {
		if name != "Host" {
			headers[name] = request.SignedHeader.Get(name)
		}
	}
	return jobs.SignedRequest{Method: request.Method, URL: request.URL, Headers: headers, Expires: expires(valid)}, nil
}

// PresignGet implements jobs.Presigner.
func (b *Blobs) PresignGet(ctx context.Context, key string, valid time.Duration) (jobs.SignedRequest, error) {
	request, err := b.presign.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: b.bucket, Key: &key}, s3.WithPresignExpires(valid))
	if err != nil {
		return jobs.SignedRequest{}, fmt.Errorf("signing a download of %s: %w", key, err)
	}
	return jobs.SignedRequest{Method: request.Method, URL: request.URL, Expires: expires(valid)}, nil
}

// expires is by the machine's own clock, as the signature's date is.
func expires(valid time.Duration) time.Time { return time.Now().Add(valid).UTC().Truncate(time.Second) }

// missing marks the errors of an object that is not there as jobs.ErrNoBlob.
func missing(err error) error {
	// By code rather than by type: the SDK has types for some operations only.
	var api smithy.APIError
	if errors.As(err, &api) && (api.ErrorCode() == "NoSuchKey" || api.ErrorCode() == "NotFound") {
		return fmt.Errorf("%w: %w", jobs.ErrNoBlob, err)
	}
	return err
}
