// Package secrets reads secrets from AWS Secrets Manager and remembers them for
// a while, so that a rotated secret comes into use and each call does not pay
// for another.
package secrets

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Client is what the reader calls of Secrets Manager.
type Client interface {
	GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, options ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Options of a [Reader].
type Options struct {
	// Client is required.
	Client Client
	// Remember is how long a value is used without asking again. Defaults to 5 min.
	Remember time.Duration
}

// Reader reads secrets. It is safe for concurrent use.
type Reader struct {
	options Options
	mu      sync.Mutex
	known   map[string]value
}

type value struct {
	text string
	read time.Time
}

// New makes a Reader that knows nothing yet.
func New(options Options) *Reader {
	if options.Remember == 0 {
		options.Remember = 5 * time.Minute
	}
	return &Reader{options: options, known: map[string]value{}}
}

// Get returns the current string value of a secret, by its name or ARN. When
// Secrets Manager does not answer, a value that was read before goes on being used.
func (r *Reader) Get(ctx context.Context, name string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, found := r.known[name]
	if found && time.Since(before.read) < r.options.Remember {
		return before.text, nil
	}
	text, err := r.read(ctx, name)
	if err != nil && found {
		return before.text, nil
	}
	return text, err
}

// Refresh returns a secret's value after stale was found not to work: one that
// was read meanwhile, else a new one. When there is no other, or a moment after
// the last reading, it is stale itself.
func (r *Reader) Refresh(ctx context.Context, name, stale string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, found := r.known[name]
	if found && (before.text != stale || time.Since(before.read) < refreshApart) {
		return before.text, nil
	}
	return r.read(ctx, name)
}

// refreshApart is how long a value that was just read is believed: a key that
// was revoked for good would otherwise be asked for with each call.
const refreshApart = 5 * time.Second

func (r *Reader) read(ctx context.Context, name string) (string, error) {
	out, err := r.options.Client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	switch {
	case err != nil:
		return "", fmt.Errorf("reading secret %s: %w", name, err)
	case out.SecretString == nil || strings.TrimSpace(*out.SecretString) == "":
		return "", fmt.Errorf("reading secret %s: it holds no text; put the value in as a string", name)
	}
	// A line end comes with most editors, and breaks a header.
	text := strings.TrimSpace(*out.SecretString)
	r.known[name] = value{text: text, read: time.Now()}
	return text, nil
}
