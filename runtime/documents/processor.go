package documents

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"tandem/runtime/settings"
)

// Options of a [Processor].
type Options struct {
	// Settings of the trigger: result prefix, overflow rule, timeout.
	Settings settings.Documents
	// Definition is what a document is asked.
	Definition settings.DocumentDefinition
	// Objects, Analyser and Records are required.
	Objects  Objects
	Analyser Analyser
	Records  Records
	// Text makes text of an object's content by its suffix. Required.
	Text func(ctx context.Context, suffix string, content []byte) (string, error)
	// Overflow takes what is too large or too long. Defaults to nobody: such
	// documents fail.
	Overflow Overflow
	// Moves and JobEnds are required with Overflow.
	Moves   Moves
	JobEnds JobEnds
	// Now defaults to time.Now.
	Now func() time.Time
	// Log is required.
	Log *slog.Logger
}

// Processor analyses documents.
type Processor struct {
	options Options
	schema  *jsonschema.Schema
}

// placeholder stands for the document in a prompt. It is all there is of a
// template language, trimmed spaces included: text/template would keep every
// method of every linked SDK in the binary.
var placeholder = regexp.MustCompile(`(?:\s*\{\{-\s|\{\{)\s*\.Text\s*(?:\s-\}\}\s*|\}\})`)

// New makes a Processor. A prompt without a place for the document, or a schema
// that is malformed, is an error.
func New(options Options) (*Processor, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if !placeholder.MatchString(options.Definition.Prompt) {
		return nil, fmt.Errorf("the prompt of documents.%s has no place for the document; write {{.Text}} there", options.Settings.Name)
	}
	if rest := placeholder.ReplaceAllLiteralString(options.Definition.Prompt, ""); strings.Contains(rest, "{{") {
		return nil, fmt.Errorf("the prompt of documents.%s uses more of a template than {{.Text}}", options.Settings.Name)
	}
	p := &Processor{options: options}
	if len(options.Definition.Schema) > 0 && string(options.Definition.Schema) != "null" {
		schema, err := compile(options.Definition.Schema)
		if err != nil {
			return nil, fmt.Errorf("reading the schema of documents.%s: %w", options.Settings.Name, err)
		}
		p.schema = schema
	}
	return p, nil
}

func compile(raw json.RawMessage) (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		return nil, err
	}
	return compiler.Compile("schema.json")
}

// maxDocument bounds what is read into memory where nothing takes larger ones.
const maxDocument = 32 << 20

// Process deals with one source. A nil error means that its event need not come
// again; any other asks for that.
func (p *Processor) Process(ctx context.Context, source Source) error {
	log := p.options.Log.With("documents", p.options.Settings.Name, "key", source.Key, "version", source.Version)
	attempt, err := p.options.Records.Begin(ctx, source, p.options.Now().Add(p.options.Settings.Timeout))
	if errors.Is(err, ErrDone) {
		log.InfoContext(ctx, "event came again")
		return nil
	}
	if err != nil {
		return fmt.Errorf("beginning with %s: %w", source.Key, err)
	}
	outcome, err := p.attempt(ctx, source, attempt)
	if outcome.State == Retry && attempt.Number >= maxAttempts {
		outcome.State = Failed
	}
	log.InfoContext(ctx, "attempt ended", "attempt", attempt.Number, "state", string(outcome.State), "job", outcome.Job, "reason", outcome.Reason)
	// The attempt's own time may be over; what became of it is still written.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return errors.Join(err, p.options.Records.End(ctx, source, outcome))
}

// maxAttempts is how often Lambda runs a function for one event
// (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html, 2026-11-24):
// a third failure is final.
const maxAttempts = 3

// recordTime is what is kept back of the function's time to write down what became of it.
const recordTime = 3 * time.Second

func (p *Processor) attempt(ctx context.Context, source Source, attempt Attempt) (Outcome, error) {
	if reason := p.overflows(source); reason != "" {
		return p.move(ctx, source, attempt, reason)
	}
	limited, cancel := p.limit(ctx)
	defer cancel()
	key, err := p.analyse(limited, source)
	var rejected *Rejected
	switch {
	case err == nil:
		return Outcome{State: Done, Result: key}, nil
	case errors.As(err, &rejected) && rejected.TooLarge && p.options.Overflow != nil:
		return p.move(context.WithoutCancel(ctx), source, attempt, rejected.Reason)
	case errors.As(err, &rejected):
		return Outcome{State: Failed, Reason: rejected.Reason}, nil
	case limited.Err() != nil && p.options.Overflow != nil:
		return p.move(context.WithoutCancel(ctx), source, attempt, "the analysis took too long")
	default:
		return Outcome{State: Retry, Reason: err.Error()}, err
	}
}

