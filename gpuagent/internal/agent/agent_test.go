package agent_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/agent"
	"tandem/runtime/nodestatus"
)

type host struct {
	gpus      []agent.GPU
	gpuErr    error
	notices   agent.Notices
	noticeErr error
	published []nodestatus.Status
	refuse    error
}

func (h *host) agent() *agent.Agent {
	return agent.New(agent.Options{
		GPUs: gpus{h}, Notices: notices{h}, Log: slog.New(slog.DiscardHandler),
		Publish: func(s nodestatus.Status) error {
			if h.refuse == nil {
				h.published = append(h.published, s)
			}
			return h.refuse
		},
	})
}

type gpus struct{ *host }

func (g gpus) Read(context.Context) ([]agent.GPU, error) { return g.gpus, g.gpuErr }

type notices struct{ *host }

func (n notices) Read(context.Context) (agent.Notices, error) { return n.host.notices, n.noticeErr }

var two = []agent.GPU{{UUID: "GPU-a", Index: 0}, {UUID: "GPU-b", Index: 1}}

func TestAHostIsJudgedByWhatIsKnownOfIt(t *testing.T) {
	lost := []agent.GPU{{UUID: "GPU-a"}, {UUID: "GPU-b", Index: 1, Lost: true}}
	spot := agent.Notices{Spot: &nodestatus.SpotNotice{Action: "terminate"}}
	for name, test := range map[string]struct {
		host    host
		state   nodestatus.State
		reasons []string
	}{
		"healthy GPUs are OK":                       {host{gpus: two}, nodestatus.OK, nil},
		"no GPU at all is not healthy":              {host{}, nodestatus.Impaired, []string{"NO_GPU"}},
		"a lost GPU impairs the host":               {host{gpus: lost}, nodestatus.Impaired, []string{"GPU_LOST"}},
		"a missing driver says too little":          {host{gpuErr: agent.ErrNoDriver}, nodestatus.InsufficientData, []string{"DRIVER_MISSING"}},
		"a broken monitor is never a sick host":     {host{gpuErr: errors.New("no answer")}, nodestatus.InsufficientData, []string{"MONITOR_FAILED"}},
		"a spot notice is a reason, not a sickness": {host{gpus: two, notices: spot}, nodestatus.OK, []string{"SPOT_INTERRUPTION"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := test.host
			a := h.agent()
			require.Equal(t, nodestatus.Initializing, a.Snapshot().Status.State)
			a.Look(t.Context())
			require.Equal(t, test.state, a.Snapshot().Status.State)
			require.Equal(t, test.reasons, a.Snapshot().Status.Reasons)
		})
	}
}

func TestAnUnchangedStatusIsWrittenEachTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{gpus: two}
		ctx, stop := context.WithCancel(t.Context())
		go func() { _ = h.agent().Run(ctx) }()
		time.Sleep(25*time.Second + time.Millisecond)
		stop()
		synctest.Wait()
		require.Len(t, h.published, 3, "at the start, after 10 s and after 20 s")
	})
}

func TestAChangeIsWrittenWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{gpus: two}
		ctx, stop := context.WithCancel(t.Context())
		go func() { _ = h.agent().Run(ctx) }()
		time.Sleep(2*time.Second + time.Millisecond)
		h.notices.Spot = &nodestatus.SpotNotice{Action: "terminate"}
		time.Sleep(time.Second)
		stop()
		synctest.Wait()
		require.NotNil(t, h.published[len(h.published)-1].Spot)
	})
}

func TestANoticeIsKeptWhenEC2DoesNotAnswer(t *testing.T) {
	h := &host{gpus: two, notices: agent.Notices{Spot: &nodestatus.SpotNotice{Action: "terminate"}}}
	a := h.agent()
	a.Look(t.Context())
	h.noticeErr = errors.New("connection refused")
	a.Look(t.Context())
	require.NotNil(t, a.Snapshot().Status.Spot)
}

func TestAStatusThatCouldNotBeWrittenIsTriedAgain(t *testing.T) {
	h := &host{gpus: two, refuse: errors.New("disk full")}
	a := h.agent()
	a.Look(t.Context())
	h.refuse = nil
	a.Look(t.Context())
	require.Len(t, h.published, 1)
}
