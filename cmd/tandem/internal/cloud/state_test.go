package cloud_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/cloud"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/exit"
	"tandem/test/emulator"
)

func TestOnlyTheTenantsPayloadsAreRemoved(t *testing.T) {
	local := emulator.ForTest(t, emulator.Options{})
	client := s3.NewFromConfig(local.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	d := &deployed.Deployment{Bucket: "payloads"}
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &d.Bucket})
	require.NoError(t, err)
	kept := []string{"documents/smoke-1/a", "results/acme/b", "results/smoke-10/c"}
	keys := append([]string{"results/smoke-1/job/1/result", "uploads/smoke-1/x", "inputs/smoke-1/y", "steps/smoke-1/z"}, kept...)
	for i := range 12 {
		keys = append(keys, fmt.Sprintf("checkpoints/smoke-1/%d", i))
	}
	for _, key := range keys {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &d.Bucket, Key: &key, Body: strings.NewReader("x")})
		require.NoError(t, err)
	}
	c := cloud.FromConfig(local.Config())
	require.NoError(t, c.RemovePayloads(t.Context(), d, "smoke-1"))
	left, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &d.Bucket})
	require.NoError(t, err)
	var names []string
	for _, object := range left.Contents {
		names = append(names, aws.ToString(object.Key))
	}
	require.Equal(t, kept, names)
	for _, tenant := range []string{"", "../x", "a/b"} {
		require.Error(t, c.RemovePayloads(t.Context(), d, tenant), "%q would remove what is not its own", tenant)
	}
}

func TestWithoutCredentialsItIsSaidHowToGetSome(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	_, err := cloud.New(t.Context(), "us-east-1")
	require.Equal(t, exit.Refused, exit.Code(err))
	require.ErrorContains(t, err, "set AWS_PROFILE")

	t.Setenv("AWS_ACCESS_KEY_ID", "x")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "y")
	t.Setenv("AWS_REGION", "eu-west-1")
	c, err := cloud.New(t.Context(), "us-east-2")
	require.NoError(t, err)
	require.Equal(t, "us-east-2", c.Config().Region, "the stacks are where the configuration says")
}
