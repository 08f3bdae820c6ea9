package assembly

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
)

// readObject keeps numbers as they are written.
func readObject(path string) (map[string]any, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.UseNumber()
	var content map[string]any
	if err := decoder.Decode(&content); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return content, nil
}

func encode(content map[string]any) ([]byte, error) {
	raw, err := json.MarshalIndent(content, "", " ")
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

// The three forms a value takes, or the empty one when it takes another.

func object(value any) map[string]any {
	content, _ := value.(map[string]any)
	return content
}

func list(value any) []any {
	content, _ := value.([]any)
	return content
}

func text(value any) string {
	content, _ := value.(string)
	return content
}

func sortedKeys(content map[string]any) []string {
	return slices.Sorted(maps.Keys(content))
}
