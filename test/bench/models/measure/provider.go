package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// providerRole is the fake provider's process. The path says what it does:
// /<milliseconds to think>/<chunks>/<milliseconds between>/v1/chat/completions.
const providerRole = "provider"

// pace is what a call asks of the provider.
type pace struct {
	think  time.Duration
	chunks int
	pause  time.Duration
}

func (p pace) base(provider string) string {
	return fmt.Sprintf("http://%s/%d/%d/%d/v1", provider, p.think.Milliseconds(), p.chunks, p.pause.Milliseconds())
}

const (
	wholeAnswer = `{"id":"chatcmpl-1","object":"chat.completion","created":1763900000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"The quick brown fox jumps over the lazy dog, and the dog does not mind.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":17,"total_tokens":36,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0}},"service_tier":"default","system_fingerprint":"fp_1"}`
	firstChunk  = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1763900000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}\n\n"
	wordChunk   = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1763900000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":null}],\"usage\":null}\n\n"
	endChunks   = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1763900000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\ndata: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1763900000,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":17,\"total_tokens\":36}}\n\ndata: [DONE]\n\n"
)

func serveProvider(ctx context.Context, _ string, told io.Writer) error {
	return listen(ctx, told, "", http.HandlerFunc(provide))
}

func provide(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	parts := strings.Split(r.URL.Path, "/")
	if err != nil || len(parts) < 4 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	think, _ := strconv.Atoi(parts[1])
	chunks, _ := strconv.Atoi(parts[2])
	pause, _ := strconv.Atoi(parts[3])
	time.Sleep(time.Duration(think) * time.Millisecond)
	if !bytes.Contains(body, []byte(`"stream":true`)) && !bytes.Contains(body, []byte(`"stream": true`)) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, wholeAnswer)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	flusher := http.NewResponseController(w)
	_, _ = io.WriteString(w, firstChunk)
	for range chunks {
		if _, err := io.WriteString(w, wordChunk); err != nil {
			return
		}
		_ = flusher.Flush()
		time.Sleep(time.Duration(pause) * time.Millisecond)
	}
	_, _ = io.WriteString(w, endChunks)
}

// listen serves on a free port until the context ends, and tells its address and
// one word more.
func listen(ctx context.Context, told io.Writer, more string, handler http.Handler) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(told, listener.Addr(), more)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
