package cost

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

// What our environments do not have now, worked out by hand.
func TestOtherShapesOfResourcesAreKnown(t *testing.T) {
	for name, test := range map[string]struct {
		kind       string
		properties map[string]any
		want       float64
	}{
		"an interface endpoint in two zones": {
			"AWS::EC2::VPCEndpoint", map[string]any{"VpcEndpointType": "Interface", "SubnetIds": []any{"a", "b"}}, 2 * 7.30,
		},
		"a gateway endpoint is free": {"AWS::EC2::VPCEndpoint", map[string]any{"VpcEndpointType": "Gateway"}, 0},
		"a load balancer to the internet has an address a zone": {
			"AWS::ElasticLoadBalancingV2::LoadBalancer", map[string]any{"Scheme": "internet-facing", "Subnets": []any{"a", "b", "c"}}, 16.425 + 3*3.65,
		},
		"a network load balancer": {
			"AWS::ElasticLoadBalancingV2::LoadBalancer", map[string]any{"Type": "network", "Scheme": "internal"}, 16.425,
		},
		"an alarm on a sum of three metrics": {
			"AWS::CloudWatch::Alarm", map[string]any{"Metrics": []any{
				map[string]any{"MetricStat": map[string]any{}}, map[string]any{"MetricStat": map[string]any{}},
				map[string]any{"MetricStat": map[string]any{}}, map[string]any{"Expression": "a+b+c"},
			}}, 0.30,
		},
		"a composite alarm": {"AWS::CloudWatch::CompositeAlarm", nil, 0.50},
		"a cluster without insights": {
			"AWS::ECS::Cluster", map[string]any{"ClusterSettings": []any{map[string]any{"Name": "containerInsights", "Value": "disabled"}}}, 0,
		},
		"an instance with a fast disk": {
			"AWS::EC2::Instance", map[string]any{"InstanceType": "m7i.large", "BlockDeviceMappings": []any{
				map[string]any{"Ebs": map[string]any{"VolumeSize": 50.0, "Iops": "4000", "Throughput": 225.0}},
			}}, 730*0.1008 + 50*0.08 + 1000*0.005 + 100*0.04 + 3.65,
		},
	} {
		t.Run(name, func(t *testing.T) {
			report := estimate(t, one(t, test.kind, test.properties), nil)
			require.Empty(t, report.Unknown)
			require.InDelta(t, test.want, report.USD(), 1e-9)
		})
	}
}

func TestAnInstanceTypeWithoutAPriceIsAnError(t *testing.T) {
	assembly, err := Read(one(t, "AWS::EC2::Instance", map[string]any{"InstanceType": "z9.huge"}))
	require.NoError(t, err)
	_, err = Estimate(assembly, Options{Prices: load(t)})
	require.ErrorContains(t, err, "no on-demand price for z9.huge")
}

// A worker on Fargate: 2 vCPU and 8 GB, 1,000 jobs of an hour, one at a time.
func TestAWorkerOnFargateIsBilledByTaskSize(t *testing.T) {
	files := stack(t, map[string]any{
		"Task": map[string]any{"Type": "AWS::ECS::TaskDefinition", "Properties": map[string]any{
			"Cpu": "2048", "Memory": "8192",
			"ContainerDefinitions": []any{map[string]any{"Environment": []any{
				map[string]any{"Name": "TANDEM_WORKER_NAME", "Value": "parser"},
				map[string]any{"Name": "TANDEM_WORKER_CONCURRENCY", "Value": "1"},
			}}},
		}},
		"Service": map[string]any{"Type": "AWS::ECS::Service", "Properties": map[string]any{
			"TaskDefinition":           map[string]any{"Ref": "Task"},
			"CapacityProviderStrategy": []any{map[string]any{"CapacityProvider": "FARGATE"}},
		}},
	})
	none := 0.0
	traffic := &Traffic{Jobs: map[string]Jobs{"parser": {Count: 1000, Duration: config.Duration(time.Hour), Overhead: &none}}}
	require.InDelta(t, 1000*(2*0.04048+8*0.004445), line(t, estimate(t, files, traffic), "Stack/Service").USD(), 1e-9)
}

const bounds = `{"workers":{"document-analyser":{"group":"single","gpus":1,"slots":4,"min":0,"max":40,"base":1,` +
	`"schedule":[{"days":["mon","tue","wed","thu","fri"],"from":"08:00","to":"18:00","min":2},{"from":"23:00","to":"01:00","min":1}]}}}`

