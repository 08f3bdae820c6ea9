package s3objects_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/documents/s3objects"
	"tandem/test/emulator"
)

func TestObjectsAreReadByVersionAndWrittenOnce(t *testing.T) {
	local := emulator.ForTest(t, emulator.Options{})
	client := s3.NewFromConfig(local.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	objects := s3objects.Objects{Client: client}
	put := func(bucket, key, content string) *s3.PutObjectOutput {
		out, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(content)})
		require.NoError(t, err)
		return out
	}
	newBucket := func(versioned bool) string {
		name := "documents-" + strings.ToLower(rand.Text())
		_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
		require.NoError(t, err)
		if versioned {
			_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &name,
				VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
			require.NoError(t, err)
		}
		return name
	}

	t.Run("the version of the event is read, not the newest", func(t *testing.T) {
		bucket := newBucket(true)
		first, second := put(bucket, "a b/ä.txt", "first"), put(bucket, "a b/ä.txt", "second")
		for version, want := range map[string]string{*first.VersionId: "first", *second.VersionId: "second"} {
			got, err := objects.Read(t.Context(), documents.Source{Bucket: bucket, Key: "a b/ä.txt", Version: version}, 100)
			require.NoError(t, err)
			require.Equal(t, want, string(got))
		}
	})

	t.Run("without versions, content that was replaced is gone", func(t *testing.T) {
		bucket := newBucket(false)
		first := strings.Trim(aws.ToString(put(bucket, "a.txt", "first").ETag), `"`)
		got, err := objects.Read(t.Context(), documents.Source{Bucket: bucket, Key: "a.txt", Version: first}, 100)
		require.NoError(t, err)
		require.Equal(t, "first", string(got))
		put(bucket, "a.txt", "second")
		_, err = objects.Read(t.Context(), documents.Source{Bucket: bucket, Key: "a.txt", Version: first}, 100)
		require.ErrorIs(t, err, documents.ErrGone)
		_, err = objects.Read(t.Context(), documents.Source{Bucket: bucket, Key: "none.txt", Version: first}, 100)
		require.ErrorIs(t, err, documents.ErrGone)
	})

	t.Run("no more than the limit is read", func(t *testing.T) {
		bucket := newBucket(true)
		version := *put(bucket, "a.txt", "12345").VersionId
		source := documents.Source{Bucket: bucket, Key: "a.txt", Version: version}
		_, err := objects.Read(t.Context(), source, 5)
		require.NoError(t, err)
		var rejected *documents.Rejected
		_, err = objects.Read(t.Context(), source, 4)
		require.ErrorAs(t, err, &rejected)
	})

	t.Run("a result is written once", func(t *testing.T) {
		bucket := newBucket(true)
		require.NoError(t, objects.Write(t.Context(), bucket, "r.json", []byte("1")))
		require.ErrorIs(t, objects.Write(t.Context(), bucket, "r.json", []byte("2")), documents.ErrWritten)
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("r.json")})
		require.NoError(t, err)
		require.Equal(t, "application/json", *out.ContentType)
		require.EqualValues(t, 1, *out.ContentLength)
		require.Error(t, objects.Write(t.Context(), bucket+"-none", "r.json", nil))
	})
}
