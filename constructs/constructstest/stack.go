package constructstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/stretchr/testify/require"
)

// Account and Region that test stacks are deployed to.
const (
	Account = "123456789012"
	Region  = "us-east-1"
)

// App returns an empty app with the feature flags of cdk.json, so that a test
// sees the templates that cdk synth writes.
func App(t testing.TB) awscdk.App {
	t.Helper()
	return awscdk.NewApp(&awscdk.AppProps{
		Outdir:             jsii.String(t.TempDir()),
		Context:            featureFlags(t),
		AnalyticsReporting: jsii.Bool(false),
	})
}

// Stack returns an empty stack in an app of its own.
func Stack(t testing.TB) awscdk.Stack {
	t.Helper()
	return StackIn(App(t), "Test")
}

// StackIn returns an empty stack in an app, for tests of what stacks share.
func StackIn(app awscdk.App, id string) awscdk.Stack {
	return awscdk.NewStack(app, &id, &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(Account), Region: jsii.String(Region)},
	})
}

// VPC adds a VPC with two zones and private subnets, and looks nothing up.
func VPC(stack awscdk.Stack) awsec2.Vpc {
	vpc := awsec2.NewVpc(stack, jsii.String("VPC"), &awsec2.VpcProps{
		AvailabilityZones:            jsii.Strings(Region+"a", Region+"b"),
		NatGateways:                  jsii.Number(1),
		RestrictDefaultSecurityGroup: jsii.Bool(false),
	})
	cdknag.NagSuppressions_AddResourceSuppressions(vpc, &[]*cdknag.NagPackSuppression{{
		Id:     jsii.String("AwsSolutions-VPC7"),
		Reason: jsii.String("this VPC is a test's surroundings and is never deployed"),
	}}, nil)
	return vpc
}

// Cluster adds an ECS cluster with a VPC.
func Cluster(stack awscdk.Stack) awsecs.Cluster {
	return awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                            VPC(stack),
		EnableFargateCapacityProviders: jsii.Bool(true),
		ContainerInsightsV2:            awsecs.ContainerInsights_ENABLED,
	})
}

// featureFlags reads the context of the cdk.json at the module's root; there
// are none while the file does not exist. Annotations stay out of the CDK's
// validation report, which would end the synth of a stack whose findings a test
// wants to read.
func featureFlags(t testing.TB) *map[string]any {
	t.Helper()
	var file struct {
		Context map[string]any `json:"context"`
	}
	root, err := moduleRoot()
	require.NoError(t, err)
	raw, err := os.ReadFile(filepath.Join(root, "cdk.json"))
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &file), "cdk.json")
	}
	context := map[string]any{}
	maps.Copy(context, file.Context)
	context["@aws-cdk/core:annotationsInValidationReport"] = false
	context["aws:cdk:disable-creation-stack-traces"] = true
	return &context
}

func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the module's root: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("finding the module's root: no go.mod above the test's folder")
		}
		folder = parent
	}
}
