package config

import (
	"fmt"
	"math"
	"regexp"
	"sort"
	"strings"

	"github.com/agnivade/levenshtein"
)

// subject names a value in a message.
func subject(at path) string {
	if len(at) == 0 {
		return "the environment"
	}
	return at.String()
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// typeName is JSON Schema's name of a value's type.
func typeName(n *node, k *keywords) string {
	switch n.kind {
	case object:
		return "object"
	case list:
		return "array"
	case null:
		return "null"
	}
	switch value := n.value.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		whole := value == math.Trunc(value) && math.Abs(value) < 1<<53
		if whole && k.Type.allows("integer") {
			return "integer"
		}
		return "number"
	case uint64:
		if value > math.MaxInt64 {
			return "an integer above 2^63"
		}
	}
	if !k.Type.allows("integer") && k.Type.allows("number") {
		return "number"
	}
	return "integer"
}

// number is the value of a scalar that is one.
func (n *node) number() (float64, bool) {
	switch value := n.value.(type) {
	case int64:
		return float64(value), true
	case uint64:
		return float64(value), true
	case float64:
		return value, true
	}
	return 0, false
}

// describe is a value as a message quotes it.
func (n *node) describe() string {
	switch n.kind {
	case object:
		return "a map"
	case list:
		return "a list"
	case null:
		return "nothing"
	}
	switch n.value.(type) {
	case string:
		return fmt.Sprintf("the text %q", shorten(n.text))
	case bool:
		return n.text
	default:
		return "the number " + shorten(n.text)
	}
}

func shorten(text string) string {
	text = firstLine(text)
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "..."
	}
	return text
}

// wanted says what a value should have been.
func wanted(k *keywords) string {
	switch {
	case k.Unit == unitDuration:
		return "a duration such as 90s, 12h or 14d"
	case k.Unit == unitSize:
		return "a size such as 512MiB or 16GiB"
	}
	words := map[string]string{
		"object": "a map of keys", "array": "a list", "string": "text", "boolean": "true or false",
		"integer": "a whole number", "number": "a number", "null": "nothing",
	}
	return words[k.Type[0]]
}

func typeHint(n *node, k *keywords) string {
	switch {
	case k.Unit != "" && n.kind == scalar:
		return unitHint(k.Unit, n.text)
	case k.Type.allows("string") && n.kind == scalar:
		return fmt.Sprintf("put it in quotes: %q", n.text)
	case k.Type.allows("array") && n.kind == scalar:
		return fmt.Sprintf("write a list: [%s]", strings.Join(strings.Fields(shorten(n.text)), ", "))
	case k.Type.allows("array") && n.kind == object:
		return "begin each entry with a dash"
	case k.Type.allows("object") && n.kind == scalar && strings.Contains(n.text, ":"):
		return "a space belongs after the colon"
	case k.Type.allows("object") && n.kind == scalar && len(k.Properties) > 0:
		return "its keys are " + strings.Join(sortedKeys(k.Properties), ", ")
	case k.Type.allows("object") && n.kind == list:
		return "write each entry under a key of its own, without the dash"
	case k.Type.allows("boolean"):
		return booleanHint(n.text)
	case k.Type.allows("integer") && n.kind == scalar, k.Type.allows("number") && n.kind == scalar:
		if len(n.text) > len("999999999999999999") {
			return "no number here is that large"
		}
		if _, quoted := n.value.(string); quoted && regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`).MatchString(n.text) {
			return "remove the quotes"
		}
	}
	return ""
}

func booleanHint(text string) string {
	switch strings.ToLower(text) {
	case "yes", "on", "y", "1", "true", "enabled":
		return "write true"
	case "no", "off", "n", "0", "false", "disabled":
		return "write false"
	}
	return ""
}

var (
	looseDuration = regexp.MustCompile(`(?i)^([0-9]+)\s*(|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?)$`)
	looseSize     = regexp.MustCompile(`(?i)^([0-9]+)\s*(|[kmgt]i?b?)$`)
)

// unitHint guesses what a duration or size was meant to be.
func unitHint(unit, text string) string {
	if unit == unitDuration {
		parts := looseDuration.FindStringSubmatch(text)
		switch {
		case parts == nil:
			return "units are d, h, m, s and ms, largest first: 1h30m"
		case parts[2] == "":
			return fmt.Sprintf("add a unit: %[1]ss, %[1]sm or %[1]sh", parts[1])
		}
		switch letter := strings.ToLower(parts[2][:1]); {
		case letter == "w":
			return "weeks are written in days, 7d each"
		case strings.HasPrefix(strings.ToLower(parts[2]), "mo"):
			return "months are written in days, 30d each"
		default:
			return fmt.Sprintf("write %s%s", parts[1], letter)
		}
	}
	parts := looseSize.FindStringSubmatch(text)
	switch {
	case parts == nil:
		return "units are KiB, MiB, GiB and TiB, with a whole number before them"
	case parts[2] == "":
		return fmt.Sprintf("add a unit: %[1]sMiB or %[1]sGiB", parts[1])
	default:
		return fmt.Sprintf("write %s%siB", parts[1], strings.ToUpper(parts[2][:1]))
	}
}

// unknownKeyHint finds the key that was meant: one that is near, the same one
// in a part below, or else it lists what there is.
func unknownKeyHint(key string, k, root *keywords) (hint, meant string) {
	var names []string
	for name := range k.Properties {
		names = append(names, name)
	}
	sort.Strings(names)
	if near := nearest(key, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near), near
	}
	for _, name := range names {
		if below := k.child(root, name); below != nil && below.Properties[key] != nil {
			return fmt.Sprintf("%q belongs under %s", key, name), name
		}
	}
	if root.resolve(root).Properties[key] != nil {
		return fmt.Sprintf("%q is a key of the environment: move it to the left", key), ""
	}
	return "the keys here are " + strings.Join(names, ", "), ""
}

func didYouMean(given string, choices []string) string {
	if best := nearest(given, choices); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return ""
}

// nearest is the choice that a slip of the hand would turn into the given
// text; empty where none is near.
func nearest(given string, choices []string) string {
	plain := func(text string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(text))
	}
	best, bestDistance := "", math.MaxInt
	for _, choice := range choices {
		distance := levenshtein.ComputeDistance(plain(given), plain(choice))
		shorter, longer := plain(given), plain(choice)
		if len(shorter) > len(longer) {
			shorter, longer = longer, shorter
		}
		if len(shorter) >= 3 && strings.HasPrefix(longer, shorter) {
			distance = min(distance, 2)
		}
		if distance < bestDistance {
			best, bestDistance = choice, distance
		}
	}
	if bestDistance <= max(1, len(given)/3) || bestDistance <= 2 && len(given) >= 3 {
		return best
	}
	return ""
}
