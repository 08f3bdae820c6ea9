package history_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/test/fault/history"
	"tandem/test/fault/table"
)

var began = time.UnixMilli(1_790_000_000_000).UTC()

// story tells a monitor what happened, second by second.
type story struct {
	*history.Monitor
	alarms []string
	item   table.Item
}

func newStory() *story {
	s := &story{}
	s.Monitor = history.New(func(text string) { s.alarms = append(s.alarms, text) })
	return s
}

func at(second float64) time.Time { return began.Add(time.Duration(second * float64(time.Second))) }

// wrote makes a write that is applied, to the job as it is.
func (s *story) wrote(second float64, by string, kind table.Kind, change func(*table.Item)) table.Item {
	request := table.Request{Kind: kind, Job: "j", Fence: s.item.Fence, Created: s.item.Created, Before: s.item.Revision, Now: at(second).UnixMilli(), Most: 100}
	s.item.Revision++
	change(&s.item)
	s.item.Whole = s.item.State + time.UnixMilli(s.item.Revision).String()
	s.Wrote(history.Write{By: by, Request: request, Answer: table.Answer{Applied: true, Told: true, Item: s.item}, Called: at(second), Returned: at(second + 0.01)})
	return s.item
}

func (s *story) created(second float64) {
	s.wrote(second, "api-0", table.Create, func(i *table.Item) { i.State, i.Created = "queued", at(second).UnixMilli() })
	s.Accept(history.Accepted{ID: "j", May: []string{"succeeded"}})
}

func (s *story) claimed(second float64, by string) {
	s.wrote(second, by, table.Claim, func(i *table.Item) {
		i.State, i.Owner, i.Until = "running", by, at(second+30).UnixMilli()
		i.Fence++
		i.Attempts++
	})
}

func (s *story) takenOver(second float64, by string) {
	s.wrote(second, by, table.Replace, func(i *table.Item) { i.Owner, i.Until, i.Fence = by, at(second+30).UnixMilli(), i.Fence+1 })
}

func (s *story) answered(second float64, container string) {
	begun := history.Invocation{Container: container, Job: "j", Fence: s.item.Fence, Begun: at(second)}
	s.Invoked(begun)
	begun.Ended, begun.Outcome, begun.Answer = at(second+0.1), history.Answered, container
	s.Invoked(begun)
}

func (s *story) committed(second float64, by string) {
	s.wrote(second, by, table.Commit, func(i *table.Item) { i.State, i.Owner, i.Until = "succeeded", "", 0 })
}

// good is a job that was taken over from a dead worker and then succeeded.
func good() *story {
	s := newStory()
	s.created(0)
	s.claimed(1, "worker-1")
	s.Died(history.Death{Worker: "worker-1", At: at(2)})
	s.takenOver(34, "worker-2")
	s.answered(34.1, "container-2")
	s.committed(34.3, "worker-2")
	s.Ended(history.End{Worker: "worker-2", Job: "j", Fence: 2, Outcome: "succeeded", At: at(34.4)})
	return s
}

func final() history.Final {
	return history.Final{ID: "j", State: "succeeded", Fence: 2, Answer: "container-2", Attempts: 1}
}

func (s *story) judge(finals ...history.Final) history.Figures {
	return s.Judge(finals, history.Limits{MaxAttempts: 3, MaxInterruptions: 100})
}

func TestAGoodStoryViolatesNothing(t *testing.T) {
	s := good()
	figures := s.judge(final())
	require.Empty(t, s.alarms)
	require.Equal(t, 1, figures.Jobs)
	require.Equal(t, 1, figures.Waited)
	require.Empty(t, figures.Excuses)
	require.InDelta(t, 32, figures.LongestWait, 0.1)
	require.Equal(t, 1, figures.Claims)
	require.Equal(t, 1, figures.TakenOver)
	require.Equal(t, 1, figures.Commits)
	require.Empty(t, s.Unfinished())
}
