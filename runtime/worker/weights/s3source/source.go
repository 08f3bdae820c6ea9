// Package s3source reads model weights from an S3 prefix.
package s3source

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"tandem/runtime/worker/weights"
)

// Client is what is needed of S3.
type Client interface {
	s3.ListObjectsV2APIClient
	s3.HeadObjectAPIClient
	GetObject(ctx context.Context, input *s3.GetObjectInput, options ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

var _ weights.Source = (*Source)(nil)

// Source is one prefix of one bucket.
type Source struct {
	client         Client
	bucket, prefix string
}

// New returns the source that an s3:// URI names.
func New(client Client, uri string) (*Source, error) {
	parsed, err := url.Parse(uri)
	if err != nil || parsed.Scheme != "s3" || parsed.Host == "" {
		return nil, fmt.Errorf("the weights' location %q is not of the form s3://bucket/prefix/", uri)
	}
	prefix := strings.TrimPrefix(parsed.Path, "/")
	// Without the slash models/llama would also bring models/llama-old.
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return &Source{client: client, bucket: parsed.Host, prefix: prefix}, nil
}

// List implements [weights.Source].
func (s *Source) List(ctx context.Context) ([]weights.Object, error) {
	var objects []weights.Object
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: &s.prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing s3://%s/%s: %w", s.bucket, s.prefix, err)
		}
		for _, object := range page.Contents {
			name := strings.TrimPrefix(aws.ToString(object.Key), s.prefix)
			// Consoles make empty objects to show folders.
			if name == "" || strings.HasSuffix(name, "/") {
				continue
			}
			objects = append(objects, weights.Object{Name: name, Size: aws.ToInt64(object.Size), Version: aws.ToString(object.ETag)})
		}
	}
	return objects, nil
}

// Checksum implements [weights.Source]: what S3 keeps of the whole object, or
// the ETag where that is the content's MD5. An object uploaded in parts with
// composite checksums has neither, and is only checked by its size.
func (s *Source) Checksum(ctx context.Context, object weights.Object) (weights.Checksum, error) {
	head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &s.bucket, Key: aws.String(s.prefix + object.Name), IfMatch: &object.Version, ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil {
		return weights.Checksum{}, fmt.Errorf("asking S3 about %s: %w", object.Name, err)
	}
	if head.ChecksumType != types.ChecksumTypeComposite {
		for _, known := range []weights.Checksum{
			{Algorithm: "CRC64NVME", Value: aws.ToString(head.ChecksumCRC64NVME)},
			{Algorithm: "CRC32C", Value: aws.ToString(head.ChecksumCRC32C)},
			{Algorithm: "CRC32", Value: aws.ToString(head.ChecksumCRC32)},
			{Algorithm: "SHA256", Value: aws.ToString(head.ChecksumSHA256)},
		} {
			if known.Value != "" {
				return known, nil
			}
		}
	}
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, 2026-11-24:
	// not the MD5 when uploaded in parts or encrypted with KMS.
	md5 := strings.Trim(object.Version, `"`)
	kms := head.ServerSideEncryption != "" && head.ServerSideEncryption != types.ServerSideEncryptionAes256
	if len(md5) == 32 && !kms && head.SSECustomerAlgorithm == nil {
		return weights.Checksum{Algorithm: "MD5", Value: md5}, nil
	}
	return weights.Checksum{}, nil
}

// Range implements [weights.Source].
func (s *Source) Range(ctx context.Context, object weights.Object, offset, length int64) (io.ReadCloser, error) {
	output, err := s.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &s.bucket, Key: aws.String(s.prefix + object.Name), IfMatch: &object.Version,
		Range: aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1)),
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s from S3: %w", object.Name, err)
	}
	return output.Body, nil
}
