package s3blobs_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/jobstest"
	"tandem/runtime/jobs/s3blobs"
	"tandem/test/emulator"
)

func TestBlobsKeepTheirPromisesOnTheEmulator(t *testing.T) {
	client := s3.NewFromConfig(emulator.ForTest(t, emulator.Options{}).Config())
	jobstest.RunBlobs(t, func(t *testing.T) jobs.Blobs {
		bucket := "blobs-" + uuid.NewString()
		_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(bucket)})
		require.NoError(t, err)
		return s3blobs.New(s3blobs.Options{Client: client, Bucket: bucket})
	})
}
