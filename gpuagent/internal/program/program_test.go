package program_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/program"
	"tandem/runtime/nodestatus"
)

// output is a log that two goroutines may write to.
type output struct {
	mutex sync.Mutex
	text  []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.text = append(o.text, p...)
	return len(p), nil
}

func freeAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func TestOnAHostWithoutADriverTheAgentLivesAndSaysThatItKnowsTooLittle(t *testing.T) {
	metadata := httptest.NewServer(http.NotFoundHandler())
	defer metadata.Close()
	file := filepath.Join(t.TempDir(), "status", "node.json")
	options := program.Options{
		Environ: []string{"TANDEM_AGENT_ADDRESS=" + freeAddress(t), "TANDEM_NODE_STATUS_FILE=" + file},
		Output:  &output{}, Metadata: metadata.URL,
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- program.Run(ctx, options) }()

	health := options
	health.Arguments = []string{"health"}
	require.Eventually(t, func() bool {
		status, err := nodestatus.Read(file)
		return err == nil && program.Run(t.Context(), health) == nil && status.State != nodestatus.Initializing
	}, 10*time.Second, 10*time.Millisecond)

	stop()
	require.NoError(t, <-ended)
	require.Error(t, program.Run(t.Context(), health), "nobody answers any more")
}

func TestAnUnknownCommandIsNamed(t *testing.T) {
	err := program.Run(t.Context(), program.Options{Arguments: []string{"reset"}, Output: &output{}})
	require.ErrorContains(t, err, `unknown command "reset"`)
}
