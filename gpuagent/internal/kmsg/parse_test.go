package kmsg_test

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/kmsg"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/xid"
)

// line of testdata/lines.txt.
type line struct {
	source, text string
	want         observe.Event
	none         bool
}

func lines(t testing.TB) []line {
	t.Helper()
	file, err := os.Open("testdata/lines.txt")
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	var all []line
	source := ""
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		want, text, found := strings.Cut(scanner.Text(), " | ")
		if !found {
			if text := scanner.Text(); text != "" && !strings.HasPrefix(text, "#") {
				source = text
			}
			continue
		}
		l := line{source: source, text: strings.ReplaceAll(text, `\n`, "\n"), none: want == "none"}
		if fields := strings.Fields(want); !l.none {
			l.want = observe.Event{Kind: observe.EventKind(fields[0]), Source: "kmsg", PCI: fields[2]}
			l.want.Code, err = strconv.Atoi(fields[1])
			require.NoError(t, err)
			l.want.PID, err = strconv.Atoi(fields[3])
			require.NoError(t, err)
			for _, more := range fields[4:] {
				if l.want.Fatal = more == "fatal"; !l.want.Fatal {
					l.want.UUID = more
				}
			}
		}
		all = append(all, l)
	}
	require.Greater(t, len(all), 90)
	return all
}

func TestEachRecordedLineIsUnderstood(t *testing.T) {
	parser, source := kmsg.Parser{}, ""
	for _, l := range lines(t) {
		if l.source != source {
			parser, source = kmsg.Parser{}, l.source
		}
		event, found := parser.Parse(l.text)
		require.Equal(t, !l.none, found, l.text)
		require.LessOrEqual(t, len(event.Detail), 256)
		if found {
			require.NotEmpty(t, event.Detail)
		}
		event.Detail = ""
		require.Equal(t, l.want, event, l.text)
	}
}

func TestEachCodeOfThePolicyHasALine(t *testing.T) {
	table, err := xid.Load("")
	require.NoError(t, err)
	xids, sxids := map[int]bool{}, map[int]bool{}
	for _, l := range lines(t) {
		switch l.want.Kind {
		case observe.EventXid:
			xids[l.want.Code] = true
		case observe.EventSXid:
			sxids[l.want.Code] = true
		}
	}
	for _, policy := range table.Xids() {
		require.True(t, xids[policy.Code], "testdata/lines.txt has no line of Xid %d", policy.Code)
	}
	for _, policy := range table.SXids() {
		require.True(t, sxids[policy.Code], "testdata/lines.txt has no line of SXid %d", policy.Code)
	}
}

func TestARecordIsReadAsTheKernelWritesIt(t *testing.T) {
	record, ok := kmsg.ParseRecord(`4,1234,5678901,-,caller=T77;NVRM: The NVIDIA GPU 0000:b3:00.0\x0aNVRM: fallen off the bus \x5c\xzz\x`)
	require.True(t, ok)
	require.Equal(t, "NVRM: The NVIDIA GPU 0000:b3:00.0\nNVRM: fallen off the bus \\\\xzz\\x", record.Text)
	require.Equal(t, uint64(1234), record.Sequence)
	require.Equal(t, "5.678901s", record.SinceBoot.String())
	require.Zero(t, record.Facility())

	record, ok = kmsg.ParseRecord("14,1,2,-;a program's")
	require.True(t, ok)
	require.Equal(t, 1, record.Facility())

	for _, text := range []string{"", " SUBSYSTEM=pci", "no semicolon", "1,2;3", "a,b,c,-;x", "4,-1,2,-;x"} {
		_, ok := kmsg.ParseRecord(text)
		require.False(t, ok, text)
	}
}

func FuzzALineFromOutsideNeverBreaksTheAgent(f *testing.F) {
	for _, l := range lines(f) {
		f.Add("4,1234,5678901,-;" + l.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		record, ok := kmsg.ParseRecord(text)
		if !ok {
			record.Text = text
		}
		parser := kmsg.Parser{}
		for range 2 {
			event, found := parser.Parse(record.Text)
			require.Equal(t, found, event.Kind != "")
			require.LessOrEqual(t, len(event.Detail), 256)
			require.GreaterOrEqual(t, event.Code, 0)
			require.GreaterOrEqual(t, event.PID, 0)
			require.NotContains(t, event.Detail, "\n")
		}
	})
}
