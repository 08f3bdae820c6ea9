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
	// Swing of a day around its mean, 0 to 1, with its peak at 14:00; Weekend is
	// the part of a weekday's arrivals that come on Saturday and Sunday, the days
	// 5 and 6. Both default to none: a Swing of 0 and a Weekend of 1.
	Swing, Weekend float64
	// DeadlineShare of the jobs, 0 to 1, must end within a multiple of their
	// duration and Patience, drawn evenly between DeadlineLow and DeadlineHigh.
	DeadlineShare, DeadlineLow, DeadlineHigh float64
	// Patience is what a deadline leaves beside the multiple.
	Patience time.Duration
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
		if s.draws.Float64()*(1+s.Swing) >= s.season(at) {
			continue
		}
		job := simulate.Job{At: at, Duration: time.Duration(float64(recorded.Duration) * s.Longer), Priority: recorded.Priority}
		if s.DeadlineShare > 0 && s.draws.Float64() < s.DeadlineShare {
			multiple := s.DeadlineLow + s.draws.Float64()*(s.DeadlineHigh-s.DeadlineLow)
			job.Deadline = at + s.Patience + time.Duration(multiple*float64(job.Duration))
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

func (s *Stretch) start() {
	s.started = true
	s.draws = rand.New(rand.NewPCG(s.Seed, 2))
	if s.Longer <= 0 {
		s.Longer = 1
	}
	if s.Weekend <= 0 {
		s.Weekend = 1
	}
	last := s.Recording[len(s.Recording)-1].At
	// One more gap of the usual size lies between two rounds.
	s.period = max(time.Millisecond, last+last/time.Duration(max(1, len(s.Recording)-1)))
	work := 0.0
	for _, job := range s.Recording {
		work += job.Duration.Seconds() * s.Longer
	}
	s.most = s.Load / (work / s.period.Seconds()) / s.weekly() * (1 + s.Swing)
}

// season is how the arrivals of a moment compare with those of a weekday's mean.
func (s *Stretch) season(at time.Duration) float64 {
	day := int(at/(24*time.Hour)) % 7
	factor := 1 + s.Swing*math.Cos(2*math.Pi*(at.Hours()-14)/24)
	if day >= 5 {
		factor *= s.Weekend
	}
	return factor
}

// weekly is the mean of season over whole weeks.
func (s *Stretch) weekly() float64 { return (5 + 2*s.Weekend) / 7 }
