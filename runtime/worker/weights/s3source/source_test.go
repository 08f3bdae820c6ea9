package s3source_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/worker/weights"
	"tandem/runtime/worker/weights/s3source"
)

// fakeS3 lists keys two a page and answers what a test says of an object.
type fakeS3 struct {
	keys   []string
	head   s3.HeadObjectOutput
	ranged *s3.GetObjectInput
}

func (f *fakeS3) ListObjectsV2(_ context.Context, input *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	from := 0
	_, _ = fmt.Sscan(aws.ToString(input.ContinuationToken), &from)
	output := &s3.ListObjectsV2Output{}
	for _, key := range f.keys[from:min(from+2, len(f.keys))] {
		if len(key) >= len(*input.Prefix) && key[:len(*input.Prefix)] == *input.Prefix {
			output.Contents = append(output.Contents, types.Object{Key: aws.String(key), Size: aws.Int64(int64(len(key))), ETag: aws.String(`"e"`)})
		}
	}
	if from+2 < len(f.keys) {
		output.IsTruncated, output.NextContinuationToken = aws.Bool(true), aws.String(fmt.Sprint(from+2))
	}
	return output, nil
}

func (f *fakeS3) HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	return &f.head, nil
}

func (f *fakeS3) GetObject(_ context.Context, input *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	f.ranged = input
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(nil))}, nil
}

func TestEveryPageOfThePrefixIsListedAndNothingBeside(t *testing.T) {
	client := &fakeS3{keys: []string{"m/llama-old/x", "m/llama/", "m/llama/a", "m/llama/sub/", "m/llama/sub/b", "other"}}
	for _, uri := range []string{"s3://bucket/m/llama", "s3://bucket/m/llama/"} {
		source, err := s3source.New(client, uri)
		require.NoError(t, err)
		objects, err := source.List(t.Context())
		require.NoError(t, err)
		require.Equal(t, []weights.Object{{Name: "a", Size: 9, Version: `"e"`}, {Name: "sub/b", Size: 13, Version: `"e"`}}, objects)
	}
}

func TestTheChecksumIsTheStrongestThatIsOfTheWholeObject(t *testing.T) {
	const md5 = "0123456789abcdef0123456789abcdef"
	for name, row := range map[string]struct {
		head    s3.HeadObjectOutput
		version string
		want    weights.Checksum
	}{
		"as S3 keeps by default":     {s3.HeadObjectOutput{ChecksumCRC64NVME: aws.String("c"), ChecksumType: types.ChecksumTypeFullObject}, `"` + md5 + `-2"`, weights.Checksum{Algorithm: "CRC64NVME", Value: "c"}},
		"SHA256 of one upload":       {s3.HeadObjectOutput{ChecksumSHA256: aws.String("s"), ChecksumType: types.ChecksumTypeFullObject}, `"` + md5 + `"`, weights.Checksum{Algorithm: "SHA256", Value: "s"}},
		"the MD5 of an old upload":   {s3.HeadObjectOutput{}, `"` + md5 + `"`, weights.Checksum{Algorithm: "MD5", Value: md5}},
		"the MD5 with S3's own key":  {s3.HeadObjectOutput{ServerSideEncryption: types.ServerSideEncryptionAes256}, `"` + md5 + `"`, weights.Checksum{Algorithm: "MD5", Value: md5}},
		"none under a KMS key":       {s3.HeadObjectOutput{ServerSideEncryption: types.ServerSideEncryptionAwsKms}, `"` + md5 + `"`, weights.Checksum{}},
		"none of a composite upload": {s3.HeadObjectOutput{ChecksumSHA256: aws.String("s-2"), ChecksumType: types.ChecksumTypeComposite}, `"` + md5 + `-2"`, weights.Checksum{}},
	} {
		t.Run(name, func(t *testing.T) {
			source, err := s3source.New(&fakeS3{head: row.head}, "s3://bucket/m/")
			require.NoError(t, err)
			got, err := source.Checksum(t.Context(), weights.Object{Name: "a", Version: row.version})
			require.NoError(t, err)
			require.Equal(t, row.want, got)
		})
	}
}

func TestARangeIsOfTheVeryObjectThatWasListed(t *testing.T) {
	client := &fakeS3{}
	source, err := s3source.New(client, "s3://bucket/m/")
	require.NoError(t, err)
	body, err := source.Range(t.Context(), weights.Object{Name: "a", Version: `"e"`}, 100, 50)
	require.NoError(t, err)
	require.NoError(t, body.Close())
	require.Equal(t, "bytes=100-149", *client.ranged.Range)
	require.Equal(t, `"e"`, *client.ranged.IfMatch)
	require.Equal(t, "m/a", *client.ranged.Key)
}

func TestALocationThatIsNotAPrefixOfABucketIsRefused(t *testing.T) {
	for _, uri := range []string{"", "bucket/m", "https://bucket/m", "s3://", "s3:///m"} {
		_, err := s3source.New(&fakeS3{}, uri)
		require.ErrorContains(t, err, "s3://bucket/prefix/", uri)
	}
}
