package documents_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/settings"
)

func TestADocumentGetsItsResult(t *testing.T) {
	w := newWorld()
	w.objects[source.Key] = []byte("s3cret text")
	require.NoError(t, w.processor(t, nil).Process(t.Context(), source))
	require.Equal(t, []string{"Summarise: s3cret text"}, w.asked)
	require.Equal(t, documents.Outcome{State: documents.Done, Result: resultKey}, w.outcome(source))

	var result documents.Result
	require.NoError(t, json.Unmarshal(w.objects[resultKey], &result))
	require.Equal(t, source, result.Document)
	require.JSONEq(t, `"fine"`, string(result.Analysis))
	require.Equal(t, documents.Usage{Input: 7, Output: 3}, result.Usage)
	require.NotContains(t, w.logs.String(), "s3cret")
	require.NotContains(t, w.logs.String(), "fine")
}

func TestAnEventThatComesAgainDoesNothing(t *testing.T) {
	w := newWorld()
	w.objects[source.Key] = []byte("text")
	p := w.processor(t, nil)
	for range 3 {
		require.NoError(t, p.Process(t.Context(), source))
	}
	require.Len(t, w.asked, 1)

	second := source
	second.Version = "v2"
	require.NoError(t, p.Process(t.Context(), second))
	require.Len(t, w.asked, 2, "another version is another document")
	require.Contains(t, w.objects, "analysed/documents/a.TXT/v2.json")
}

func TestEventsAtOnceMakeOneResult(t *testing.T) {
	w := newWorld()
	w.objects[source.Key] = []byte("text")
	p := w.processor(t, nil)
	var group sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		group.Go(func() { errs[i] = p.Process(t.Context(), source) })
	}
	group.Wait()
	require.Len(t, w.asked, 1)
	for _, err := range errs {
		if err != nil {
			require.ErrorIs(t, err, documents.ErrBusy, "so that the event comes again if the other one dies")
		}
	}
}

func TestAnAttemptThatDiedIsTakenOverAndItsResultKept(t *testing.T) {
	w := newWorld()
	w.objects[source.Key] = []byte("text")
	p := w.processor(t, nil)
	w.crash = true
	require.Error(t, p.Process(t.Context(), source))
	first := w.objects[resultKey]
	require.NotEmpty(t, first)

	w.crash = false
	require.ErrorIs(t, p.Process(t.Context(), source), documents.ErrBusy)
	w.now = w.now.Add(time.Minute)
	w.answer.Value = json.RawMessage(`"other"`)
	require.NoError(t, p.Process(t.Context(), source))
	require.Equal(t, first, w.objects[resultKey], "exactly one result")
	require.Equal(t, documents.Done, w.outcome(source).State)
}

func TestFailuresAreRecordedAndRetriedWhereThatMayHelp(t *testing.T) {
	tests := map[string]struct {
		source  documents.Source
		content string
		failure error
		again   bool
		want    documents.Outcome
	}{
		"a document that is gone":    {documents.Source{Bucket: "data", Key: "gone.txt", Version: "1"}, "", nil, false, documents.Outcome{State: documents.Failed, Reason: "the document was deleted before it was analysed"}},
		"a document without text":    {documents.Source{Bucket: "data", Key: "a.png", Version: "1"}, "x", nil, false, documents.Outcome{State: documents.Failed, Reason: "not text"}},
		"a model that refuses":       {source, "x", &documents.Rejected{Reason: "refused"}, false, documents.Outcome{State: documents.Failed, Reason: "refused"}},
		"a model that is away":       {source, "x", errors.New("it answered 503"), true, documents.Outcome{State: documents.Retry, Reason: "it answered 503"}},
		"one too large for anything": {documents.Source{Bucket: "data", Key: "a.txt", Version: "1", Size: 33 << 20}, "x", nil, false, documents.Outcome{State: documents.Failed, Reason: "34603008 bytes are more than 33554432, and no worker takes over"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			if test.content != "" {
				w.objects[test.source.Key] = []byte(test.content)
			}
			w.failure = test.failure
			err := w.processor(t, nil).Process(t.Context(), test.source)
			require.Equal(t, test.again, err != nil)
			require.Equal(t, test.want, w.outcome(test.source))
		})
	}
}

