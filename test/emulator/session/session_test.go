package session_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
	"tandem/test/emulator/session"
)

func TestAnApplicationIsDeployedUsedAndDestroyed(t *testing.T) {
	checkout.Need(t, checkout.Ministack, checkout.CDK, checkout.Node)
	var output bytes.Buffer
	s, err := session.Open(t.Context(), session.Options{Synthesised: "testdata/app", Output: &output})
	require.NoError(t, err, output.String())
	defer func() { require.NoError(t, s.Close()) }()
	require.Contains(t, output.String(), "dropped small-State AWS::EC2::EIP Address: the emulator has no such type")
	require.Contains(t, output.String(), "deployed 3 of 4 resources")

	queue, err := s.Find("AWS::SQS::Queue", "Queue")
	require.NoError(t, err)
	_, err = sqs.NewFromConfig(s.Emulator.Config()).SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String(queue.ID), MessageBody: aws.String("hello"),
	})
	require.NoError(t, err)
	_, err = s.API()
	require.ErrorContains(t, err, "there are 0 APIs")

	require.NoError(t, s.Destroy(t.Context()))
	stacks, err := cloudformation.NewFromConfig(s.Emulator.Config()).DescribeStacks(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, stacks.Stacks)
}

func TestAFailedDeploymentShowsWhatWasSaid(t *testing.T) {
	checkout.Need(t, checkout.Ministack, checkout.CDK, checkout.Node)
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS("testdata/app")))
	template := filepath.Join(folder, "small-Compute.template.json")
	raw, err := os.ReadFile(template)
	require.NoError(t, err)
	raw = bytes.ReplaceAll(raw, []byte(`"/cdk-bootstrap/`), []byte(`"/no-such-parameter/`))
	require.NoError(t, os.WriteFile(template, raw, 0o600))

	_, err = session.Open(t.Context(), session.Options{Synthesised: folder})
	require.ErrorContains(t, err, "deploying stack small-Compute on the emulator")
	require.ErrorContains(t, err, "/no-such-parameter/")
}
