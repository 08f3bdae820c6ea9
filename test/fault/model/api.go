package model

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// api is the worker's local API.
type api struct{ base, job, fence string }

// errOver: the attempt has no say any more.
var errOver = errors.New("the attempt is over")

// patience is how long a call that the store could not serve is repeated.
const patience = 40 * time.Second

// call makes a call until it is answered by something else than "try again".
func (a *api) call(ctx context.Context, method, path, body string) (status int, answer string, err error) {
	for begun := time.Now(); ; {
		status, answer, err = a.once(ctx, method, path, body)
		switch {
		case err == nil && status == http.StatusConflict:
			return status, answer, errOver
		case err == nil && status < 500:
			return status, answer, nil
		case ctx.Err() != nil || time.Since(begun) > patience:
			return status, answer, fmt.Errorf("%s %s answered %d: %w", method, path, status, errors.Join(err, ctx.Err()))
		}
		sleep(ctx, 200*time.Millisecond)
	}
}

func (a *api) once(ctx context.Context, method, path, body string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", fmt.Errorf("calling the local API: %w", err)
	}
	request.Header.Set("X-Tandem-Job", a.job)
	request.Header.Set("X-Tandem-Attempt", a.fence)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("calling the local API: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", fmt.Errorf("reading the local API's answer: %w", err)
	}
	return response.StatusCode, string(answer), nil
}

func (a *api) getStep(ctx context.Context, key string) (string, bool, error) {
	status, value, err := a.call(ctx, http.MethodGet, "/steps/"+key, "")
	return value, status == http.StatusOK, err
}

// putStep returns what is stored, which may be an earlier value.
func (a *api) putStep(ctx context.Context, key, value string) (string, error) {
	status, answer, err := a.call(ctx, http.MethodPut, "/steps/"+key, value)
	switch {
	case err != nil:
		return "", err
	case status == http.StatusCreated:
		return value, nil
	case status == http.StatusOK:
		return answer, nil
	default:
		return "", fmt.Errorf("storing a step was answered with %d: %s", status, answer)
	}
}

func (a *api) putCheckpoint(ctx context.Context, state string) error {
	status, answer, err := a.call(ctx, http.MethodPut, "/checkpoint", state)
	if err == nil && status != http.StatusOK {
		return fmt.Errorf("saving a checkpoint was answered with %d: %s", status, answer)
	}
	return err
}

// getCheckpoint returns the last checkpoint, empty if there is none.
func (a *api) getCheckpoint(ctx context.Context) (string, error) {
	status, state, err := a.call(ctx, http.MethodGet, "/checkpoint", "")
	if status == http.StatusNotFound {
		return "", nil
	}
	return state, err
}

// waitForStop tells whether the worker asks for a stop.
func (a *api) waitForStop(ctx context.Context) bool {
	for ctx.Err() == nil {
		status, _, err := a.once(ctx, http.MethodGet, "/stop?wait=20", "")
		switch {
		case err == nil && status == http.StatusOK:
			return true
		case err == nil && status == http.StatusConflict:
			return false
		case err != nil || status != http.StatusNoContent:
			sleep(ctx, time.Second)
		}
	}
	return false
}
