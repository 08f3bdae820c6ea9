package config

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// trees draws a tree of few keys, so that layers meet often. Its values say
// which layer they are from.
func trees(layer string, nulls bool) *rapid.Generator[*node] {
	return rapid.Custom(func(t *rapid.T) *node { return drawObject(t, layer, nulls, 3) })
}

func drawObject(t *rapid.T, layer string, nulls bool, depth int) *node {
	result := newObject(Position{File: layer})
	for _, key := range []string{"a", "b", "c"} {
		if rapid.Bool().Draw(t, key) {
			result.set(key, drawValue(t, layer, nulls, depth-1), Position{File: layer})
		}
	}
	return result
}

func drawValue(t *rapid.T, layer string, nulls bool, depth int) *node {
	kinds := []kind{scalar, list}
	if nulls {
		kinds = append(kinds, null)
	}
	if depth > 0 {
		kinds = append(kinds, object, object)
	}
	at := Position{File: layer}
	switch k := rapid.SampledFrom(kinds).Draw(t, "kind"); k {
	case object:
		return drawObject(t, layer, nulls, depth)
	case list:
		return &node{kind: list, at: at, items: []*node{drawValue(t, layer, false, 0)}}
	case null:
		return &node{kind: null, at: at}
	default:
		n := rapid.Int64Range(0, 9).Draw(t, "n")
		return &node{kind: scalar, value: n, text: "n", at: at}
	}
}

// model is merging said again on plain maps, as simply as possible.
func model(base, over any) any {
	layer, isMap := over.(map[string]any)
	if !isMap {
		return over
	}
	result := map[string]any{}
	if below, ok := base.(map[string]any); ok {
		for key, value := range below {
			result[key] = value
		}
	}
	for key, value := range layer {
		if value == nil {
			delete(result, key)
			continue
		}
		result[key] = model(result[key], value)
	}
	return result
}

func TestMergingIsWhatTheModelSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, over := trees("base", false).Draw(t, "base"), trees("over", true).Draw(t, "over")
		merged, _ := merge(base, over)
		require.Equal(t, model(base.plain(), over.plain()), merged.plain())
	})
}

func TestMergingChangesNeitherLayer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, over := trees("base", false).Draw(t, "base"), trees("over", true).Draw(t, "over")
		before, above := base.clone(), over.clone()
		merged, _ := merge(base, over)
		scribble(merged)
		require.Equal(t, before, base)
		require.Equal(t, above, over)
	})
}

func scribble(n *node) {
	n.text, n.value = "scribbled", "scribbled"
	for _, key := range n.keys {
		scribble(n.fields[key].value)
	}
	for _, item := range n.items {
		scribble(item)
	}
}

func TestAnEmptyLayerChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := trees("base", false).Draw(t, "base")
		merged, removed := merge(base, newObject(Position{File: "over"}))
		require.Equal(t, base.plain(), merged.plain())
		require.Empty(t, removed)
	})
}

func TestALayerLaidTwiceChangesNothingMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, over := trees("base", false).Draw(t, "base"), trees("over", true).Draw(t, "over")
		once, _ := merge(base, over)
		twice, _ := merge(once, over)
		require.Equal(t, once.plain(), twice.plain())
	})
}

func TestEachValueKnowsItsLayer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, over := trees("base", false).Draw(t, "base"), trees("over", true).Draw(t, "over")
		merged, removed := merge(base, over)
		merged.eachScalar(nil, func(p path, n *node) {
			from, _, wroteIt := over.find(p)
			if wroteIt && from.kind == scalar {
				require.Equal(t, "over", n.at.File, p)
				return
			}
			require.Equal(t, "base", n.at.File, p)
		})
		for _, r := range removed {
			_, _, there := merged.find(r.path)
			require.False(t, there, r.path)
		}
	})
}
