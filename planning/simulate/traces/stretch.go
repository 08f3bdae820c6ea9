package traces

import (
	"math"
	"math/rand/v2"
	"time"

	"tandem/planning/simulate"
)

// Stretch makes a long stream of jobs out of a short recording: it is played
// again and again, each arrival is kept with a probability that follows the
// hour of the day and the day of the week, and durations are multiplied. Bursts
// and the spread of durations stay as recorded.
type Stretch struct {
	// Recording of at least one job, in order.
	Recording []simulate.Job
	// Length of the stream.
	Length time.Duration
	// Load is the mean number of slots that the jobs keep busy; above 0. The
	// recording's own is the most there is, before Longer.
	Load float64
	// Longer multiplies durations. Defaults to 1.
	Longer float64
	// Season of the arrivals, and the Promise of when they end.
	Season  simulate.Season
	Promise simulate.Promise
	// Seed of what is drawn.
	Seed uint64

	started bool
	over    bool
	draws   *rand.Rand
	most    float64 // the probability at the peak
	period  time.Duration
	round   int
	index   int
}

// Fill implements simulate.Source.
func (s *Stretch) Fill(buffer []simulate.Job) int {
	if !s.started {
		s.start()
	}
	filled := 0
	for filled < len(buffer) {
		at, recorded := s.candidate()
		if at >= s.Length {
			s.over = true
		}
		if s.over {
			return filled
		}
		if s.draws.Float64()*s.Season.Most() >= s.Season.At(at) {
			continue
		}
		job := simulate.Job{At: at, Duration: time.Duration(float64(recorded.Duration) * s.Longer), Priority: recorded.Priority}
		if s.Promise.Share > 0 {
			job.Deadline = s.Promise.Deadline(at, job.Duration, s.draws.Float64(), s.draws.Float64())
		}
		buffer[filled] = job
		filled++
	}
	return filled
}

// candidate is the next arrival that is kept if its moment is at the peak. It
// skips at once what is not: a recording of thousands that keeps one costs one draw.
func (s *Stretch) candidate() (time.Duration, simulate.Job) {
	skipped := 0.0
	if s.most < 1 {
		skipped = math.Floor(math.Log1p(-s.draws.Float64()) / math.Log1p(-s.most))
	}
	s.index += int(min(skipped, 1e12))
	s.round += s.index / len(s.Recording)
	s.index %= len(s.Recording)
	recorded := s.Recording[s.index]
	at := time.Duration(s.round)*s.period + recorded.At
	s.index++
	return at, recorded
}

// MostLoad is how many slots the jobs can keep busy on average, where each
// arrival at the peak is kept.
func (s *Stretch) MostLoad() float64 {
	s.prepare()
	return s.own() * s.Season.Mean() / s.Season.Most()
}

// own load of the recording, as it is.
func (s *Stretch) own() float64 {
	work := 0.0
	for _, job := range s.Recording {
		work += job.Duration.Seconds() * s.Longer
	}
	return work / s.period.Seconds()
}

func (s *Stretch) start() {
	s.started = true
	s.draws = rand.New(rand.NewPCG(s.Seed, 2))
	s.prepare()
	s.most = s.Load / s.own() / s.Season.Mean() * s.Season.Most()
}

func (s *Stretch) prepare() {
	if s.Longer <= 0 {
		s.Longer = 1
	}
	last := s.Recording[len(s.Recording)-1].At
	// One more gap of the usual size lies between two rounds.
	s.period = max(time.Millisecond, last+last/time.Duration(max(1, len(s.Recording)-1)))
}
