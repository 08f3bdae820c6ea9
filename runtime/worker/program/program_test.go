package program_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/nodestatus"
	"tandem/runtime/settings"
	"tandem/runtime/worker/program"
)

func TestTheWorkerOnTheEmulator(t *testing.T) {
	t.Parallel()
	whole := newCloud(t)

	t.Run("runs jobs with small and large payloads", func(t *testing.T) {
		t.Parallel()
		c := whole.in(t)
		w := c.start(within(model(t, upper)))
		small, large := c.submit("hello"), c.submit(strings.Repeat("hello ", 40_000))
		require.Equal(t, "HELLO", string(c.result(c.until(small, 20*time.Second, succeeded))))
		job := c.until(large, 20*time.Second, succeeded)
		require.Equal(t, strings.Repeat("HELLO ", 40_000), string(c.result(job)))
		require.Equal(t, "text/plain", job.Result.ContentType)
		require.NotContains(t, w.log.String(), "hello", "payloads are not the log's")
		require.NotContains(t, w.log.String(), "HELLO")
		require.Contains(t, w.log.String(), `"job":"`+small+`","attempt":1,"fence":1,"tenant":"acme"`)

		response, err := http.Get("http://" + w.local + "/healthz")
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, http.StatusOK, response.StatusCode)
		w.signal(syscall.SIGTERM)
		require.NoError(t, w.wait(30*time.Second))
		require.Contains(t, w.log.String(), `"drained"`)
	})

	t.Run("streams a result in parts", func(t *testing.T) {
		t.Parallel()
		c := whole.in(t)
		piece := bytes.Repeat([]byte("0123456789abcdef"), 64<<10)
		c.start(within(model(t, func(w http.ResponseWriter, _ *http.Request) {
			for range 30 {
				_, _ = w.Write(piece)
			}
		})))
		job := c.until(c.submit("x"), 60*time.Second, succeeded)
		require.EqualValues(t, 30<<20, job.Result.Size)
		require.Equal(t, bytes.Repeat(piece, 30), c.result(job))
	})

	t.Run("keeps checkpoints and steps for the next attempt", func(t *testing.T) {
		t.Parallel()
		c := whole.in(t)
		checkpoint := strings.Repeat("state ", 100_000)
		attempts := make(chan string, 16)
		c.start(within(model(t, func(w http.ResponseWriter, r *http.Request) {
			attempts <- r.Header.Get("X-Tandem-Attempt")
			if r.Header.Get("X-Tandem-Attempt") == "1" {
				_, _, _ = call(r.Context(), r.Header, http.MethodPut, "/checkpoint", strings.NewReader(checkpoint))
				_, _, _ = call(r.Context(), r.Header, http.MethodPut, "/steps/one", strings.NewReader("42"))
				panic(http.ErrAbortHandler)
			}
			_, saved, _ := call(r.Context(), r.Header, http.MethodGet, "/checkpoint", nil)
			_, step, _ := call(r.Context(), r.Header, http.MethodGet, "/steps/one", nil)
			_, _ = w.Write(append(step, saved...))
		})))
		job := c.until(c.submit("x"), 60*time.Second, succeeded)
		require.Equal(t, "42"+checkpoint, string(c.result(job)))
		require.Equal(t, "1", <-attempts)
		require.Equal(t, "2", <-attempts)
	})

	t.Run("gives a job back on SIGTERM and on a spot notice", func(t *testing.T) {
		for name, end := range map[string]func(w *process, file string){
			"SIGTERM": func(w *process, _ string) { w.signal(syscall.SIGTERM) },
			"spot notice": func(_ *process, file string) {
				require.NoError(t, nodestatus.Write(file, nodestatus.Status{State: nodestatus.OK,
					Spot: &nodestatus.SpotNotice{Action: "terminate", Time: time.Now().Add(2 * time.Minute)}}))
			},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := whole.in(t)
				file := filepath.Join(t.TempDir(), "status.json")
				entered := make(chan struct{}, 1)
				agent := model(t, func(w http.ResponseWriter, r *http.Request) {
					entered <- struct{}{}
					if status, _, _ := call(r.Context(), r.Header, http.MethodGet, "/stop?wait=60", nil); status == http.StatusOK {
						w.WriteHeader(http.StatusServiceUnavailable)
					}
				})
				w := c.start(func(s *settings.Worker) { s.Endpoint, s.NodeStatusFile = agent.URL, file })
				id := c.submit("x")
				<-entered
				end(w, file)
				job := c.until(id, 10*time.Second, func(job jobs.Job) bool { return job.State == jobs.Queued })
				require.Equal(t, 1, job.Interruptions)
				require.Empty(t, job.Failure.Code)
				w.signal(syscall.SIGTERM)
				require.NoError(t, w.wait(30*time.Second))
				c.start(within(model(t, upper)))
				c.until(id, 20*time.Second, succeeded)
			})
		}
	})

	t.Run("runs a command a job and ends it with its children", func(t *testing.T) {
		t.Parallel()
		c := whole.in(t)
		w := c.start(func(s *settings.Worker) {
			s.Mode, s.Timeout = "exec", 3*time.Second
			s.Command = quoted("/bin/sh", "-c", `read line; if [ "$line" = hang ]; then sleep 4711 & wait; fi; echo "$line $TANDEM_JOB_ID"`)
		})
		id := c.submit("hello\n")
		require.Equal(t, "hello "+id+"\n", string(c.result(c.until(id, 20*time.Second, succeeded))))
		hung := c.submit("hang\n")
		job := c.until(hung, 20*time.Second, func(job jobs.Job) bool { return job.Failure.Code != "" })
		require.Equal(t, "timeout", job.Failure.Code)
		require.Eventually(t, func() bool {
			return exec.Command("pgrep", "-f", "sleep 4711").Run() != nil
		}, 5*time.Second, 100*time.Millisecond, "no child is left")
		w.signal(syscall.SIGTERM)
		require.NoError(t, w.wait(30*time.Second))
	})

	t.Run("fetches weights", func(t *testing.T) {
		t.Parallel()
		c := whole.in(t)
		for name, size := range map[string]int{"config.json": 100, "model/shard-1": 5 << 20, "model/shard-2": 1 << 20} {
			_, err := c.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &c.settings.Bucket,
				Key: aws.String("weights/" + name), Body: bytes.NewReader(bytes.Repeat([]byte{byte(size)}, size))})
			require.NoError(t, err)
		}
		dir := t.TempDir()
		binary, err := built()
		require.NoError(t, err)
		fetch := exec.Command(binary, "fetch")
		fetch.Env = append(c.emulator.Environ(), "TANDEM_WEIGHTS_URI=s3://"+c.settings.Bucket+"/weights", "TANDEM_WEIGHTS_PATH="+dir)
		log, err := fetch.CombinedOutput()
		require.NoError(t, err, string(log))
		raw, err := os.ReadFile(filepath.Join(dir, "model/shard-1"))
		require.NoError(t, err)
		require.Len(t, raw, 5<<20)
		require.Contains(t, string(log), `"files":3`)
	})
}

