package httpapi

import (
	"strconv"
	"strings"
	"time"
)

// preference is what RFC 7240 has to say about waiting.
type preference struct {
	async bool
	// wait is zero where none was asked for.
	wait time.Duration
}

// parsePrefer reads Prefer headers. A preference is optional by its nature: what
// cannot be read is ignored, and of two that say the same thing the first counts.
func parsePrefer(headers []string) preference {
	var found preference
	seenWait := false
	for _, header := range headers {
		for element := range splitQuoted(header, ',') {
			var first string
			for part := range splitQuoted(element, ';') { // the rest are parameters
				first = part
				break
			}
			name, value, _ := strings.Cut(first, "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "respond-async":
				found.async = true
			case "wait":
				seconds, err := strconv.ParseUint(value, 10, 31)
				if err == nil && !seenWait {
					found.wait, seenWait = time.Duration(seconds)*time.Second, true
				}
			}
		}
	}
	return found
}

// splitQuoted yields the parts between separators that are not inside quotes.
func splitQuoted(text string, separator byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start, quoted := 0, false
		for i := 0; i < len(text); i++ {
			switch {
			case quoted && text[i] == '\\':
				i++
			case text[i] == '"':
				quoted = !quoted
			case text[i] == separator && !quoted:
				if !yield(text[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(text[start:])
	}
}
