package gpucapacity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
)

// script returns the user data of every launch template, which are alike.
func script(t *testing.T, template constructstest.Document) string {
	t.Helper()
	var scripts []string
	for _, resource := range template.All("AWS::EC2::LaunchTemplate") {
		data := constructstest.At(t, resource.Properties, "LaunchTemplateData", "UserData", "Fn::Base64")
		scripts = append(scripts, strings.ReplaceAll(constructstest.Text(t, data), `\n`, "\n"))
	}
	require.Len(t, scripts, 2)
	require.Equal(t, scripts[0], scripts[1])
	return scripts[0]
}

func TestTheECSAgentIsConfiguredOnBothGroups(t *testing.T) {
	f := newFixture(t)
	f.props.ReservedMemoryMiB = 384
	text := script(t, f.synth(t))
	for _, line := range []string{
		"echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config",
		"echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config",
		"echo ECS_ENABLE_GPU_SUPPORT=true >> /etc/ecs/ecs.config",
		"echo ECS_IMAGE_PULL_BEHAVIOR=prefer-cached >> /etc/ecs/ecs.config",
		"echo ECS_CONTAINER_STOP_TIMEOUT=110s >> /etc/ecs/ecs.config",
		"echo ECS_RESERVED_MEMORY=384 >> /etc/ecs/ecs.config",
		"install -d -m 0755 '/var/lib/tandem/node'",
		"install -d -m 0755 -o 65532 -g 65532 '/var/cache/tandem/weights'",
	} {
		require.Contains(t, text, line+"\n")
	}
	require.Contains(t, text, "echo ECS_CLUSTER=")
}

func TestTheAgentMayDrainItsOwnInstanceOnASpotNotice(t *testing.T) {
	resources := newFixture(t).synth(t).Allowed(t, "GroupRole", "ecs:UpdateContainerInstancesState")
	require.Len(t, resources, 1)
	require.Contains(t, resources[0], ":container-instance/")
	require.Contains(t, resources[0], `"Ref":"ClusterEB0386A7"`)
}

func TestInstancesMayDoWhatTheAgentDoesAndNothingMore(t *testing.T) {
	template := newFixture(t).synth(t)
	var actions []string
	for _, statement := range template.Statements(t) {
		if !strings.HasPrefix(statement.Policy, "GroupRole") {
			continue
		}
		actions = append(actions, statement.Action)
		require.Equal(t, statement.Action == "ecs:DiscoverPollEndpoint", statement.Resource == "*", statement.Action)
	}
	require.Equal(t, []string{
		"ecs:DeregisterContainerInstance", "ecs:DiscoverPollEndpoint", "ecs:Poll", "ecs:RegisterContainerInstance",
		"ecs:StartTelemetrySession", "ecs:SubmitAttachmentStateChanges", "ecs:SubmitContainerStateChange",
		"ecs:SubmitTaskStateChange", "ecs:UpdateContainerInstancesState",
	}, actions)
	for _, role := range template.All("AWS::IAM::Role") {
		if strings.HasPrefix(role.ID, "GroupRole") {
			require.NotContains(t, role.Properties, "ManagedPolicyArns")
		}
	}
}

func TestMetadataIsServedByVersionTwoAndToTheHostAlone(t *testing.T) {
	for _, resource := range newFixture(t).synth(t).All("AWS::EC2::LaunchTemplate") {
		require.Equal(t, map[string]any{"HttpTokens": "required", "HttpPutResponseHopLimit": 1.0},
			constructstest.At(t, resource.Properties, "LaunchTemplateData", "MetadataOptions"))
	}
}

func TestNobodyReachesAnInstance(t *testing.T) {
	template := newFixture(t).synth(t)
	for _, resource := range template.All("AWS::EC2::SecurityGroup") {
		require.NotContains(t, resource.Properties, "SecurityGroupIngress")
	}
	require.Empty(t, template.All("AWS::EC2::SecurityGroupIngress"))
	for _, resource := range template.All("AWS::EC2::LaunchTemplate") {
		data := constructstest.At(t, resource.Properties, "LaunchTemplateData").(map[string]any)
		require.NotContains(t, data, "KeyName")
		require.NotContains(t, data, "NetworkInterfaces", "a public address would be asked for there")
	}
}

func TestTheVolumeIsEncryptedAndFast(t *testing.T) {
	for name, test := range map[string]struct {
		size, throughput int
		want             map[string]any
	}{
		"by default": {0, 0, map[string]any{"VolumeSize": 100.0, "Throughput": 500.0, "Iops": 3000.0}},
		"above what 3000 IOPS carry more are bought": {200, 1000, map[string]any{"VolumeSize": 200.0, "Throughput": 1000.0, "Iops": 4000.0}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.props.VolumeGiB, f.props.ThroughputMiB = test.size, test.throughput
			test.want["VolumeType"], test.want["Encrypted"], test.want["DeleteOnTermination"] = "gp3", true, true
			for _, resource := range f.synth(t).All("AWS::EC2::LaunchTemplate") {
				mapping := constructstest.At(t, resource.Properties, "LaunchTemplateData", "BlockDeviceMappings", 0)
				require.Equal(t, "/dev/xvda", constructstest.At(t, mapping, "DeviceName"))
				require.Equal(t, test.want, constructstest.At(t, mapping, "Ebs"))
			}
		})
	}
}

func TestTheImageIsResolvedWhenTheStackIsDeployed(t *testing.T) {
	raw := constructstest.Text(t, newFixture(t).synth(t).ToJSON())
	require.Contains(t, raw, "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id")
}

func TestImagesArePulledBeforeTheInstanceTakesWork(t *testing.T) {
	f := newFixture(t)
	f.props.PrePull = []string{
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/models/a:1",
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/models/b@sha256:0123",
		"public.ecr.aws/docker/library/busybox:1",
	}
	template := f.synth(t)
	text := script(t, template)

	require.Equal(t, 1, strings.Count(text, "docker login"), "one login a registry")
	for _, image := range f.props.PrePull {
		require.Contains(t, text, "timeout 600 docker pull --quiet '"+image+"' &\n", "in parallel and not for ever")
	}
	require.Contains(t, text, "\nwait\n")
	require.Equal(t, []string{
		"arn:aws:ecr:us-east-1:123456789012:repository/models/a",
		"arn:aws:ecr:us-east-1:123456789012:repository/models/b",
	}, template.Allowed(t, "GroupRole", "ecr:BatchGetImage"))
}

func TestRegistriesAreOpenedOnlyForImagesInThem(t *testing.T) {
	for name, images := range map[string][]string{
		"no images":          nil,
		"public images only": {"public.ecr.aws/docker/library/busybox:1", "busybox"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.props.PrePull = images
			template := f.synth(t)
			require.NotContains(t, script(t, template), "docker login")
			require.Empty(t, template.Allowed(t, "GroupRole", "ecr:GetAuthorizationToken"))
			require.Empty(t, template.Allowed(t, "GroupRole", "ecr:BatchGetImage"))
		})
	}
}
