package settings

import (
	"fmt"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Load reads a settings struct from environment variables in the form that
// [os.Environ] returns. All missing or malformed variables are reported
// together, each by its name.
func Load[T any](environ []string) (T, error) {
	variables := make(map[string]string, len(environ))
	for _, entry := range environ {
		if name, value, found := strings.Cut(entry, "="); found {
			variables[name] = value
		}
	}
	var target T
	if err := env.ParseWithOptions(&target, env.Options{Environment: variables}); err != nil {
		return target, fmt.Errorf("reading the settings of %T from the environment: %w; the construct that deploys this program sets them", target, err)
	}
	return target, nil
}
