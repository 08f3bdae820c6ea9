package checks

import (
	"maps"
	"slices"

	"tandem/cloudassembly"
)

// The parts of a template by short names, as every rule speaks of them.
type (
	stack    = cloudassembly.IndexedStack
	resource = cloudassembly.Resource
	value    = cloudassembly.Value
)

// model is an assembly with what the rules remember of their own lookups.
type model struct {
	*cloudassembly.Index

	fleetOnce *fleet
	rolesOnce map[*resource][]statement
}

func sortedKeys[V any](from map[string]V) []string { return slices.Sorted(maps.Keys(from)) }