func TestTheLeastTasksOfAWorkerCostInTheirHours(t *testing.T) {
	files := fstest.MapFS{
		"manifest.json": {Data: []byte(`{"artifacts":{"Stack":{"type":"aws:cloudformation:stack","environment":"aws://unknown-account/us-east-1","properties":{"templateFile":"Stack.template.json"}}}}`)},
		"Stack.template.json": {Data: []byte(`{"Resources":{"F":{"Type":"AWS::Lambda::Function","Properties":{
			"Code":{"S3Key":"abc.zip"},"Environment":{"Variables":{"TANDEM_FLEET_NAMES":"{}"}}}}}}`)},
		"asset.abc/fleet.json": {Data: []byte(bounds)},
	}
	assembly, err := Read(files)
	require.NoError(t, err)
	fleet, err := readFleet(assembly)
	require.NoError(t, err)
	require.True(t, fleet.known)
	hours := fleet.leastHours("document-analyser")
	// 50 hours of two tasks and 14 of one a week; the first is on demand.
	require.InDelta(t, 730*(50+14)/168.0, hours.onDemand, 1e-6)
	require.InDelta(t, 730*50/168.0, hours.spot, 1e-6)
	require.Zero(t, fleet.leastHours("other"))

	delete(files, "asset.abc/fleet.json")
	fleet, err = readFleet(assembly)
	require.NoError(t, err)
	require.False(t, fleet.known)
	files["asset.abc/fleet.json"] = &fstest.MapFile{Data: []byte("{")}
	_, err = readFleet(assembly)
	require.ErrorContains(t, err, "reading the workers' bounds from asset.abc/fleet.json")
}

func TestAFolderThatIsNoAssemblyIsAnError(t *testing.T) {
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"an empty folder":           {fstest.MapFS{}, "there are no templates: name a folder"},
		"a manifest without stacks": {fstest.MapFS{"manifest.json": {Data: []byte("{}")}}, "manifest.json lists no stacks"},
		"a broken manifest":         {fstest.MapFS{"manifest.json": {Data: []byte("{")}}, "manifest.json: "},
		"a broken template":         {fstest.MapFS{"A.template.json": {Data: []byte("{")}}, "A.template.json: "},
		"a resource without a type": {fstest.MapFS{"A.template.json": {Data: []byte(`{"Resources":{"X":{}}}`)}}, "reading the template of A: resource X has no type"},
		"a resource that is null":   {fstest.MapFS{"A.template.json": {Data: []byte(`{"Resources":{"X":null}}`)}}, "reading the template of A: resource X is no resource"},
		"a template that is not there": {
			fstest.MapFS{"manifest.json": {Data: []byte(`{"artifacts":{"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.template.json"}}}}`)}},
			"open S.template.json",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(test.files)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestADifferenceListsWhatChanged(t *testing.T) {
	queue := func(t *testing.T, extra map[string]any) fs.FS {
		resources := map[string]any{"Key": map[string]any{"Type": "AWS::KMS::Key"}}
		for id, kind := range extra {
			resources[id] = map[string]any{"Type": kind}
		}
		return stack(t, resources)
	}
	before := estimate(t, queue(t, map[string]any{"Nat": "AWS::EC2::NatGateway", "Odd": "AWS::Odd::Thing"}), nil)
	after := estimate(t, queue(t, map[string]any{"Secret": "AWS::SecretsManager::Secret"}), nil)
	before.Name, after.Name = "main", "main"
	d := Diff(before, after)
	require.Equal(t, []Change{
		{Resource: "Stack/Nat", Type: "AWS::EC2::NatGateway", Tier: "shared", Before: 730 * 0.045, What: "removed"},
		{Resource: "Stack/Secret", Type: "AWS::SecretsManager::Secret", Tier: "shared", After: 0.4, What: "added"},
	}, d.Changes)
	require.Equal(t, []string{"Stack/Odd (AWS::Odd::Thing)"}, d.Unknown)
	require.Equal(t, "main costs 32.45 USD a month less than before: 1.40 against 33.85", d.Summary())
	require.Empty(t, Diff(after, after).Changes)
	after.Name = "prod"
	require.Contains(t, Diff(before, after).Summary(), "prod costs 32.45 USD a month less than main")
}
