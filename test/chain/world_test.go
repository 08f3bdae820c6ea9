// Package chain follows work through everything that moves it, with real
// processes and an emulator of AWS: from a submit that meets an idle fleet to
// the services' new count, and from EC2's notice to a job that goes on
// elsewhere. `make e2e` runs it.
package chain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"tandem/runtime/capacity/dynamofleet"
	"tandem/runtime/httpapi/lambdaproxy/runtimetest"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/s3blobs"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
	"tandem/test/emulator"
)

const (
	worker  = "counter"
	cluster = "cluster"
	spot    = "counter-spot"
	group   = "small-spot"
)

// world is a deployment's parts on an emulator, without CloudFormation.
type world struct {
	t        *testing.T
	emulator *emulator.Emulator
	config   aws.Config
	state    settings.State
	queues   settings.Queues
	service  *jobs.Service
	fleet    dynamofleet.Store
	ecs      *ecs.Client
	scaling  *autoscaling.Client
	// controller is the capacity function, which takes one event at a time.
	controller *runtimetest.Function
	invoking   sync.Mutex
}

func newWorld(t *testing.T) *world {
	t.Helper()
	if os.Getenv("TANDEM_E2E") == "" {
		t.Skip("runs the whole chain on an emulator: run make e2e")
	}
	w := &world{t: t, emulator: emulator.ForTest(t, emulator.Options{}), state: settings.State{Table: "state", Bucket: "data"}}
	w.config = w.emulator.Config()
	// The emulator breaks off its answer to every thousandth request of a connection.
	w.config.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.DisableKeepAlives = true })
	w.ecs, w.scaling = ecs.NewFromConfig(w.config), autoscaling.NewFromConfig(w.config)
	database := dynamostore.NewClient(w.config)
	require.NoError(t, dynamostore.CreateTable(t.Context(), database, w.state.Table))
	w.fleet = dynamofleet.Store{Client: dynamodb.NewFromConfig(w.config), Table: w.state.Table}
	objects := s3.NewFromConfig(w.config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &w.state.Bucket})
	require.NoError(t, err)
	w.makeQueue()
	w.makeFleet()
	w.service = jobs.NewService(jobs.ServiceOptions{
		Store: dynamostore.New(dynamostore.Options{Client: database, Table: w.state.Table}),
		Queue: w.queue(), Blobs: s3blobs.New(s3blobs.Options{Client: objects, Bucket: w.state.Bucket}), Lanes: sqsqueue.Lanes(w.queues),
	})
	w.startController()
	return w
}

func (w *world) queue() *sqsqueue.Queue {
	return sqsqueue.New(sqsqueue.Options{Client: sqs.NewFromConfig(w.config), URL: sqsqueue.URLs(w.queues, "")})
}

func (w *world) makeQueue() {
	queue, err := sqs.NewFromConfig(w.config).CreateQueue(w.t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("counter-normal")})
	require.NoError(w.t, err)
	url := *queue.QueueUrl
	w.queues = settings.Queues{Base: url[:strings.LastIndexByte(url, '/')+1], Workers: map[string]map[string]string{worker: {"normal": "counter-normal"}}}
}

func (w *world) makeFleet() {
	ctx := w.t.Context()
	_, err := w.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String(cluster)})
	require.NoError(w.t, err)
	_, err = w.ecs.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: aws.String(worker),
		ContainerDefinitions: []ecstypes.ContainerDefinition{{Name: aws.String("model"), Image: aws.String("model"), Memory: aws.Int32(64)}}})
	require.NoError(w.t, err)
	_, err = w.ecs.CreateService(ctx, &ecs.CreateServiceInput{Cluster: aws.String(cluster), ServiceName: aws.String(spot),
		TaskDefinition: aws.String(worker), DesiredCount: aws.Int32(0)})
	require.NoError(w.t, err)
	_, err = w.scaling.CreateLaunchConfiguration(ctx, &autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: aws.String("gpu"), ImageId: aws.String("ami-1"), InstanceType: aws.String("g5.xlarge")})
	require.NoError(w.t, err)
	_, err = w.scaling.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: aws.String(group),
		LaunchConfigurationName: aws.String("gpu"), MinSize: aws.Int32(0), MaxSize: aws.Int32(10), AvailabilityZones: []string{"us-east-1a"}})
	require.NoError(w.t, err)
}

// startController runs the capacity function as it is deployed, with its fleet
// in a file beside it.
func (w *world) startController() {
	binary := runtimetest.Build(w.t, "../../runtime/functions/capacity")
	names, file := settings.Fleet{
		Workers: map[string]settings.FleetWorker{worker: {Spot: spot, Group: group, GPUs: 1, Slots: 1, Maximum: 10, TargetBacklog: 1, FallbackAfter: 300, IdleFor: 300, DeployDrain: 3600}},
		Groups:  map[string]settings.FleetGroup{group: {Spot: group, GPUs: 1, SpotMaximum: 10}},
	}.Split()
	require.NoError(w.t, os.WriteFile(filepath.Join(filepath.Dir(binary), "fleet.json"), file, 0o600))
	environment := settings.Encode(settings.Capacity{State: w.state, Release: settings.Release{Application: "tandem", Environment: "test"},
		Cluster: cluster, Queues: w.queues, FleetFile: "fleet.json", FleetNames: names})
	for _, variable := range w.emulator.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	w.controller = runtimetest.Start(w.t, binary, environment)
}

