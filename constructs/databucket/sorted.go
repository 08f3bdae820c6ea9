package databucket

import (
	"maps"
	"slices"
)

func sortedKeys(values map[string]int) []string { return slices.Sorted(maps.Keys(values)) }
