package synth

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// contextVariable is how the CDK's command line hands the context over.
const contextVariable = "CDK_CONTEXT_JSON"

// Context returns the context of a synth: what the CDK's command line handed
// over or, without it, what cdk.json says, and over that the arguments
// '-c key=value'.
func Context(root string, environ, arguments []string) (map[string]any, error) {
	context, err := inherited(root, environ)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(arguments); i++ {
		flag, value := arguments[i], ""
		switch {
		case flag == "-c" || flag == "--context":
			if i++; i == len(arguments) {
				return nil, fmt.Errorf("reading the arguments: %s is not followed by key=value", flag)
			}
			value = arguments[i]
		case strings.HasPrefix(flag, "--context="):
			value = strings.TrimPrefix(flag, "--context=")
		default:
			return nil, fmt.Errorf("reading the arguments: unknown argument %q; use -c env=NAME, -c config=DIR, -c set.path.to.key=VALUE", flag)
		}
		key, text, found := strings.Cut(value, "=")
		if !found {
			return nil, fmt.Errorf("reading the arguments: -c %q has no '='; write -c key=value", value)
		}
		context[key] = text
	}
	return context, nil
}

func inherited(root string, environ []string) (map[string]any, error) {
	for _, entry := range environ {
		if raw, found := strings.CutPrefix(entry, contextVariable+"="); found {
			context := map[string]any{}
			if err := json.Unmarshal([]byte(raw), &context); err != nil {
				return nil, fmt.Errorf("reading %s: %w", contextVariable, err)
			}
			return context, nil
		}
	}
	raw, err := os.ReadFile(filepath.Join(root, "cdk.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]any{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the context: %w", err)
	}
	file := struct {
		Context map[string]any `json:"context"`
	}{Context: map[string]any{}}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("reading cdk.json: %w", err)
	}
	return file.Context, nil
}

// overrides are the values of context keys set.path.to.key, as path.to.key=value.
func overrides(context map[string]any) []string {
	var all []string
	for key, value := range context {
		if path, found := strings.CutPrefix(key, "set."); found {
			all = append(all, fmt.Sprintf("%s=%v", path, value))
		}
	}
	slices.Sort(all)
	return all
}

func text(context map[string]any, key, fallback string) string {
	if value, found := context[key].(string); found && value != "" {
		return value
	}
	return fallback
}
