package config

import (
	"fmt"
	"sort"
	"strconv"
)

// applyDefaults writes the schema's defaults into the tree wherever nothing
// was said: also into each worker, service and so on. Their position says that
// no file holds them.
func applyDefaults(n *node, k, root *keywords) {
	switch n.kind {
	case object:
		for _, name := range sortedKeys(k.Properties) {
			property := k.Properties[name].resolve(root)
			if property.Default == nil {
				continue
			}
			given, ok := n.fields[name]
			value := fromDefault(property.Default)
			switch {
			case !ok:
				n.set(name, value, value.at)
			case given.value.kind == object && value.kind == object:
				for _, key := range value.keys {
					if _, own := given.value.fields[key]; !own {
						given.value.set(key, value.fields[key].value, value.at)
					}
				}
			}
		}
		for _, key := range n.keys {
			if property := k.child(root, key); property != nil {
				applyDefaults(n.fields[key].value, property, root)
			}
		}
	case list:
		if items := k.Items.resolve(root); items != nil {
			for _, item := range n.items {
				applyDefaults(item, items, root)
			}
		}
	}
}

func fromDefault(value any) *node { return fromPlain(value, Position{File: Default}) }

// fromPlain makes a tree of a decoded value.
func fromPlain(value any, at Position) *node {
	switch value := value.(type) {
	case map[string]any:
		result := newObject(at)
		for _, key := range sortedKeys(value) {
			result.set(key, fromPlain(value[key], at), at)
		}
		return result
	case []any:
		result := &node{kind: list, at: at}
		for _, item := range value {
			result.items = append(result.items, fromPlain(item, at))
		}
		return result
	case nil:
		return &node{kind: null, at: at}
	case float64:
		if value == float64(int64(value)) {
			return &node{kind: scalar, value: int64(value), text: strconv.FormatInt(int64(value), 10), at: at}
		}
		return &node{kind: scalar, value: value, text: strconv.FormatFloat(value, 'g', -1, 64), at: at}
	default:
		return &node{kind: scalar, value: value, text: fmt.Sprint(value), at: at}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
