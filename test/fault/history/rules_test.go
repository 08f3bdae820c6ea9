package history_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/fault/history"
	"tandem/test/fault/table"
)

// Each rule, broken once.
func TestEveryRuleFires(t *testing.T) {
	for want, tell := range map[string]func(s *story) []history.Final{
		"was committed twice": func(s *story) []history.Final {
			s.committed(35, "worker-1")
			return []history.Final{final()}
		},
		"was over at revision 4 and was written again": func(s *story) []history.Final {
			s.wrote(36, "sweeper", table.Replace, func(i *table.Item) { i.State = "queued" })
			return nil
		},
		"cannot be read at the end": func(*story) []history.Final { return nil },
		"is not over: it is queued": func(s *story) []history.Final {
			s.Wrote(history.Write{By: "api-0", Request: table.Request{Kind: table.Create, Job: "k"},
				Answer: table.Answer{Applied: true, Told: true, Item: table.Item{State: "queued", Revision: 1, Whole: "k"}}})
			return []history.Final{final()}
		},
		"is read as failed": func(*story) []history.Final { f := final(); f.State = "failed"; return []history.Final{f} },
		"it may end as [cancelled]": func(s *story) []history.Final {
			s.Accept(history.Accepted{ID: "j", May: []string{"cancelled"}})
			return []history.Final{final()}
		},
		"was never seen to be written": func(s *story) []history.Final {
			s.Accept(history.Accepted{ID: "k", May: []string{"succeeded"}})
			return []history.Final{final(), {ID: "k", State: "succeeded"}}
		},
		"its result is of fence 1": func(*story) []history.Final { f := final(); f.Fence = 1; return []history.Final{f} },
		"has the result other":     func(*story) []history.Final { f := final(); f.Answer = "other"; return []history.Final{f} },
		"another value of step a": func(s *story) []history.Final {
			s.Step(history.StepEvent{Job: "j", Key: "a", Did: "stored", Value: "1", Ended: at(1)})
			f := final()
			f.Steps = map[string]string{"a": "2"}
			return []history.Final{f}
		},
		"given to a container twice at fence 2": func(s *story) []history.Final {
			s.Invoked(history.Invocation{Container: "container-1", Job: "j", Fence: 2, Begun: at(50)})
			return []history.Final{final()}
		},
		"which its worker had not claimed": func(s *story) []history.Final {
			s.Invoked(history.Invocation{Container: "container-3", Job: "j", Fence: 1, Begun: at(2)})
			return []history.Final{final()}
		},
		"said that it committed job j at fence 1": func(s *story) []history.Final {
			s.Ended(history.End{Worker: "worker-1", Job: "j", Fence: 1, Outcome: "succeeded"})
			return []history.Final{final()}
		},
		"ran again although it was stored": func(s *story) []history.Final {
			s.Step(history.StepEvent{Job: "j", Key: "a", Did: "missed", Begun: at(5)})
			s.Step(history.StepEvent{Job: "j", Key: "a", Did: "stored", Value: "1", Ended: at(4)})
			return []history.Final{final()}
		},
		"has two results": func(s *story) []history.Final {
			s.Step(history.StepEvent{Job: "j", Key: "a", Did: "stored", Value: "1", Ended: at(4)})
			s.Step(history.StepEvent{Job: "j", Key: "a", Did: "stored", Value: "2", Ended: at(5)})
			return []history.Final{final()}
		},
		"lost a checkpoint: 3 was saved": func(s *story) []history.Final {
			s.Checkpoint(history.CheckpointEvent{Job: "j", Fence: 2, Did: "loaded", Count: 2, Begun: at(6)})
			s.Checkpoint(history.CheckpointEvent{Job: "j", Fence: 1, Did: "saved", Count: 3, Ended: at(5)})
			return []history.Final{final()}
		},
		"in a way that the harness does not know": func(s *story) []history.Final {
			s.Wrote(history.Write{By: "worker-1", Request: table.Request{Kind: table.Unknown, Job: "j"}})
			return []history.Final{final()}
		},
		"is not linearizable": func(s *story) []history.Final {
			// Refused at fence 2, while the job ran at fence 2.
			s.Wrote(history.Write{By: "worker-2", Request: table.Request{Kind: table.Renew, Job: "j", Fence: 2, Created: s.item.Created},
				Answer: table.Answer{Refused: true}, Called: at(34.15), Returned: at(34.2)})
			return []history.Final{final()}
		},
		"while worker-3 was idle for 12.3 s": func(s *story) []history.Final {
			s.Could(history.Span{Worker: "worker-3", From: at(0), To: at(100)})
			return []history.Final{late(s)}
		},
	} {
		t.Run(want, func(t *testing.T) {
			s := good()
			if strings.Contains(want, "idle") {
				s = newStory()
			}
			s.judge(tell(s)...)
			require.Contains(t, strings.Join(s.alarms, "\n"), want)
		})
	}
}

