package emulator_test

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
	"tandem/test/emulator"
)

func TestClientsReachTheEmulatorAndItsAccount(t *testing.T) {
	e := emulator.ForTest(t, emulator.Options{Account: "111122223333"})

	identity, err := sts.NewFromConfig(e.Config()).GetCallerIdentity(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "111122223333", aws.ToString(identity.Account))

	objects := s3.NewFromConfig(e.Config())
	_, err = objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("inputs")})
	require.NoError(t, err)
	_, err = objects.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("inputs"), Key: aws.String("a"), Body: strings.NewReader("text"),
	})
	require.NoError(t, err)
}

func TestTwoEmulatorsDoNotMeet(t *testing.T) {
	one, other := emulator.ForTest(t, emulator.Options{}), emulator.ForTest(t, emulator.Options{})
	require.NotEqual(t, one.Endpoint(), other.Endpoint())

	_, err := s3.NewFromConfig(one.Config()).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("inputs")})
	require.NoError(t, err)
	buckets, err := s3.NewFromConfig(other.Config()).ListBuckets(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, buckets.Buckets)
}

func TestStopLeavesNothingBehind(t *testing.T) {
	checkout.Need(t, checkout.Ministack)
	e, err := emulator.Start(t.Context(), emulator.Options{})
	require.NoError(t, err)
	require.FileExists(t, e.LogFile())

	require.NoError(t, e.Stop())
	require.NoFileExists(t, e.LogFile())
	_, err = net.Dial("tcp", strings.TrimPrefix(e.Endpoint(), "http://"))
	require.ErrorContains(t, err, "refused")
}

func TestAnEmulatorThatCannotStartSaysWhy(t *testing.T) {
	running := emulator.ForTest(t, emulator.Options{})
	_, port, _ := strings.Cut(strings.TrimPrefix(running.Endpoint(), "http://"), ":")
	taken, err := strconv.Atoi(port)
	require.NoError(t, err)

	_, err = emulator.Start(t.Context(), emulator.Options{Port: taken})
	require.ErrorContains(t, err, "already in use")
}

func TestCredentialsOfTheCallerStayOut(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "a-real-one")
	t.Setenv("AWS_PROFILE", "production")
	e := emulator.ForTest(t, emulator.Options{})
	for _, variable := range e.Environ() {
		require.NotContains(t, variable, "a-real-one")
		require.NotContains(t, variable, "production")
	}
	require.NotContains(t, environOf(t, e), "a-real-one")
	require.NotContains(t, environOf(t, e), "production")
}

// environOf reads the environment of the emulator's own process, on Linux.
func environOf(t *testing.T, e *emulator.Emulator) string {
	t.Helper()
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(e.PID()) + "/environ")
	if os.IsNotExist(err) {
		t.Skip("no /proc on this system")
	}
	require.NoError(t, err)
	require.Contains(t, string(raw), "BIND_HOST=127.0.0.1")
	return string(raw)
}
