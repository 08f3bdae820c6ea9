package models_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tandem/runtime/models"
)

func TestTheNextRouteAnswersForOneThatCannot(t *testing.T) {
	for name, err := range map[string]error{
		"it cannot be reached":     errRefused,
		"it has too much to do":    status(429),
		"it fails":                 status(500),
		"it is a bad gateway":      status(502),
		"it is not available":      status(503),
		"it is overloaded":         status(529),
		"it timed out":             status(408),
		"it is in conflict":        status(409),
		"its key was refused":      status(401),
		"its account is empty":     status(402),
		"it forbids":               status(403),
		"it does not know a model": status(404),
		"it lacks what is asked":   models.Unsupported("n", "no"),
	} {
		t.Run(name, func(t *testing.T) {
			first, second := &place{do: always(err)}, &place{}
			b := newBench(t, models.Options{}, first, second)
			require.Equal(t, "r1", b.by(t))
			require.Equal(t, 1, first.called())
			require.Len(t, b.meter.records, 1)
			require.Equal(t, 2, b.meter.records[0].Attempts)
			require.NoError(t, b.meter.errs[0])
		})
	}
}

func TestAMistakeOfTheClientIsToldAtOnce(t *testing.T) {
	for _, code := range []int{400, 405, 413, 415, 422} {
		first, second := &place{do: always(status(code))}, &place{}
		b := newBench(t, models.Options{}, first, second)
		refused := b.refused(t)
		require.Equal(t, code, refused.Status)
		require.Equal(t, "recorded message", refused.Message)
		require.Equal(t, []int{1, 0}, []int{first.called(), second.called()})
		require.Error(t, b.meter.errs[0])
	}
}

func TestWhatIsToldWhenNobodyAnswers(t *testing.T) {
	budget := &models.Error{Status: 429, Code: models.CodeBudget}
	for name, test := range map[string]struct {
		errs   []error
		status int
		code   string
		hides  string
	}{
		"nobody can be reached":                     {[]error{errRefused, errRefused}, 503, models.CodeUnavailable, "connection"},
		"one is busy, the other down":               {[]error{status(429), status(500)}, 429, models.CodeRateLimit, "recorded"},
		"the same the other way round":              {[]error{status(500), status(429)}, 429, models.CodeRateLimit, "recorded"},
		"one is down, the other lacks a parameter":  {[]error{status(500), models.Unsupported("n", "no")}, 500, "", "recorded"},
		"all lack a parameter":                      {[]error{models.Unsupported("n", "no"), models.Unsupported("n", "no")}, 400, models.CodeUnsupported, ""},
		"the deployment's key is refused":           {[]error{status(401)}, 502, models.CodeRouteMisconfigured, "recorded"},
		"one lacks a parameter, the budget is gone": {[]error{models.Unsupported("n", "no"), budget}, 429, models.CodeBudget, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var places []*place
				for _, err := range test.errs {
					places = append(places, &place{do: always(err)})
				}
				refused := newBench(t, models.Options{}, places...).refused(t)
				require.Equal(t, []any{test.status, test.code}, []any{refused.Status, refused.Code})
				if test.hides != "" {
					require.NotContains(t, refused.Message, test.hides)
				}
			})
		})
	}
}

func TestAnUnknownModelIsNotFound(t *testing.T) {
	b := newBench(t, models.Options{}, &place{})
	for _, ask := range []func(models.Call) error{
		func(c models.Call) error { _, err := b.Chat(t.Context(), c); return err },
		func(c models.Call) error { _, err := b.Embeddings(t.Context(), c); return err },
		func(c models.Call) error {
			_, err := b.ChatStream(t.Context(), c, func(json.RawMessage) error { return nil })
			return err
		},
	} {
		err := ask(models.Call{Model: "sm\"art", Body: call.Body})
		raw, failed := json.Marshal(err)
		require.NoError(t, failed)
		require.JSONEq(t, `{"error":{"message":"The model \"sm\\\"art\" does not exist here; GET /v1/models lists those that do.","type":"invalid_request_error","param":"model","code":"model_not_found"}}`, string(raw))
		require.ErrorContains(t, ask(models.Call{Model: "smart", Body: json.RawMessage(`[]`)}), "must be a JSON object")
	}
}

func TestAllRoutesAreTriedAgainWithGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := &place{do: failing(2, status(500))}, &place{do: always(errRefused)}
		began := time.Now()
		require.Equal(t, "r0", newBench(t, models.Options{Failures: 10}, first, second).by(t))
		require.Equal(t, 900*time.Millisecond, time.Since(began), "300 ms and 600 ms, times the random 1")
		require.Equal(t, []int{3, 2}, []int{first.called(), second.called()})

		began = time.Now()
		down := &place{do: always(status(500))}
		require.Equal(t, 500, newBench(t, models.Options{Rand: func() float64 { return 0.5 }, Rounds: 4}, down).refused(t).Status)
		require.Equal(t, 4, down.called())
		require.Equal(t, 1050*time.Millisecond, time.Since(began))
	})
}

func TestARouteThatCannotAnswerIsNotAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lacking, down := &place{do: always(models.Unsupported("n", "no"))}, &place{do: always(status(500))}
		require.Equal(t, 500, newBench(t, models.Options{}, lacking, down).refused(t).Status)
		require.Equal(t, []int{1, 3}, []int{lacking.called(), down.called()})
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	busy := status(429)
	busy.RetryAfter = 4 * time.Second
	t.Run("by waiting for it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			require.Equal(t, "r0", newBench(t, models.Options{}, &place{do: failing(1, busy)}).by(t))
			require.Equal(t, 4*time.Second, time.Since(began))
		})
	})
	t.Run("by telling it when the deadline is nearer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, err := newBench(t, models.Options{}, &place{do: always(busy)}).Chat(within(t, 3*time.Second), call)
			var refused *models.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []any{429, 4 * time.Second}, []any{refused.Status, refused.RetryAfter})
			require.Zero(t, time.Since(began), "at once")
		})
	})
	t.Run("by leaving the place alone meanwhile, in other calls too", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			first := &place{do: failing(1, busy)}
			b := newBench(t, models.Options{}, first, &place{})
			require.Equal(t, "r1", b.by(t))
			require.Equal(t, "r1", b.by(t))
			require.Equal(t, 1, first.called())
			time.Sleep(4 * time.Second)
			require.Equal(t, "r0", b.by(t))
		})
	})
}

func TestTimeIsKeptForTheNextRoute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &place{do: hanging}
		began := time.Now()
		answer, err := newBench(t, models.Options{}, slow, &place{}).Chat(within(t, 30*time.Second), call)
		require.NoError(t, err)
		require.Equal(t, "r1", answer.Served.UpstreamModel)
		require.Equal(t, 20*time.Second, time.Since(began), "two thirds")

		began = time.Now()
		b := newBench(t, models.Options{AttemptTimeout: time.Second}, slow, &place{})
		require.Equal(t, "r1", b.by(t))
		require.Equal(t, time.Second, time.Since(began))
	})
}

func TestTheCallersDeadlineEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, models.Options{}, &place{do: hanging}, &place{do: hanging})
		began := time.Now()
		_, err := b.Chat(within(t, 9*time.Second), call)
		var refused *models.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, []any{504, models.TypeTimeout}, []any{refused.Status, refused.Type})
		require.Equal(t, 9*time.Second, time.Since(began))

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err = b.Chat(ctx, call)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// The law: whatever the routes do, the first that can answer does, and none after it
// is asked.
func TestTheFirstRouteThatCanAnswers(t *testing.T) {
	outcomes := []error{nil, errRefused, status(429), status(500), status(401), models.Unsupported("n", "no"), status(http.StatusBadRequest)}
	rapid.Check(t, func(rt *rapid.T) {
		drawn := rapid.SliceOfN(rapid.IntRange(0, len(outcomes)-1), 1, 6).Draw(rt, "outcomes")
		stream := rapid.Bool().Draw(rt, "stream")
		synctest.Test(t, func(t *testing.T) {
			var places []*place
			want := -1
			for i, index := range drawn {
				places = append(places, &place{do: always(outcomes[index]), chunks: []string{start, token, end}})
				if final := index == len(outcomes)-1; want < 0 && (index == 0 || final) {
					want = i
				}
			}
			b := newBench(t, models.Options{Rounds: 2, Failures: 100}, places...)
			var served models.Served
			var err error
			if stream {
				served, err = b.ChatStream(t.Context(), call, func(json.RawMessage) error { return nil })
			} else if answer, failed := b.Chat(t.Context(), call); failed == nil {
				served = answer.Served
			} else {
				err = failed
			}
			switch {
			case want < 0:
				require.Error(t, err)
			case drawn[want] == 0:
				require.NoError(t, err)
				require.Equal(t, places[want], places[served.UpstreamModel[1]-'0'])
			default:
				require.ErrorContains(t, err, "400")
			}
			for i, p := range places {
				switch {
				case want >= 0 && i > want:
					require.Zero(t, p.called())
				case want >= 0:
					require.Equal(t, 1, p.called())
				}
			}
		})
	})
}