// limit ends the analysis while there is time left to say so.
func (p *Processor) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := p.options.Now().Add(p.options.Settings.Timeout)
	if deadline, found := ctx.Deadline(); found && deadline.Before(limit) {
		limit = deadline
	}
	return context.WithDeadline(ctx, limit.Add(-2*recordTime))
}

// Estimate is how long an analysis takes, roughly and by size alone: ten seconds
// for the answer, and fifteen for a model to read a mebibyte of text, about
// 250,000 tokens. An analysis that takes longer than the function may becomes a
// job as well, so nothing is lost by a wrong estimate but time.
func Estimate(size int64) time.Duration {
	return 10*time.Second + time.Duration(float64(size)/(1<<20)*float64(15*time.Second))
}

// overflows tells why a document is not analysed here, or nothing.
func (p *Processor) overflows(source Source) string {
	s := p.options.Settings
	switch {
	case s.OverflowAlways:
		return "all such documents are a worker's"
	case s.OverflowAbove > 0 && source.Size > s.OverflowAbove:
		return fmt.Sprintf("%d bytes are more than %d", source.Size, s.OverflowAbove)
	case s.OverflowLongerThan > 0 && Estimate(source.Size) > s.OverflowLongerThan:
		return fmt.Sprintf("about %s are more than %s", Estimate(source.Size).Round(time.Second), s.OverflowLongerThan)
	case source.Size > maxDocument:
		return fmt.Sprintf("%d bytes are more than %d", source.Size, maxDocument)
	default:
		return ""
	}
}

// move makes the document a job.
func (p *Processor) move(ctx context.Context, source Source, attempt Attempt, reason string) (Outcome, error) {
	if p.options.Overflow == nil {
		return Outcome{State: Failed, Reason: reason + ", and no worker takes over"}, nil
	}
	input, err := json.Marshal(Input{Document: source, Prompt: p.options.Definition.Prompt, Schema: p.options.Definition.Schema,
		Result: p.resultKey(source)})
	if err != nil {
		return Outcome{State: Failed, Reason: err.Error()}, nil
	}
	job, err := p.options.Overflow.Submit(ctx, source, attempt.Reopened, input)
	if err != nil {
		return Outcome{State: Retry, Reason: err.Error()}, fmt.Errorf("making a job of %s: %w", source.Key, err)
	}
	return Outcome{State: Moved, Job: job, Reason: reason}, nil
}

// Input is what the job of a document gets.
type Input struct {
	Document Source `json:"document"`
	// Prompt is a template in which {{.Text}} stands for the document.
	Prompt string          `json:"prompt"`
	Schema json.RawMessage `json:"schema,omitempty"`
	// Result is where the job's result will be found: as JSON where that is its
	// content type, else as text.
	Result string `json:"result"`
}

// analyse makes the result and returns its key.
func (p *Processor) analyse(ctx context.Context, source Source) (string, error) {
	content, err := p.options.Objects.Read(ctx, source, maxDocument)
	if errors.Is(err, ErrGone) {
		return "", &Rejected{Reason: "the document was deleted before it was analysed"}
	}
	if err != nil {
		return "", err
	}
	text, err := p.options.Text(ctx, strings.ToLower(path.Ext(source.Key)), content)
	if err != nil {
		return "", err
	}
	prompt := placeholder.ReplaceAllLiteralString(p.options.Definition.Prompt, text)
	analysis, err := p.options.Analyser.Analyse(ctx, prompt, p.options.Definition.Schema)
	if err != nil {
		return "", err
	}
	if err := p.meets(analysis.Value); err != nil {
		return "", err
	}
	return p.write(ctx, Result{Document: source, Model: analysis.Model, Analysis: analysis.Value,
		Usage: Usage{Input: analysis.InputTokens, Output: analysis.OutputTokens}})
}

// meets checks an answer against the schema. One that does not meet it may do so
// the next time: models vary.
func (p *Processor) meets(value json.RawMessage) error {
	if p.schema == nil {
		return nil
	}
	decoded, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err != nil {
		return errors.New("the model's answer is not JSON")
	}
	if err := p.schema.Validate(decoded); err != nil {
		var invalid *jsonschema.ValidationError
		if errors.As(err, &invalid) {
			// Where it is wrong, without the answer itself.
			return fmt.Errorf("the model's answer does not meet the schema at /%s", strings.Join(deepest(invalid).InstanceLocation, "/"))
		}
		return errors.New("the model's answer does not meet the schema")
	}
	return nil
}

func deepest(err *jsonschema.ValidationError) *jsonschema.ValidationError {
	for len(err.Causes) > 0 {
		err = err.Causes[0]
	}
	return err
}
