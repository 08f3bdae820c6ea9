// Package s3objects reads uploads from S3 and writes results to it.
package s3objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"tandem/runtime/documents"
)

// Client is what the store calls of S3.
type Client interface {
	GetObject(ctx context.Context, in *s3.GetObjectInput, options ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(ctx context.Context, in *s3.PutObjectInput, options ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Objects implements documents.Objects.
type Objects struct{ Client Client }

var _ documents.Objects = Objects{}

// Read implements documents.Objects. It reads the very version of the event
// where the bucket has versions, else whatever the key holds if its ETag is still
// the event's.
func (o Objects) Read(ctx context.Context, source documents.Source, limit int64) ([]byte, error) {
	out, err := o.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &source.Bucket, Key: &source.Key, VersionId: &source.Version})
	if code(err) == "InvalidArgument" || code(err) == "NoSuchVersion" {
		out, err = o.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &source.Bucket, Key: &source.Key, IfMatch: &source.Version})
	}
	switch code(err) {
	case "":
	case "NoSuchKey", "NoSuchVersion", "NotFound", "PreconditionFailed", "MethodNotAllowed":
		return nil, documents.ErrGone
	default:
		return nil, fmt.Errorf("reading %s from bucket %s: %w", source.Key, source.Bucket, err)
	}
	defer out.Body.Close()
	content, err := io.ReadAll(io.LimitReader(out.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s from bucket %s: %w", source.Key, source.Bucket, err)
	}
	if int64(len(content)) > limit {
		return nil, &documents.Rejected{Reason: fmt.Sprintf("the document has more than %d bytes", limit)}
	}
	return content, nil
}

// Write implements documents.Objects.
func (o Objects) Write(ctx context.Context, bucket, key string, content []byte) error {
	_, err := o.Client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(content), ContentType: aws.String("application/json"),
		IfNoneMatch: aws.String("*"),
	})
	if code(err) == "PreconditionFailed" {
		return documents.ErrWritten
	}
	if err != nil {
		// ConditionalRequestConflict is among these: another write is under way.
		return fmt.Errorf("writing %s to bucket %s: %w", key, bucket, err)
	}
	return nil
}

// code is an API error's, "other" for any other error, or empty for none.
func code(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	default:
		return "other"
	}
}