// late is a job that waits 47 s for another worker.
func late(s *story) history.Final {
	s.created(0)
	s.claimed(1, "worker-1")
	s.Died(history.Death{Worker: "worker-1", At: at(2)})
	s.takenOver(49.3, "worker-2")
	s.answered(49.4, "container-2")
	s.committed(49.5, "worker-2")
	return final()
}

func TestAJobMayWaitWhile(t *testing.T) {
	for name, tell := range map[string]func(s *story){
		"nobody could take it":               func(*story) {},
		"the only well worker was the other": func(s *story) { s.Could(history.Span{Worker: "worker-1", From: at(0), To: at(100)}) },
		"the idle one was idle for a moment": func(s *story) { s.Could(history.Span{Worker: "worker-3", From: at(46), To: at(48)}) },
		"its message was lost on purpose": func(s *story) {
			s.Could(history.Span{Worker: "worker-3", From: at(0), To: at(100)})
			s.Disturbed("j", at(0))
		},
		"its message was with one that died": func(s *story) {
			s.Could(history.Span{Worker: "worker-3", From: at(0), To: at(100)})
			s.Delivered(history.Delivery{Worker: "worker-4", Job: "j", At: at(34)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory()
			tell(s)
			figures := s.judge(late(s))
			require.Empty(t, s.alarms)
			require.Len(t, figures.Excuses, 1)
		})
	}
	t.Run("but not with one that was well", func(t *testing.T) {
		s := newStory()
		s.Could(history.Span{Worker: "worker-3", From: at(0), To: at(100)})
		s.Delivered(history.Delivery{Worker: "worker-3", Job: "j", At: at(34)})
		s.judge(late(s))
		require.NotEmpty(t, s.alarms)
	})
}

func TestLeasesAreNeitherStolenNorHeld(t *testing.T) {
	for want, tell := range map[string]func(s *story){
		"worker-2 ended the lease of worker-1 on job j at fence 1 21.0 s before its time": func(s *story) { s.takenOver(10, "worker-2") },
		"sweeper ended the lease of worker-1": func(s *story) {
			s.wrote(10, "sweeper", table.Replace, func(i *table.Item) { i.State, i.Owner = "queued", "" })
		},
		"took a lease on job j that holds for 330.0 s": func(s *story) {
			s.wrote(10, "worker-1", table.Renew, func(i *table.Item) { i.Until = at(340).UnixMilli() })
		},
		"": func(s *story) {
			s.wrote(10, "worker-1", table.Replace, func(i *table.Item) { i.State, i.Owner = "queued", "" })
		},
	} {
		t.Run(want, func(t *testing.T) {
			s := newStory()
			s.created(0)
			s.claimed(1, "worker-1")
			tell(s)
			s.judge()
			if want == "" {
				require.NotContains(t, strings.Join(s.alarms, "\n"), "lease")
				return
			}
			require.Contains(t, strings.Join(s.alarms, "\n"), want)
		})
	}
}

func TestAJobMayFailOnlyThroughFaultsOfItsContainers(t *testing.T) {
	for name, c := range map[string]struct {
		accepted history.Accepted
		code     string
		attempts int64
		fine     bool
	}{
		"a lost container, three times":        {code: "container_lost", attempts: 3, fine: true},
		"a lost container, once":               {code: "container_lost", attempts: 1},
		"an answer 500 that was asked for":     {accepted: history.Accepted{Fails: true}, code: "container_failed", attempts: 3, fine: true},
		"an answer 500 of a container that is": {code: "container_failed", attempts: 3},
		"something else":                       {code: "result_refused", attempts: 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory()
			s.created(0)
			c.accepted.ID, c.accepted.May = "j", []string{"succeeded"}
			s.Accept(c.accepted)
			s.claimed(1, "worker-1")
			s.wrote(2, "worker-1", table.Replace, func(i *table.Item) {
				i.State, i.Owner, i.FailureCode, i.Attempts = "failed", "", c.code, c.attempts
			})
			s.judge(history.Final{ID: "j", State: "failed"})
			require.Equal(t, c.fine, len(s.alarms) == 0, s.alarms)
		})
	}
}