func TestTheThirdFailureIsFinal(t *testing.T) {
	w := newWorld()
	w.objects[source.Key] = []byte("text")
	w.failure = errors.New("it answered 503")
	p := w.processor(t, nil)
	for _, want := range []documents.State{documents.Retry, documents.Retry, documents.Failed} {
		require.Error(t, p.Process(t.Context(), source))
		require.Equal(t, want, w.outcome(source).State)
	}
	require.NoError(t, p.Process(t.Context(), source))
	require.Len(t, w.asked, 3)
}

func TestAnAnswerMustMeetTheSchema(t *testing.T) {
	const schema = `{"type":"object","required":["parties"],"properties":{"parties":{"type":"array","items":{"type":"string"}}}}`
	tests := map[string]struct{ answer, problem string }{
		"it does":              {`{"parties":["s3cret"]}`, ""},
		"a part is missing":    {`{"term":"s3cret"}`, "does not meet the schema at /"},
		"a part is wrong":      {`{"parties":["a",{"s3cret":1}]}`, "does not meet the schema at /parties/1"},
		"it is something else": {`"s3cret"`, "does not meet the schema at /"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.objects[source.Key] = []byte("text")
			w.answer.Value = json.RawMessage(test.answer)
			err := w.processor(t, func(o *documents.Options) { o.Definition.Schema = json.RawMessage(schema) }).Process(t.Context(), source)
			if test.problem == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.problem)
			require.NotContains(t, err.Error(), "s3cret")
			require.Equal(t, documents.Retry, w.outcome(source).State, "models vary")
			require.NotContains(t, w.objects, resultKey)
		})
	}
}

func TestWhatIsTooLargeOrTooLongBecomesAJob(t *testing.T) {
	overflow := func(w *world) func(*documents.Options) {
		return func(o *documents.Options) {
			o.Settings.OverflowAbove, o.Settings.OverflowLongerThan, o.Overflow = 1<<20, 20*time.Second, w
			o.Moves, o.JobEnds = w, jobEnds{w}
		}
	}
	tests := map[string]struct {
		size  int64
		moved bool
	}{
		"small":           {1000, false},
		"estimated long":  {700 << 10, true},
		"above the limit": {1<<20 + 1, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.objects[source.Key] = []byte("text")
			large := source
			large.Size = test.size
			p := w.processor(t, overflow(w))
			require.NoError(t, p.Process(t.Context(), large))
			if !test.moved {
				require.Empty(t, w.jobs)
				return
			}
			require.Equal(t, documents.Moved, w.outcome(large).State)
			var input documents.Input
			require.NoError(t, json.Unmarshal(w.jobs[w.outcome(large).Job], &input))
			require.Equal(t, documents.Input{Document: large, Prompt: "Summarise: {{.Text}}", Result: resultKey}, input)
			require.Empty(t, w.asked)
			require.NoError(t, p.Process(t.Context(), large))
			require.Len(t, w.jobs, 1)
		})
	}
	w := newWorld()
	w.failure = errors.New("throttled")
	large := source
	large.Size = 2 << 20
	require.ErrorContains(t, w.processor(t, overflow(w)).Process(t.Context(), large), "throttled")
	require.Equal(t, documents.Retry, w.outcome(large).State)
}

func TestDocumentsThatAreAlwaysAWorkersMove(t *testing.T) {
	w := newWorld()
	w.objects[source.Key] = []byte("text")
	p := w.processor(t, func(o *documents.Options) { o.Settings.OverflowAlways, o.Overflow = true, w })
	require.NoError(t, p.Process(t.Context(), source))
	require.Equal(t, documents.Moved, w.outcome(source).State)
	require.Empty(t, w.asked)
}

