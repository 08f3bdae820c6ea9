package traces_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/planning/simulate"
	"tandem/planning/simulate/traces"
)

const header = "TIMESTAMP,ContextTokens,GeneratedTokens\n"

func TestArrivalsAreReadInOrderWithTheirTokensAsTime(t *testing.T) {
	csv := header + "2023-11-16 18:17:03.9799600,4000,10\r\n\n2023-11-16 18:17:05.4799600,0,50"
	jobs, err := traces.Load("a.csv", strings.NewReader(csv), traces.Rate{PrefillPerSecond: 2000, DecodePerSecond: 25})
	require.NoError(t, err)
	require.Equal(t, []simulate.Job{
		{At: 0, Duration: 2400 * time.Millisecond, Priority: simulate.Normal},
		{At: 1500 * time.Millisecond, Duration: 2 * time.Second, Priority: simulate.Normal},
	}, jobs)
}

func TestWhatIsWrongInArrivalsIsNamedByFileAndLine(t *testing.T) {
	for name, test := range map[string]struct{ csv, want string }{
		"nothing at all":     {"", "a.csv:1: is empty"},
		"other columns":      {"at,in,out\n", `a.csv:1: has columns "at,in,out"`},
		"no rows":            {header, "a.csv: no arrivals"},
		"a column too few":   {header + "2023-11-16 18:17:03,1\n", "a.csv:2: "},
		"a column too many":  {header + "2023-11-16 18:17:03,1,2,3\n", "a.csv:2: "},
		"no time":            {header + "yesterday,1,2\n", `a.csv:2: "yesterday" is no time`},
		"no number":          {header + "2023-11-16 18:17:03,1,2\n2023-11-16 18:17:04,x,2\n", `"x" is no number of tokens`},
		"a negative number":  {header + "2023-11-16 18:17:03,1,-2\n", "a.csv:2: "},
		"time going back":    {header + "2023-11-16 18:17:03,1,2\n2023-11-16 18:17:02,1,2\n", "a.csv:3: 2023-11-16 18:17:02 lies before"},
		"a leap in time":     {header + "2023-11-16 18:17:03,1,2\n2093-11-16 18:17:02,1,2\n", "a.csv:3: 2093-11-16 18:17:02 lies more than a year after"},
		"a quote left open":  {header + "2023-11-16 18:17:03,\"1,2\n", "a.csv:2: "},
		"an impossible hour": {header + "2023-11-16 18:17:03,1,2\n2023-11-16 24:17:03,1,2\n", "a.csv:3: \"2023-11-16 24:17:03\" is no time"},
		"a line without end": {header + strings.Repeat("9", 1<<17), "a.csv:2: cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := traces.Load("a.csv", strings.NewReader(test.csv), traces.V100)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestTimesAreReadAsOthersWriteThem(t *testing.T) {
	at := func(second float64) time.Duration { return time.Duration(second * float64(time.Second)) }
	for name, test := range map[string]struct {
		rows []string
		want []time.Duration
	}{
		"a fraction":            {[]string{"2023-11-16 18:17:03.5", "2023-11-16 18:17:04", "2023-11-16 18:17:04.1234567"}, []time.Duration{0, at(0.5), 623456700}},
		"past midnight":         {[]string{"2023-11-16 23:59:59", "2023-11-17 00:00:01", "2023-11-18 00:00:00.5"}, []time.Duration{0, at(2), 24*time.Hour + at(1.5)}},
		"a zone":                {[]string{"2024-05-10 00:00:00.009930+00:00", "2024-05-10 00:00:01.009930+00:00"}, []time.Duration{0, at(1)}},
		"a zone far from UTC":   {[]string{"2024-05-10 00:30:00+02:00", "2024-05-10 00:30:01+02:00", "2024-05-10 00:30:01+01:00"}, []time.Duration{0, at(1), time.Hour + at(1)}},
		"RFC 3339":              {[]string{"2024-05-10T00:00:00Z", "2024-05-10T00:00:01Z"}, []time.Duration{0, at(1)}},
		"seconds since a start": {[]string{"17.5", "18", "1e3"}, []time.Duration{0, at(0.5), at(982.5)}},
		"a leap year's day":     {[]string{"2024-02-28 23:00:00", "2024-02-29 00:00:00", "2024-03-01 00:00:00"}, []time.Duration{0, time.Hour, 25 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			jobs, err := traces.Load("a.csv", strings.NewReader(header+strings.Join(test.rows, ",1,1\n")+",1,1\n"), traces.V100)
			require.NoError(t, err)
			var got []time.Duration
			for _, job := range jobs {
				got = append(got, job.At)
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestDurationsComeFromAColumnOfAnyName(t *testing.T) {
	read := func(csv string, columns traces.Columns) ([]simulate.Job, error) {
		arrivals, err := traces.NewArrivals("a.csv", strings.NewReader(csv), columns)
		if err != nil {
			return nil, err
		}
		return arrivals.All(3)
	}
	jobs, err := read("id,Start,took,who\n1,0,2.5,\"a, b\"\n2,1,0.001,c\n", traces.Columns{Time: "start", Seconds: "took"})
	require.NoError(t, err)
	require.Equal(t, []simulate.Job{
		{Duration: 2500 * time.Millisecond, Priority: simulate.Normal}, {At: time.Second, Duration: time.Millisecond, Priority: simulate.Normal},
	}, jobs)
	jobs, err = read("Timestamp,Model,Request tokens,Response tokens\n5,x,4000,50\n", traces.Columns{Context: "Request tokens", Generated: "Response tokens", Rate: traces.V100})
	require.NoError(t, err)
	require.Equal(t, 4*time.Second, jobs[0].Duration)
	jobs, err = read("TIMESTAMP\n0\n", traces.Columns{Timeless: true})
	require.NoError(t, err)
	require.Equal(t, time.Second, jobs[0].Duration)

	for _, wrong := range []string{"0", "-1", "NaN", "Inf", "1e9", "soon"} {
		_, err = read("start,took\n1,"+wrong+"\n", traces.Columns{Time: "start", Seconds: "took"})
		require.EqualError(t, err, `a.csv:2: took of "`+wrong+`" is no number of seconds above 0 and up to a year`)
	}
	_, err = read("start,tock\n", traces.Columns{Time: "start", Seconds: "took"})
	require.EqualError(t, err, `a.csv:1: has columns "start,tock"; took is missing`)
	_, err = read("TIMESTAMP\n0\n0\n0\n0\n", traces.Columns{Timeless: true})
	require.ErrorContains(t, err, "a.csv: has more than the 3 arrivals that fit into memory")
}

func TestASpotTraceHonoursItsGap(t *testing.T) {
	got, err := traces.ReadSpot(strings.NewReader(`{"metadata": {"gap_seconds": 195}, "data": [1, 0, 3]}`))
	require.NoError(t, err)
	require.Equal(t, &simulate.Availability{Gap: 195 * time.Second, Samples: []bool{true, false, true}}, got)
	for _, wrong := range []string{``, `[]`, `{"data": [1]}`, `{"metadata": {"gap_seconds": 0}, "data": [1]}`,
		`{"metadata": {"gap_seconds": 5}, "data": []}`, `{"metadata": {"gap_seconds": 5}, "data": [-1]}`} {
		_, err := traces.ReadSpot(strings.NewReader(wrong))
		require.Error(t, err, wrong)
	}
}

func TestStretchedArrivalsHaveTheLoadAndTheSeason(t *testing.T) {
	set, err := traces.Shipped(traces.V100)
	require.NoError(t, err)
	stretch := &traces.Stretch{Recording: set.Arrivals[0].Jobs, Length: 8 * 7 * 24 * time.Hour, Load: 2, Longer: 30,
		Season: simulate.Season{Swing: 0.6, Quiet: 0.5}, Promise: simulate.Promise{Share: 0.25, Low: 2, High: 3, Patience: time.Minute}, Seed: 1}
	work, day, night, dated, count := 0.0, 0, 0, 0, 0
	buffer := make([]simulate.Job, 100)
	last := time.Duration(0)
	for {
		n := stretch.Fill(buffer)
		for _, job := range buffer[:n] {
			require.GreaterOrEqual(t, job.At, last)
			last = job.At
			work += job.Duration.Seconds()
			switch hour := int(job.At.Hours()) % 24; {
			case hour == 14:
				day++
			case hour == 2:
				night++
			}
			count++
			if job.Deadline > 0 {
				dated++
				slack := (job.Deadline - job.At - time.Minute).Seconds() / job.Duration.Seconds()
				require.True(t, slack >= 2 && slack <= 3+1e-6, slack)
			}
		}
		if n < len(buffer) {
			break
		}
	}
	require.Zero(t, stretch.Fill(buffer), "an end is an end")
	require.InEpsilon(t, 2, work/stretch.Length.Seconds(), 0.05)
	require.InEpsilon(t, 1.6/0.4, float64(day)/float64(night), 0.15)
	require.InDelta(t, 0.25, float64(dated)/float64(count), 3*math.Sqrt(0.25*0.75/float64(count)))
}

func TestTracesAreFoundWhereTheVariableSays(t *testing.T) {
	folder := t.TempDir()
	_, err := traces.Find(folder, "", traces.V100)
	require.ErrorContains(t, err, "has no arrivals/*.csv")
	for name, content := range map[string]string{
		"arrivals/one.csv": header + "2023-11-16 18:17:03,1,2\n", "arrivals/two.csv": header + "2023-11-16 18:17:03,1,2\n",
		"spot/zone.json": `{"metadata": {"gap_seconds": 5}, "data": [1]}`,
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644))
	}
	set, err := traces.Find(folder, "", traces.V100)
	require.NoError(t, err)
	require.Len(t, set.Arrivals, 2)
	require.Equal(t, "zone", set.Spot[0].Name)

	shipped, err := traces.Find("", t.TempDir(), traces.V100)
	require.NoError(t, err)
	require.Equal(t, "shipped", shipped.From)
	require.InDelta(t, 0.56, shipped.Spot[0].Availability.Share(), 0.01)
}
