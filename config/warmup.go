package config

// WarmUp is the first request of a task. It must succeed: a task whose warm-up fails gets no
// other, and a deployment of such tasks is taken back.
type WarmUp struct {
	// Path of the request. Default: /v1/chat/completions.
	Path string `yaml:"path,omitempty" jsonschema:"default=/v1/chat/completions,pattern=^/"`
	// Prompt of the request that is made where there is no body. Default: Hello.
	Prompt string `yaml:"prompt,omitempty" jsonschema:"default=Hello"`
	// Body of the request. Default: - what path takes, for OpenAI's completions and embeddings: 16 tokens at most.
	Body map[string]any `yaml:"body,omitempty"`
	// Timeout of the request, part of coldStart; one that takes longer is made again. Default: 2m.
	Timeout Duration `yaml:"timeout,omitempty" jsonschema:"default=2m" jsonschema_extras:"x-minimum=1s,x-maximum=1h"`
}

// warmUpTokens is how much of an answer a warm-up asks for: enough to compile
// both what reads a prompt and what writes token by token.
const warmUpTokens = 16

// warmUps are what OpenAI's paths take.
var warmUps = map[string]func(model, prompt string) map[string]any{
	"/v1/chat/completions": func(model, prompt string) map[string]any {
		message := map[string]any{"role": "user", "content": prompt}
		return map[string]any{"model": model, "messages": []any{message}, "max_tokens": warmUpTokens}
	},
	"/v1/completions": func(model, prompt string) map[string]any {
		return map[string]any{"model": model, "prompt": prompt, "max_tokens": warmUpTokens}
	},
	"/v1/embeddings": func(model, prompt string) map[string]any {
		return map[string]any{"model": model, "input": prompt}
	},
}

// Request is the body of the warm-up of a model, by the server's name of it;
// nil where neither the configuration nor the path tells what it is.
func (w WarmUp) Request(model string) map[string]any {
	if w.Body != nil {
		return w.Body
	}
	if make, known := warmUps[w.Path]; known {
		return make(model, w.Prompt)
	}
	return nil
}