func TestWhatTheModelCannotReadAtOnceMovesWhereSomebodyTakesOver(t *testing.T) {
	w := newWorld()
	w.objects[source.Key] = []byte("text")
	w.failure = &documents.Rejected{Reason: "the document is too large for the model", TooLarge: true}
	require.NoError(t, w.processor(t, func(o *documents.Options) { o.Overflow = newWorld() }).Process(t.Context(), source))
	require.Equal(t, documents.Moved, w.outcome(source).State)

	w = newWorld()
	w.objects[source.Key] = []byte("text")
	w.failure = &documents.Rejected{Reason: "the document is too large for the model", TooLarge: true}
	require.NoError(t, w.processor(t, func(*documents.Options) {}).Process(t.Context(), source))
	require.Equal(t, documents.Failed, w.outcome(source).State)
}

func TestAnAnalysisThatTakesTooLongEndsInTimeAndMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.slow = true
		w.objects[source.Key] = []byte("text")
		clock := func(o *documents.Options) { o.Now = time.Now }
		w.now = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		err := w.processor(t, clock).Process(ctx, source)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, ctx.Err(), "there was time left to record it")
		require.Equal(t, documents.Retry, w.outcome(source).State)
		require.Equal(t, 54*time.Second, time.Since(began))

		err = w.processor(t, func(o *documents.Options) { clock(o); o.Overflow = w }).Process(t.Context(), source)
		require.NoError(t, err)
		require.Equal(t, documents.Moved, w.outcome(source).State)
	})
}

func TestPromptsAndSchemasAreCheckedAtStart(t *testing.T) {
	tests := map[string]struct {
		definition settings.DocumentDefinition
		want       string
	}{
		"no place for the document": {settings.DocumentDefinition{Prompt: "Summarise."}, "no place for the document"},
		"more of a template":        {settings.DocumentDefinition{Prompt: "{{.Text}} {{if .Text}}x{{end}}"}, "more of a template"},
		"a schema that is none":     {settings.DocumentDefinition{Prompt: "{{.Text}}", Schema: json.RawMessage(`{"type":"what"}`)}, "schema of documents.contracts"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := documents.New(documents.Options{Settings: settings.Documents{Name: "contracts"}, Definition: test.definition})
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestThePlaceholderIsFilledInAsWritten(t *testing.T) {
	for prompt, want := range map[string]string{
		"a {{.Text}} b":           "a $1 {{.Text}} b",
		"a {{ .Text }} b":         "a $1 {{.Text}} b",
		"a  {{- .Text -}}  b":     "a$1 {{.Text}}b",
		"{{.Text}} and {{.Text}}": "$1 {{.Text}} and $1 {{.Text}}",
	} {
		w := newWorld()
		w.objects[source.Key] = []byte("$1 {{.Text}}")
		require.NoError(t, w.processor(t, func(o *documents.Options) { o.Definition.Prompt = prompt }).Process(t.Context(), source))
		require.Equal(t, []string{want}, w.asked)
	}
}

func TestEventsOfS3AreRead(t *testing.T) {
	tests := map[string]struct {
		detail string
		want   documents.Source
		err    string
	}{
		"with a version":    {`{"bucket":{"name":"data"},"object":{"key":"a b/ä+%.pdf","size":5,"etag":"e","version-id":"v","sequencer":"1"}}`, documents.Source{Bucket: "data", Key: "a b/ä+%.pdf", Version: "v", Size: 5}, ""},
		"without a version": {`{"bucket":{"name":"data"},"object":{"key":"a","size":5,"etag":"\"e\""}}`, documents.Source{Bucket: "data", Key: "a", Version: "e", Size: 5}, ""},
		"without a key":     {`{"bucket":{"name":"data"},"object":{"etag":"e"}}`, documents.Source{}, "names no bucket"},
		"something else":    {`[]`, documents.Source{}, "reading the event"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := documents.ParseEvent(json.RawMessage(test.detail))
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(`{"bucket":{"name":"data"},"object":{"key":"a","etag":"e"}}`))
	f.Fuzz(func(t *testing.T, detail []byte) {
		source, err := documents.ParseEvent(detail)
		if err == nil {
			require.NotEmpty(t, source.Key)
			require.Len(t, source.ID(), 40)
		}
	})
}
