package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/deployed"
	"tandem/runtime/fleetstate"
	"tandem/runtime/jobs"
	"tandem/runtime/keys"
)

// fakeAccount is an account with one deployment, tandem-dev, whose API and
// state are a server's.
type fakeAccount struct {
	answers
	server  *apitest.Server
	stacks  []deployed.Stack
	uploads *uploads
	fleet   fleetstate.State

	mu      sync.Mutex
	removed []string
}

func newAccount(server *apitest.Server) *fakeAccount {
	stack := func(name string, outputs ...string) deployed.Stack {
		all := map[string]string{}
		for i := 0; i < len(outputs); i += 2 {
			all[outputs[i]] = outputs[i+1]
		}
		return deployed.Stack{Name: "tandem-dev-" + name, Status: "UPDATE_COMPLETE", Outputs: all}
	}
	return &fakeAccount{server: server, answers: answers{quota: 1000}, stacks: []deployed.Stack{
		stack("api", "Url", "https://api.test/v1/"),
		stack("state", "StateTableName", "table", "DataBucketName", "bucket", "WebhookSecretArn", "arn:secret"),
		stack("workers", "Queues", `{"base":"https://sqs.test/","workers":{"analyser":{"high":"h","normal":"n","low":"l"}}}`),
	}}
}

func (a *fakeAccount) Stacks(_ context.Context, prefix string) (found []deployed.Stack, err error) {
	for _, stack := range a.stacks {
		if strings.HasPrefix(stack.Name, prefix) {
			found = append(found, stack)
		}
	}
	return found, nil
}

func (a *fakeAccount) URL(said string) string {
	if said != "https://api.test/v1/" {
		return said
	}
	return a.server.URL
}

func (a *fakeAccount) Secret(_ context.Context, name string) (string, error) {
	if name != "arn:secret" {
		return "", fmt.Errorf("there is no secret %s", name)
	}
	return "master", nil
}

func (a *fakeAccount) Keys(string) keys.Store { return a.server.Keys }

func (a *fakeAccount) Jobs(*deployed.Deployment) *jobs.Service { return a.server.Service }

func (a *fakeAccount) RemoveKey(_ context.Context, _ *deployed.Deployment, id string) error {
	return a.remove("key " + id)
}

func (a *fakeAccount) RemoveJob(_ context.Context, _ *deployed.Deployment, id string) error {
	return a.remove("job " + id)
}

func (a *fakeAccount) RemovePayloads(_ context.Context, _ *deployed.Deployment, tenant string) error {
	return a.remove("payloads of " + tenant)
}

func (a *fakeAccount) remove(what string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.removed = append(a.removed, what)
	return nil
}

// console runs commands against an account.
type console struct {
	*apitest.Server
	account *fakeAccount
	t       *testing.T
	now     time.Time
	stdin   io.Reader
}

func newConsole(t *testing.T, options apitest.Options) *console {
	t.Helper()
	server := apitest.New(t, options)
	return &console{Server: server, account: newAccount(server), t: t, now: time.Now(), stdin: strings.NewReader("")}
}

// run runs a command on the environment dev.
func (c *console) run(args ...string) (code int, out, talk string) {
	c.t.Helper()
	var stdout, stderr strings.Builder
	code = runWith(c.t.Context(), append(args, "--config=../../config"), streams{in: c.stdin, out: &stdout, err: &stderr}, &services{
		now:  func() time.Time { return c.now },
		open: func(context.Context, string) (account, error) { return c.account, nil },
	})
	return code, stdout.String(), stderr.String()
}

// succeed runs a command that must succeed, and returns what it wrote.
func (c *console) succeed(args ...string) string {
	c.t.Helper()
	code, out, talk := c.run(args...)
	if code != 0 {
		c.t.Fatalf("tandem %s: exit code %d\n%s", strings.Join(args, " "), code, talk)
	}
	return out
}