// handle hands an event to the controller and waits for its end.
func (w *world) handle(event any) {
	w.t.Helper()
	w.invoking.Lock()
	defer w.invoking.Unlock()
	answer := w.controller.Invoke(w.t, event, 30*time.Second)
	defer answer.Close()
}

func (w *world) submit() jobs.Job {
	w.t.Helper()
	job, _, err := w.service.Submit(w.t.Context(), jobs.Submission{Tenant: "acme", Worker: worker, Input: []byte("{}")})
	require.NoError(w.t, err)
	return job
}

func (w *world) job(id string) jobs.Job {
	w.t.Helper()
	job, err := w.service.Get(w.t.Context(), "acme", id)
	require.NoError(w.t, err)
	return job
}

// until looks at something each 20 ms until it is so, and returns how long it took.
func (w *world) until(what string, limit time.Duration, is func() bool) time.Duration {
	w.t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > limit {
			w.t.Fatalf("after %v not yet: %s\nthe controller:\n%s", limit, what, w.controller.Logs())
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(began)
}

// desired is what ECS and Auto Scaling were asked for.
func (w *world) desired() (tasks, instances int) {
	w.t.Helper()
	services, err := w.ecs.DescribeServices(w.t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{spot}})
	require.NoError(w.t, err)
	require.Len(w.t, services.Services, 1)
	groups, err := w.scaling.DescribeAutoScalingGroups(w.t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{group}})
	require.NoError(w.t, err)
	require.Len(w.t, groups.AutoScalingGroups, 1)
	return int(services.Services[0].DesiredCount), int(aws.ToInt32(groups.AutoScalingGroups[0].DesiredCapacity))
}

func (w *world) instances() []string {
	w.t.Helper()
	groups, err := w.scaling.DescribeAutoScalingGroups(w.t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{group}})
	require.NoError(w.t, err)
	var ids []string
	for _, instance := range groups.AutoScalingGroups[0].Instances {
		ids = append(ids, *instance.InstanceId)
	}
	return ids
}

// process is a program of ours that runs until the test ends.
type process struct {
	command *exec.Cmd
	log     *bytes.Buffer
	ended   chan struct{}
}

func (w *world) run(binary string, environ []string) *process {
	w.t.Helper()
	p := &process{command: exec.Command(binary), log: &bytes.Buffer{}, ended: make(chan struct{})}
	p.command.Env = append(append([]string{"PATH=" + os.Getenv("PATH")}, w.emulator.Environ()...), environ...)
	p.command.Stdout, p.command.Stderr = p.log, p.log
	require.NoError(w.t, p.command.Start())
	go func() { _ = p.command.Wait(); close(p.ended) }()
	w.t.Cleanup(func() {
		_ = p.command.Process.Signal(syscall.SIGTERM)
		stuck := time.AfterFunc(15*time.Second, func() { _ = p.command.Process.Kill() })
		<-p.ended
		stuck.Stop()
		if w.t.Failed() {
			w.t.Logf("%s said:\n%s", filepath.Base(binary), p.log)
		}
	})
	return p
}

func (w *world) build(program string) string {
	w.t.Helper()
	binary := filepath.Join(w.t.TempDir(), filepath.Base(program))
	output, err := exec.Command("go", "build", "-o", binary, program).CombinedOutput()
	require.NoError(w.t, err, "%s", output)
	return binary
}

// host is one instance: its metadata, its health agent and its worker.
type host struct {
	metadata *httptest.Server
	mutex    sync.Mutex
	notice   string
	status   string
	worker   *process
}

// binaries are built once a test.
type binaries struct{ agent, worker, counter string }

func (w *world) newHost(name string, b binaries) *host {
	w.t.Helper()
	h := &host{status: filepath.Join(w.t.TempDir(), "node-status.json")}
	h.metadata = httptest.NewServer(http.HandlerFunc(h.serve))
	w.t.Cleanup(h.metadata.Close)
	w.run(b.agent, encode(settings.Agent{Mode: "observe", NodeStatusFile: h.status, Address: free(w.t),
		Metadata: h.metadata.URL, Introspection: h.metadata.URL, KernelLog: os.DevNull}))
	w.until("the agent on "+name+" looks", 20*time.Second, func() bool { _, err := os.Stat(h.status); return err == nil })
	command, _ := json.Marshal([]string{b.counter})
	h.worker = w.run(b.worker, encode(settings.Worker{State: w.state, Release: settings.Release{Application: "tandem", Environment: "test"},
		Name: worker, Queues: w.queues, Priorities: "normal", Mode: "exec", Command: string(command), Concurrency: 1, PollWait: time.Second,
		Timeout: 10 * time.Minute, StopTimeout: 85 * time.Second, LocalAddress: free(w.t), MetricsAddress: free(w.t), NodeStatusFile: h.status}))
	return h
}

// serve is the instance metadata service, as far as the agent asks it.
func (h *host) serve(w http.ResponseWriter, r *http.Request) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	switch r.URL.Path {
	case "/latest/api/token":
		w.Header().Set("X-aws-ec2-metadata-token-ttl-seconds", "21600")
		fmt.Fprint(w, "token")
	case "/latest/meta-data/spot/instance-action":
		if h.notice == "" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, h.notice)
	default:
		http.NotFound(w, r)
	}
}

// takeBack is EC2's notice.
func (h *host) takeBack() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.notice = fmt.Sprintf(`{"action":"terminate","time":%q}`, time.Now().UTC().Add(2*time.Minute).Format(time.RFC3339))
}

func encode(s any) []string {
	var environ []string
	for name, value := range settings.Encode(s) {
		environ = append(environ, name+"="+value)
	}
	return environ
}

func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}
