package plan

import (
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"tandem/test/fault/model"
)

// submission draws one job.
func submission(random *rand.Rand, o Options, number int, span time.Duration) Submission {
	s := Submission{
		At: spread(random, span*9/10, number, o.Jobs), Number: number, May: []string{"succeeded"},
		Tenant:   []string{"acme", "globex", "initech"}[random.IntN(3)],
		Priority: []string{"high", "normal", "normal", "low"}[random.IntN(4)],
		Script:   model.Script{Number: number, Millis: work(random, 10, 4000)},
		Once:     random.IntN(20) == 0, Twice: random.IntN(20) == 0,
	}
	long := int(o.Timeout.Milliseconds()) / 2
	switch drawn := random.IntN(100); {
	case drawn < 50: // nothing but work
	case drawn < 68:
		s.Script.Steps = 2 + random.IntN(4)
	case drawn < 74:
		s.Script.Pad = strings.Repeat("i", 1<<10+random.IntN(60<<10))
		s.Script.Result = 1 + random.IntN(100<<10)
	case drawn < 78:
		s.Script.Millis, s.Script.Checkpoints = long/4+random.IntN(long*3/4), 3+random.IntN(4)
	case drawn < 82:
		s.Script.Misbehaves = model.Fails
	case drawn < 86:
		s.Script.Misbehaves = model.Garbage
	case drawn < 88:
		s.Script.Misbehaves = model.Hangs
	case drawn < 89:
		s.Script.Misbehaves = model.Crashes
	case drawn < 91:
		s.Script.Misbehaves = model.Fails
		if o.Kills >= short { // three attempts take half a minute
			s.Script.Always, s.May = true, []string{"failed"}
		}
	case drawn < 95:
		s.Cancel = time.Duration(1+random.IntN(8000)) * time.Millisecond
		s.Script.Millis = work(random, 500, 8000)
		s.May = append(s.May, "cancelled")
	case drawn < 98:
		s.Deadline = time.Duration(2000+random.IntN(25_000)) * time.Millisecond
		s.May = append(s.May, "expired")
	default:
		s.Script.Steps, s.Script.Checkpoints = 4, 4
		s.Script.Millis = work(random, 2000, 8000)
	}
	return s
}

// work draws a duration in milliseconds, as many short as long ones.
func work(random *rand.Rand, least, most float64) int {
	return int(least * math.Pow(most/least, random.Float64()))
}
