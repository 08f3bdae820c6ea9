package measure

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// peer is a proxy before the provider, or the provider itself.
type peer struct {
	name string
	*process
	// folder of its configuration, or empty.
	folder string
	// base and key of the API; model names the pace there.
	base  func(pace) string
	key   string
	model func(pace) string
}

func (p *peer) stop() {
	p.process.stop()
	if p.folder != "" {
		_ = os.RemoveAll(p.folder)
	}
}

// allPaces are those that are measured; each is a model of the proxies.
var allPaces = []pace{latencyPace, streamPace, ratePace, manyPace}

func (b *Bench) direct() *peer {
	return &peer{name: "direct", key: "sk-fake", model: func(pace) string { return "m" },
		base: func(p pace) string { return p.base(b.provider.address) }}
}

// tandem starts Tandem's API, or returns the one that runs.
func (b *Bench) tandem(ctx context.Context) (*peer, error) {
	return b.peer("Tandem", func() (*peer, error) {
		server, err := start(ctx, tandemRole, b.provider.address)
		if err != nil {
			return nil, err
		}
		return &peer{process: server, key: server.more, model: modelFor, base: func(pace) string { return "http://" + server.address + "/v1" }}, nil
	})
}

func (b *Bench) peer(name string, make func() (*peer, error)) (*peer, error) {
	for _, p := range b.peers {
		if p.name == name {
			return p, nil
		}
	}
	made, err := make()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	made.name = name
	b.peers = append(b.peers, made)
	return made, nil
}

// litellm starts LiteLLM's proxy with one worker and nothing to log to, as its
// documentation recommends one a core; nil where there is none.
func (b *Bench) litellm(ctx context.Context) (*peer, error) {
	if b.LiteLLM == "" {
		return nil, nil
	}
	return b.peer("LiteLLM", func() (*peer, error) {
		folder, err := os.MkdirTemp("", "litellm-")
		if err != nil {
			return nil, err
		}
		key := "sk-" + rand.Text() + rand.Text() // it refuses well-known ones
		config := "general_settings: { master_key: " + key + " }\nlitellm_settings: { telemetry: false, num_retries: 0 }\nmodel_list:\n"
		for _, p := range allPaces {
			config += fmt.Sprintf("  - model_name: %s\n    litellm_params: { model: openai/gpt-4o-mini, api_base: %q, api_key: sk-fake }\n", modelFor(p), p.base(b.provider.address))
		}
		file := filepath.Join(folder, "config.yaml")
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			return nil, err
		}
		program, err := filepath.Abs(b.LiteLLM) // it runs in another folder
		if err != nil {
			return nil, err
		}
		port, err := freePort(ctx)
		if err != nil {
			return nil, err
		}
		address := fmt.Sprintf("127.0.0.1:%d", port)
		command := exec.CommandContext(ctx, program, "--config", file, "--host", "127.0.0.1", "--port", fmt.Sprint(port), "--num_workers", "1", "--telemetry", "False")
		command.Dir = folder
		command.Env = append(os.Environ(), "LITELLM_LOG=ERROR", "LITELLM_MODE=PRODUCTION", "LITELLM_LOCAL_MODEL_COST_MAP=True", "NO_DOCS=True", "DO_NOT_TRACK=1")
		var said bytes.Buffer
		command.Stdout, command.Stderr = &said, &said
		if err := command.Start(); err != nil {
			return nil, err
		}
		made := &peer{process: &process{command: command, address: address}, folder: folder, key: key, model: modelFor,
			base: func(pace) string { return "http://" + address + "/v1" }}
		if err := awaitAnswer(ctx, "http://"+address+"/health/liveliness"); err != nil {
			made.stop()
			return nil, fmt.Errorf("%w: %s", err, said.Bytes()[max(0, said.Len()-1000):])
		}
		return made, nil
	})
}

func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func awaitAnswer(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.Join(errors.New("it did not begin to answer in two minutes"), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
