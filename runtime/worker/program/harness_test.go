package program_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/jobs/dynamostore"
	"tandem/runtime/jobs/s3blobs"
	"tandem/runtime/jobs/sqsqueue"
	"tandem/runtime/settings"
	"tandem/test/emulator"
)

// built is the worker's binary, built once for all tests, from packages that are
// compiled for the tests anyway.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "worker-*")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "worker")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, "tandem/runtime/worker/cmd/worker")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the worker: %w: %s", err, output)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if binary, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(binary))
	}
	os.Exit(status)
}

// cloud is an emulator, and from [cloud.in] on what a deployment has of it.
type cloud struct {
	t        *testing.T
	emulator *emulator.Emulator
	config   aws.Config
	settings settings.Worker
	service  *jobs.Service
	s3       *s3.Client
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	e := emulator.ForTest(t, emulator.Options{})
	c := &cloud{t: t, emulator: e, config: e.Config()}
	// The emulator breaks off its answer to every thousandth request of a connection.
	c.config.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.DisableKeepAlives = true })
	return c
}

// in is a deployment of its own on the same emulator, so that parts of a test do
// not take each other's jobs. Its workers end with the part.
func (c *cloud) in(t *testing.T) *cloud {
	t.Helper()
	part := *c
	part.t = t
	part.deploy()
	return &part
}

func (c *cloud) deploy() {
	t := c.t
	t.Helper()
	name := uuid.NewString()
	dynamo := dynamostore.NewClient(c.config)
	require.NoError(t, dynamostore.CreateTable(t.Context(), dynamo, name))
	c.s3 = s3.NewFromConfig(c.config, func(o *s3.Options) { o.UsePathStyle = true })
	_, err := c.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
	require.NoError(t, err)
	queues := sqs.NewFromConfig(c.config)
	named := map[string]string{}
	base := ""
	for _, priority := range []string{"high", "normal", "low"} {
		queue, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name + "-" + priority)})
		require.NoError(t, err)
		url := *queue.QueueUrl
		base, named[priority] = url[:strings.LastIndexByte(url, '/')+1], name+"-"+priority
	}
	c.settings = settings.Worker{
		State:   settings.State{Table: name, Bucket: name},
		Release: settings.Release{Application: "tandem", Environment: "test"},
		Name:    "analyse", Timeout: 10 * time.Minute, StopTimeout: 10 * time.Second, PollWait: time.Second,
		Queues: settings.Queues{Base: base, Workers: map[string]map[string]string{"analyse": named}},
	}
	c.service = jobs.NewService(jobs.ServiceOptions{
		Store: dynamostore.New(dynamostore.Options{Client: dynamo, Table: name}),
		Queue: sqsqueue.New(sqsqueue.Options{Client: queues, URL: sqsqueue.URLs(c.settings.Queues, "")}),
		Blobs: s3blobs.New(s3blobs.Options{Client: c.s3, Bucket: name}),
	})
}

func (c *cloud) submit(input string) string {
	c.t.Helper()
	job, _, err := c.service.Submit(c.t.Context(), jobs.Submission{Tenant: "acme", Worker: "analyse", ContentType: "text/plain", Input: []byte(input)})
	require.NoError(c.t, err)
	return job.ID
}

func (c *cloud) job(id string) jobs.Job {
	c.t.Helper()
	job, err := c.service.Get(c.t.Context(), "acme", id)
	require.NoError(c.t, err)
	return job
}

func (c *cloud) until(id string, wait time.Duration, is func(jobs.Job) bool) jobs.Job {
	c.t.Helper()
	for deadline := time.Now().Add(wait); ; time.Sleep(50 * time.Millisecond) {
		job := c.job(id)
		if is(job) {
			return job
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("job %s is %s after %v: %+v", id, job.State, wait, job.Failure)
		}
	}
}

func succeeded(job jobs.Job) bool { return job.State == jobs.Succeeded }

// result reads a job's result from wherever it is.
func (c *cloud) result(job jobs.Job) []byte {
	c.t.Helper()
	if job.Result.BlobKey == "" {
		return job.Result.Inline
	}
	object, err := c.s3.GetObject(c.t.Context(), &s3.GetObjectInput{Bucket: &c.settings.Bucket, Key: &job.Result.BlobKey})
	require.NoError(c.t, err)
	defer object.Body.Close()
	raw, err := io.ReadAll(object.Body)
	require.NoError(c.t, err)
	return raw
}

// process is a worker's process.
type process struct {
	t       *testing.T
	command *exec.Cmd
	local   string
	log     *output
	ended   chan struct{}
	err     error
}

// start runs the binary with exactly the settings' environment.
func (c *cloud) start(adjust func(*settings.Worker), environ ...string) *process {
	c.t.Helper()
	binary, err := built()
	require.NoError(c.t, err)
	s := c.settings
	s.LocalAddress, s.MetricsAddress = free(c.t), free(c.t)
	adjust(&s)
	variables := []string{"PATH=" + os.Getenv("PATH")}
	variables = append(variables, c.emulator.Environ()...)
	for name, value := range settings.Encode(s) {
		variables = append(variables, name+"="+value)
	}
	p := &process{t: c.t, command: exec.Command(binary), local: s.LocalAddress, log: &output{}, ended: make(chan struct{})}
	variables = append(variables, environ...)
	p.command.Env = variables
	p.command.Stdout, p.command.Stderr = p.log, p.log
	require.NoError(c.t, p.command.Start())
	go func() { p.err = p.command.Wait(); close(p.ended) }()
	c.t.Cleanup(func() {
		p.signal(syscall.SIGTERM)
		stuck := time.AfterFunc(15*time.Second, func() { p.signal(syscall.SIGKILL) })
		<-p.ended
		stuck.Stop()
		if c.t.Failed() {
			c.t.Logf("the worker's log:\n%s", p.log)
		}
	})
	return p
}

func (p *process) signal(signal syscall.Signal) { _ = p.command.Process.Signal(signal) }

func (p *process) wait(limit time.Duration) error {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.err
	case <-time.After(limit):
		p.t.Fatalf("the worker still runs after %v", limit)
		return errors.New("unreachable")
	}
}

// memory returns a line of /proc/PID/status in MiB, such as VmHWM.
func (p *process) memory(line string) float64 {
	p.t.Helper()
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(p.command.Process.Pid) + "/status")
	require.NoError(p.t, err)
	for text := range strings.Lines(string(raw)) {
		if name, value, _ := strings.Cut(text, ":"); name == line {
			kib, err := strconv.Atoi(strings.Fields(value)[0])
			require.NoError(p.t, err)
			return float64(kib) / 1024
		}
	}
	p.t.Fatalf("no %s in /proc/PID/status", line)
	return 0
}

type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}

func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// model is a container that does with an invocation what a function says.
func model(t *testing.T, invoke http.HandlerFunc) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /invocations", invoke)
	server := httptest.NewServer(mux)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server
}

func within(endpoint *httptest.Server) func(*settings.Worker) {
	return func(s *settings.Worker) { s.Endpoint = endpoint.URL }
}

func upper(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write(bytes.ToUpper(raw))
}

// call is one request of a container to the local API.
func call(ctx context.Context, header http.Header, method, path string, body io.Reader) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, header.Get("X-Tandem-Api")+path, body)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("X-Tandem-Job", header.Get("X-Tandem-Job"))
	request.Header.Set("X-Tandem-Attempt", header.Get("X-Tandem-Attempt"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, raw, err
}

func quoted(args ...string) string {
	raw, _ := json.Marshal(args)
	return string(raw)
}
