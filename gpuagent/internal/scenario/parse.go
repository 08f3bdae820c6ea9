package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Script is a story.
type Script struct{ steps []step }

// step is one line.
type step struct {
	line int
	at   time.Duration
	// timed steps are the story; the others describe the host before it.
	timed bool
	text  string
	do    func(*World) error
}

// Limits of a script.
const (
	longestScript = 64 << 10
	longestStory  = 48 * time.Hour
)

// Parse reads a script. Its errors name the line.
func Parse(text string) (Script, error) {
	var script Script
	if len(text) > longestScript {
		return script, fmt.Errorf("a script has %d bytes at most, this one has %d", longestScript, len(text))
	}
	var last time.Duration
	begun := false
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		next := step{line: i + 1, text: line}
		rest, timed := strings.CutPrefix(line, "at ")
		if timed {
			moment, what, found := strings.Cut(rest, ":")
			at, err := time.ParseDuration(strings.TrimSpace(moment))
			if !found || err != nil {
				return Script{}, fmt.Errorf("line %d: %q: write 'at 3s: gpu 2 xid 79'", i+1, line)
			}
			if at < last || at > longestStory {
				return Script{}, fmt.Errorf("line %d: %s: moments follow each other, up to %s", i+1, at, longestStory)
			}
			begun, last, next.at, next.timed, rest = true, at, at, true, what
		} else if rest = line; begun {
			return Script{}, fmt.Errorf("line %d: %q: the host is described before the story begins", i+1, line)
		}
		do, err := parse(strings.Fields(rest), timed)
		if err != nil {
			return Script{}, fmt.Errorf("line %d: %q: %w", i+1, line, err)
		}
		next.do = do
		script.steps = append(script.steps, next)
	}
	return script, nil
}

// word is what a line may begin with.
type word struct {
	// setup words describe the host, the others are moments of the story; some are both.
	setup, story bool
	read         func(words) (func(*World) error, error)
}

func parse(line words, timed bool) (func(*World) error, error) {
	all := vocabulary()
	word, known := all[line.at(0)]
	switch {
	case !known:
		return nil, fmt.Errorf("there is no word %q; there are %s", line.at(0), strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	case timed && !word.story:
		return nil, fmt.Errorf("%s describes the host and has no moment", line.at(0))
	case !timed && !word.setup:
		return nil, fmt.Errorf("%s happens at a moment: write 'at 3s: …'", line.at(0))
	}
	return word.read(line[1:])
}

// words of a line.
type words []string

// at is empty past the end.
func (w words) at(i int) string {
	if i < len(w) {
		return w[i]
	}
	return ""
}

// rest of the line from a word on.
func (w words) rest(i int) string { return strings.Join(w[min(i, len(w)):], " ") }

// number reads a whole number from 0 to a million.
func (w words) number(i int) (int, error) {
	var value int
	text := w.at(i)
	if text == "" || len(text) > 7 {
		return 0, fmt.Errorf("%q is no number from 0 to 9999999", text)
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%q is no number from 0 to 9999999", text)
		}
		value = value*10 + int(c-'0')
	}
	return value, nil
}

// one reads a word of a list.
func (w words) one(i int, of ...string) (string, error) {
	if slices.Contains(of, w.at(i)) {
		return w.at(i), nil
	}
	return "", fmt.Errorf("%q is none of %s", w.at(i), strings.Join(of, ", "))
}
