package examples_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/jobs"
	"tandem/runtime/worker"
	"tandem/runtime/worker/container"
)

func TestTheDocumentAnalyserAnswersTheSameForTheSameText(t *testing.T) {
	analyser := serve(t, nil, python(t), "document-analyser/server.py")
	post := func(contentType, body string) (int, string) {
		response, err := http.Post("http://"+analyser.address+"/invocations", contentType, strings.NewReader(body))
		require.NoError(t, err)
		defer response.Body.Close()
		raw, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(raw)
	}
	const text = "The tenant pays rent. The rent is due monthly. Dogs are allowed. Rent is not reduced for dogs."
	status, first := post("text/plain", text)
	require.Equal(t, http.StatusOK, status)
	var analysis struct {
		Words, Sentences int
		Summary          string
		TopWords         []struct {
			Word  string
			Count int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(first), &analysis))
	require.Equal(t, 18, analysis.Words)
	require.Equal(t, 4, analysis.Sentences)
	require.Equal(t, "rent", analysis.TopWords[0].Word)
	require.Equal(t, 3, analysis.TopWords[0].Count)
	require.Contains(t, analysis.Summary, "The tenant pays rent.")
	raw, err := json.Marshal(map[string]string{"text": text})
	require.NoError(t, err)
	_, second := post("application/json", string(raw))
	require.Equal(t, first, second, "text alone or as JSON")
	_, third := post("application/json", `{"model":"analyst","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":`+string(quoted(t, text))+`}]}]}`)
	require.Equal(t, first, third, "or as a chat request")
	for _, wrong := range []string{`{`, `[]`, `{"text":1}`} {
		status, _ := post("application/json", wrong)
		require.Equal(t, http.StatusBadRequest, status, wrong)
	}
}

func TestTheDocumentAnalyserRunsAsAModelContainer(t *testing.T) {
	analyser := serve(t, nil, python(t), "document-analyser/server.py")
	b := start(t, analyser.container(), func(o *worker.Options) { o.Slots = 4 })
	var ids []string
	for range 20 {
		ids = append(ids, b.submit("text/plain", "One sentence. Another one."))
	}
	for _, id := range ids {
		job := b.finished(id, nil)
		require.Equal(t, jobs.Succeeded, job.State)
		require.Contains(t, string(job.Result.Inline), `"sentences": 2`)
	}
}

// A Python agent, killed at each step: whatever step was stored never runs
// again, and the result is that of a run that nobody disturbed.
func TestTheVideoAgentKilledAtEachStepDoesNoStoredStepTwice(t *testing.T) {
	const input = `{"video":"v","segments":9}`
	environ := []string{"PATH=" + os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1",
		"AGENT_GPUS=1", "AGENT_STEP_SECONDS=0.03", "AGENT_STEPS_PER_CHECKPOINT=3"}
	agent, err := filepath.Abs("video-agent/agent.py")
	require.NoError(t, err)
	args := []string{python(t), agent, "run"}

	undisturbed := command(t, args, append(environ, "AGENT_JOURNAL="+string(newJournal(t))))
	b := start(t, undisturbed, nil)
	want := b.finished(b.submit("application/json", input), nil)
	require.Equal(t, jobs.Succeeded, want.State)

	notes := newJournal(t)
	b = start(t, command(t, args, append(environ, "AGENT_JOURNAL="+string(notes))), nil)
	id := b.submit("application/json", input)
	kills, killed := 0, 0
	storedAt := map[string]int{}
	got := b.finished(id, func() {
		lines := notes.lines()
		for _, key := range b.steps(id) {
			if _, known := storedAt[key]; !known {
				storedAt[key] = len(notes.lines())
			}
		}
		if len(lines) > killed {
			killed = len(lines)
			kills += killChildren(t, agent)
		}
	})
	require.Equal(t, jobs.Succeeded, got.State)
	require.Equal(t, string(want.Result.Inline), string(got.Result.Inline))
	require.GreaterOrEqual(t, kills, 11, "at each of the eleven steps")
	require.GreaterOrEqual(t, got.Attempts, 11)
	lines := notes.lines()
	for key, at := range storedAt {
		require.NotContains(t, lines[min(at, len(lines)):], key, "it ran again after it was stored")
	}
	require.ElementsMatch(t, b.steps(id), unique(lines))
}

func TestTheVideoAgentServesAndComesUpAgain(t *testing.T) {
	notes := newJournal(t)
	agent := serve(t, []string{"AGENT_JOURNAL=" + string(notes), "AGENT_STEP_SECONDS=0.1", "PYTHONDONTWRITEBYTECODE=1"},
		python(t), "video-agent/agent.py")
	b := start(t, agent.container(), nil)
	id := b.submit("application/json", `{"video":"v","segments":16}`)
	killed := false
	job := b.finished(id, func() {
		if !killed && len(notes.lines()) >= 6 {
			killed = true
			agent.kill()
		}
	})
	require.Equal(t, jobs.Succeeded, job.State)
	require.True(t, killed)
	require.ElementsMatch(t, b.steps(id), unique(notes.lines()))
}

func TestTheGoAgentGoesOnWhereItWas(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "go-agent")
	output, err := exec.Command("go", "build", "-o", binary, "./go-agent").CombinedOutput()
	require.NoError(t, err, string(output))
	notes := newJournal(t)
	agent := serve(t, []string{"AGENT_JOURNAL=" + string(notes), "AGENT_STEP_TIME=30ms"}, binary)
	b := start(t, agent.container(), nil)
	id := b.submit("application/json", `{"count":12}`)
	killed := false
	job := b.finished(id, func() {
		if !killed && len(notes.lines()) >= 5 {
			killed = true
			agent.kill()
		}
	})
	require.Equal(t, jobs.Succeeded, job.State)
	require.True(t, killed)
	require.JSONEq(t, `{"done":12,"sum":506}`, string(job.Result.Inline))
	require.LessOrEqual(t, len(notes.lines()), 13, "one step may have been under way")
}

func command(t *testing.T, args, environ []string) *container.Command {
	t.Helper()
	command, err := container.NewCommand(container.CommandOptions{Args: args, Environ: environ, Dir: t.TempDir(), Log: testWriter{t}})
	require.NoError(t, err)
	return command
}

// killChildren is kill -9 for the processes of this test that run a script.
func killChildren(t *testing.T, script string) (killed int) {
	t.Helper()
	entries, err := filepath.Glob("/proc/self/task/*/children")
	require.NoError(t, err)
	for _, entry := range entries {
		raw, _ := os.ReadFile(entry)
		for _, pid := range strings.Fields(string(raw)) {
			line, _ := os.ReadFile("/proc/" + pid + "/cmdline")
			if strings.Contains(string(line), script) {
				killed++
				require.NoError(t, syscall.Kill(atoi(t, pid), syscall.SIGKILL))
			}
		}
	}
	return killed
}

func atoi(t *testing.T, text string) (number int) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &number))
	return number
}

func unique(lines []string) (all []string) {
	seen := map[string]bool{}
	for _, line := range lines {
		if !seen[line] {
			seen[line] = true
			all = append(all, line)
		}
	}
	return all
}

func quoted(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := json.Marshal(text)
	require.NoError(t, err)
	return raw
}
