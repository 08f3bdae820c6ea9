package config

// removal is a null that took a value of a lower layer away.
type removal struct {
	path path
	at   Position
}

// merge lays over on base: maps merge deeply, lists and scalars replace, null
// removes. It changes neither argument; the removals are where null stood.
func merge(base, over *node) (*node, []removal) {
	var removed []removal
	result := mergeAt(base, over, nil, &removed)
	return result, removed
}

func mergeAt(base, over *node, at path, removed *[]removal) *node {
	if over.kind != object {
		return over.clone()
	}
	result := newObject(over.at)
	if base.kind == object {
		result = base.clone()
	}
	for _, key := range over.keys {
		f := over.fields[key]
		if f.value.kind == null {
			result.remove(key)
			*removed = append(*removed, removal{path: at.key(key), at: f.at})
			continue
		}
		below, ok := result.fields[key]
		if !ok {
			below.value = &node{kind: null}
		}
		keyAt := f.at
		if ok && below.value.kind == object && f.value.kind == object {
			// What the lower layer began stays the lower layer's: an overlay
			// that adds one key is not where the rest was written.
			keyAt = below.at
		}
		result.set(key, mergeAt(below.value, f.value, at.key(key), removed), keyAt)
	}
	return result
}