func TestTheProgramCopiesItselfWhereAnotherImageFindsIt(t *testing.T) {
	binary, err := built()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "worker")
	require.NoError(t, exec.Command(binary, "install", path).Run())
	output, err := exec.Command(path, "version").Output()
	require.NoError(t, err)
	require.Equal(t, "development\n", string(output))
	require.Error(t, exec.Command(binary, "install", "/does/not/exist/worker").Run())
}

func TestEveryMistakeInTheSettingsIsNamedAtStart(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*settings.Worker)
		want   string
	}{
		"nothing set":          {func(s *settings.Worker) { *s = settings.Worker{} }, "TANDEM_WORKER_NAME"},
		"an unknown mode":      {func(s *settings.Worker) { s.Mode = "lambda" }, "server or exec"},
		"exec without command": {func(s *settings.Worker) { s.Mode = "exec" }, "JSON array"},
		"an unknown priority":  {func(s *settings.Worker) { s.Priorities = "urgent" }, "urgent"},
		"a broken endpoint":    {func(s *settings.Worker) { s.Endpoint = "8080" }, "endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			s := settings.Worker{State: settings.State{Table: "t", Bucket: "b"}, Name: "w", Timeout: time.Hour,
				Release: settings.Release{Application: "a", Environment: "e"}, LocalAddress: "127.0.0.1:0",
				Queues: settings.Queues{Base: "https://sqs.test/", Workers: map[string]map[string]string{}}}
			row.change(&s)
			environ := []string{"AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true"}
			for name, value := range settings.Encode(s) {
				environ = append(environ, name+"="+value)
			}
			var log output
			require.Equal(t, 1, program.Main(t.Context(), nil, program.Streams{Environ: environ, Stdout: &log, Stderr: &log}))
			require.Contains(t, log.String(), row.want)
		})
	}
}

func TestAnUnknownCommandShowsTheUsage(t *testing.T) {
	var out, err output
	require.Equal(t, 2, program.Main(context.Background(), []string{"fly"}, program.Streams{Stdout: &out, Stderr: &err}))
	require.Contains(t, err.String(), "usage")
	require.Empty(t, out.String())
}
