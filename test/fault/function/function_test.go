package function_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/test/fault/function"
)

// next takes an event as an instance does, and returns its id and payload.
func next(ctx context.Context, t *testing.T, address string) (id, payload string) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/2018-06-01/runtime/invocation/next", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.Header.Get("Lambda-Runtime-Aws-Request-Id"), string(body)
}

func say(t *testing.T, address, id, what, body string) int {
	t.Helper()
	response, err := http.Post("http://"+address+"/2018-06-01/runtime/invocation/"+id+"/"+what, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	response.Body.Close()
	return response.StatusCode
}

func newFunction(t *testing.T) *function.Function {
	t.Helper()
	f, err := function.New()
	require.NoError(t, err)
	t.Cleanup(f.Close)
	return f
}

func TestAnEventIsAnsweredByAnInstance(t *testing.T) {
	f := newFunction(t)
	go func() {
		id, payload := next(t.Context(), t, f.Address("a.1"))
		say(t, f.Address("a.1"), id, "response", "got "+payload)
	}()
	answer, err := f.Invoke(t.Context(), []byte("event"), time.Minute)
	require.NoError(t, err)
	require.Equal(t, "got event", string(answer))
}

func TestAnErrorIsReported(t *testing.T) {
	f := newFunction(t)
	go func() {
		id, _ := next(t.Context(), t, f.Address("a.1"))
		say(t, f.Address("a.1"), id, "error", `{"errorMessage":"no table"}`)
	}()
	_, err := f.Invoke(t.Context(), []byte("event"), time.Minute)
	require.ErrorIs(t, err, function.ErrFailed)
	require.ErrorContains(t, err, "no table")
}

func TestTheCallerHearsThatAnInstanceDied(t *testing.T) {
	f := newFunction(t)
	late := make(chan int, 1)
	go func() {
		id, _ := next(t.Context(), t, f.Address("a.1"))
		f.Died("a.1")
		late <- say(t, f.Address("a.1"), id, "response", "too late")
	}()
	_, err := f.Invoke(t.Context(), []byte("event"), time.Minute)
	require.ErrorIs(t, err, function.ErrDied)
	require.Equal(t, http.StatusBadRequest, <-late)
}

func TestADeadInstanceTakesNothingAlong(t *testing.T) {
	f := newFunction(t)
	f.Died("a.1")
	asked := make(chan struct{})
	go func() { defer close(asked); next(t.Context(), t, f.Address("a.1")) }()
	_, err := f.Invoke(t.Context(), []byte("event"), time.Minute)
	require.ErrorIs(t, err, function.ErrDied)
	<-asked
}

func TestAnInstanceThatIsSilentIsGivenUp(t *testing.T) {
	f := newFunction(t)
	go func() { next(t.Context(), t, f.Address("a.1")) }()
	_, err := f.Invoke(t.Context(), []byte("event"), 10*time.Millisecond)
	require.ErrorIs(t, err, function.ErrFailed)
}
