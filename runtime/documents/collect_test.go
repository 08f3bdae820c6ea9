package documents_test

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/documents"
	"tandem/runtime/settings"
)

// moved is a world in which a document became a job.
func moved(t *testing.T, schema string) (*world, *documents.Processor, string) {
	t.Helper()
	w := newWorld()
	w.objects[source.Key] = []byte("text")
	p := w.processor(t, func(o *documents.Options) {
		o.Settings.OverflowAlways, o.Overflow, o.Moves, o.JobEnds = true, w, w, jobEnds{w}
		o.Definition.Schema = json.RawMessage(schema)
	})
	require.NoError(t, p.Process(t.Context(), source))
	require.Equal(t, documents.Moved, w.outcome(source).State)
	return w, p, w.outcome(source).Job
}

func result(t *testing.T, w *world) documents.Result {
	t.Helper()
	var result documents.Result
	require.NoError(t, json.Unmarshal(w.objects[resultKey], &result))
	return result
}

func TestTheResultOfAJobIsWhereThoseOfOtherDocumentsAre(t *testing.T) {
	for name, test := range map[string]struct {
		kind, content, want string
	}{
		"JSON":                     {"application/json", `{"parties":["a"]}`, `{"parties":["a"]}`},
		"JSON of a kind":           {"application/ld+json; charset=utf-8", `[1]`, `[1]`},
		"text":                     {"text/plain", "two parties", `"two parties"`},
		"text that looks as JSON":  {"text/plain", "1", `"1"`},
		"text of an unknown kind":  {"", "ä", `"ä"`},
		"nothing at all":           {"text/plain", "", `""`},
		"JSON in an answer's name": {"application/json; as=chat.completion", `{"a":1}`, `{"a":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			w, p, job := moved(t, "")
			require.NoError(t, p.Collect(t.Context()))
			require.Equal(t, documents.Moved, w.outcome(source).State, "the job has not ended")
			require.NotContains(t, w.objects, resultKey)

			w.ends[job] = &documents.JobEnd{Worker: "analyser", Content: []byte(test.content), ContentType: test.kind}
			require.NoError(t, p.Handle(t.Context(), settings.CollectSource, nil))
			require.Equal(t, documents.Outcome{State: documents.Done, Result: resultKey, Job: job}, w.outcome(source))
			got := result(t, w)
			require.JSONEq(t, test.want, string(got.Analysis))
			require.Equal(t, []any{source, "analyser", job, ""}, []any{got.Document, got.Worker, got.Job, got.Model})
			require.NotContains(t, w.logs.String(), "parties")
		})
	}
}

func TestAJobThatGivesNoAnalysisIsTheDocumentsFailure(t *testing.T) {
	for name, test := range map[string]struct {
		end  documents.JobEnd
		want string
	}{
		"it failed":              {documents.JobEnd{Failure: "the job failed: timeout: 1 h"}, "the job failed: timeout: 1 h"},
		"another shape":          {documents.JobEnd{ContentType: "application/json", Content: []byte(`{"s3cret":1}`)}, "of the worker: the model's answer does not meet the schema at /"},
		"no JSON where said so":  {documents.JobEnd{ContentType: "application/json", Content: []byte(`{`)}, "the job's result says that it is JSON, and is not"},
		"neither JSON nor text":  {documents.JobEnd{ContentType: "image/png", Content: []byte{0xff, 0xfe}}, "the job's result is neither JSON nor text; it is kept with the job"},
		"text where JSON is due": {documents.JobEnd{ContentType: "text/plain", Content: []byte("s3cret")}, "of the worker: the model's answer does not meet the schema at /"},
	} {
		t.Run(name, func(t *testing.T) {
			w, p, job := moved(t, `{"type":"object","required":["parties"]}`)
			w.ends[job] = &test.end
			require.NoError(t, p.Collect(t.Context()))
			require.Equal(t, documents.Outcome{State: documents.Failed, Job: job, Reason: test.want}, w.outcome(source))
			require.NotContains(t, w.objects, resultKey)

			w.reopen(source)
			require.NoError(t, p.Process(t.Context(), source))
			again := w.outcome(source).Job
			require.NotEqual(t, job, again, "a redrive is another job")
			w.ends[again] = &documents.JobEnd{ContentType: "application/json", Content: []byte(`{"parties":[]}`)}
			require.NoError(t, p.Collect(t.Context()))
			require.Equal(t, documents.Done, w.outcome(source).State)
		})
	}
}

func TestWhatIsKilledWhileItCollectsIsCollectedOnce(t *testing.T) {
	w, p, job := moved(t, "")
	w.ends[job] = &documents.JobEnd{ContentType: "text/plain", Content: []byte("first")}
	w.unwritable = errors.New("S3 is away")
	require.ErrorContains(t, p.Collect(t.Context()), "S3 is away")
	require.Equal(t, documents.Moved, w.outcome(source).State)

	w.unwritable, w.unsettled = nil, errors.New("DynamoDB is away")
	require.ErrorContains(t, p.Collect(t.Context()), "DynamoDB is away")
	require.Equal(t, documents.Moved, w.outcome(source).State)
	require.JSONEq(t, `"first"`, string(result(t, w).Analysis))

	w.unsettled = nil
	w.ends[job].Content = []byte("second")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { require.NoError(t, p.Collect(t.Context())) })
	}
	all.Wait()
	require.Equal(t, documents.Done, w.outcome(source).State)
	require.JSONEq(t, `"first"`, string(result(t, w).Analysis), "exactly one result")
}

func TestOneJobThatCannotBeReadDoesNotHoldUpTheOthers(t *testing.T) {
	w, p, job := moved(t, "")
	w.unreadable = job
	for _, key := range []string{"b.txt", "c.txt", "d.txt"} {
		other := documents.Source{Bucket: "data", Key: key, Version: "v1"}
		require.NoError(t, p.Process(t.Context(), other))
		w.ends[w.outcome(other).Job] = &documents.JobEnd{ContentType: "text/plain", Content: []byte(key)}
	}
	require.ErrorContains(t, p.Collect(t.Context()), "collecting job "+job+" of documents/a.TXT: it cannot be read")
	for _, key := range []string{"b.txt", "c.txt", "d.txt"} {
		require.Contains(t, w.objects, "analysed/"+key+"/v1.json")
	}
	require.Equal(t, documents.Moved, w.outcome(source).State)
}

func TestWithoutAWorkerThereIsNothingToCollect(t *testing.T) {
	require.NoError(t, newWorld().processor(t, nil).Collect(t.Context()))
}
