package config

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
)

// checker holds a merged tree against the schema. What is wrong is reported
// and taken out of the tree, so that the rest can still be decoded and judged.
type checker struct {
	root     *keywords
	patterns map[string]*regexp.Regexp
	problems *problems
	// removed is where a layer took a value away, by its path.
	removed map[string]Position
	// partial is whether layers are missing, so that nothing can be said about
	// what lacks.
	partial bool
}

func (c *checker) report(at Position, p path, message, hint string) bool {
	c.problems.add(Problem{Position: at, path: p, Message: message, Hint: hint})
	return false
}

// check is false where the value cannot be used.
func (c *checker) check(f field, k *keywords, at path) bool {
	n := f.value
	if len(k.Type) > 0 && !k.Type.allows(typeName(n, k)) {
		return c.report(n.at, at, fmt.Sprintf("%s must be %s, not %s", subject(at), wanted(k), n.describe()), typeHint(n, k))
	}
	switch n.kind {
	case object:
		return c.object(f, k, at)
	case list:
		return c.list(n, k, at)
	case scalar:
		return c.scalar(n, k, at)
	default:
		return true
	}
}

func (c *checker) object(whole field, k *keywords, at path) bool {
	n := whole.value
	meant := map[string]bool{}
	for _, key := range append([]string(nil), n.keys...) {
		f := n.fields[key]
		here := at.key(key)
		property := k.child(c.root, key)
		switch {
		case property == nil:
			hint, near := unknownKeyHint(key, k, c.root)
			found := Problem{Position: f.at, path: here, Hint: hint, Message: fmt.Sprintf("unknown key %q in %s", key, subject(at))}
			if near != "" {
				meant[near], found.meant = true, at.key(near)
			}
			c.problems.add(found)
		case k.PropertyNames != nil && !c.matches(k.PropertyNames.Pattern, key):
			c.report(f.at, here, fmt.Sprintf("%q cannot be a key of %s", key, subject(at)), "keys here match "+k.PropertyNames.Pattern)
		case c.check(f, property, here):
			continue
		default:
			// It is there, although it is wrong.
			meant[key] = true
		}
		n.remove(key)
	}
	c.missing(whole, k, at, meant)
	return true
}

// missing reports required keys that are not there, unless a misspelt one
// stands for them.
func (c *checker) missing(whole field, k *keywords, at path, meant map[string]bool) {
	for _, name := range k.Required {
		if _, ok := whole.value.fields[name]; ok || meant[name] || c.partial {
			continue
		}
		hint := ""
		if property := k.child(c.root, name); property != nil {
			hint = property.Description
		}
		if removed, ok := c.removed[at.key(name).String()]; ok {
			c.report(removed, at.key(name), fmt.Sprintf("%s cannot do without %s", subject(at), name), hint)
			continue
		}
		c.report(whole.at, at.key(name), fmt.Sprintf("%s lacks %s", subject(at), name), hint)
	}
}

func (c *checker) list(n *node, k *keywords, at path) bool {
	ok := true
	if k.MinItems > 0 && len(n.items) < k.MinItems {
		ok = c.report(n.at, at, fmt.Sprintf("%s needs at least %s", subject(at), plural(k.MinItems, "entry", "entries")), k.Description)
	}
	if k.MaxItems > 0 && len(n.items) > k.MaxItems {
		ok = c.report(n.items[k.MaxItems].at, at, fmt.Sprintf("%s has %d entries; at most %d are possible", subject(at), len(n.items), k.MaxItems), "")
	}
	seen := map[string]bool{}
	items := k.Items.resolve(c.root)
	if items != nil && items.Description == "" {
		described := *items
		described.Description = k.Description
		items = &described
	}
	for i, item := range n.items {
		here := at.index(i)
		if items != nil && !c.check(field{value: item, at: item.at}, items, here) {
			ok = false
			continue
		}
		if k.UniqueItems && item.kind == scalar {
			if seen[item.text] {
				ok = c.report(item.at, here, fmt.Sprintf("%s lists %q twice", subject(at), item.text), "")
			}
			seen[item.text] = true
		}
	}
	return ok
}

func (c *checker) scalar(n *node, k *keywords, at path) bool {
	switch {
	case len(k.Enum) > 0 && !inEnum(k.Enum, n.text):
		choices := enumTexts(k.Enum)
		return c.report(n.at, at, fmt.Sprintf("%s must be one of %s, not %q", subject(at), strings.Join(choices, ", "), n.text), didYouMean(n.text, choices))
	case k.Unit != "":
		return c.unit(n, k, at)
	case k.Pattern != "" && !c.matches(k.Pattern, n.text):
		return c.report(n.at, at, fmt.Sprintf("%s is %q, which does not match %s", subject(at), n.text, k.Pattern), k.Description)
	case k.Format == "email" && !isEmail(n.text):
		return c.report(n.at, at, fmt.Sprintf("%s is %q, which is not an email address", subject(at), n.text), "")
	}
	number, isNumber := n.number()
	switch {
	case isNumber && k.Minimum != nil && number < *k.Minimum:
		return c.report(n.at, at, fmt.Sprintf("%s is %s, below the minimum of %v", subject(at), n.text, *k.Minimum), k.Description)
	case isNumber && k.Maximum != nil && number > *k.Maximum:
		return c.report(n.at, at, fmt.Sprintf("%s is %s, above the maximum of %v", subject(at), n.text, *k.Maximum), k.Description)
	}
	return true
}

func (c *checker) unit(n *node, k *keywords, at path) bool {
	value, err := parseUnit(k.Unit, n.text)
	if err != nil {
		return c.report(n.at, at, fmt.Sprintf("%s: %v", subject(at), err), unitHint(k.Unit, n.text))
	}
	if low, err := parseUnit(k.Unit, k.UnitMinimum); err == nil && value < low {
		return c.report(n.at, at, fmt.Sprintf("%s is %s, below the minimum of %s", subject(at), n.text, k.UnitMinimum), k.Description)
	}
	if high, err := parseUnit(k.Unit, k.UnitMaximum); err == nil && value > high {
		return c.report(n.at, at, fmt.Sprintf("%s is %s, above the maximum of %s", subject(at), n.text, k.UnitMaximum), k.Description)
	}
	return true
}

// parseUnit reads a duration in nanoseconds or a size in bytes.
func parseUnit(unit, text string) (int64, error) {
	if unit == unitDuration {
		d, err := ParseDuration(text)
		return int64(d), err
	}
	s, err := ParseSize(text)
	return int64(s), err
}

func (c *checker) matches(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	compiled, ok := c.patterns[pattern]
	if !ok {
		compiled = regexp.MustCompile(pattern)
		c.patterns[pattern] = compiled
	}
	return compiled.MatchString(text)
}

func isEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text
}

func inEnum(enum []any, text string) bool {
	for _, choice := range enum {
		if choice == text {
			return true
		}
	}
	return false
}

func enumTexts(enum []any) []string {
	var texts []string
	for _, choice := range enum {
		if text, ok := choice.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}
