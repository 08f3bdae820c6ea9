package process_test

import (
	"bytes"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/test/fault/process"
)

func TestAProcessTellsItsLinesAndItsEnd(t *testing.T) {
	var lines []string
	var exits []int
	var log bytes.Buffer
	p := process.New(process.Options{Name: "p", Path: "/bin/sh", Args: []string{"-c", "echo $WORD; echo bad >&2; exit 3"}, Environ: []string{"WORD=good"}, Log: &log,
		Line: func(line []byte) { lines = append(lines, string(line)) }, Exited: func(e process.Exit) { exits = append(exits, e.Status) }})
	require.Nil(t, p.Done())
	require.False(t, p.Signal(syscall.SIGKILL), "it does not run yet")
	for range 2 {
		exited, err := p.Start()
		require.NoError(t, err)
		<-exited
	}
	require.Equal(t, []string{"good", "good"}, lines)
	require.Equal(t, []int{3, 3}, exits)
	require.Equal(t, "bad\nbad\n", log.String())
	require.False(t, p.Signal(syscall.SIGKILL), "it has ended")
}

func TestAProcessCanBeKilled(t *testing.T) {
	var status int
	p := process.New(process.Options{Name: "p", Path: "/bin/sleep", Args: []string{"60"}, Log: &bytes.Buffer{}, Exited: func(e process.Exit) { status = e.Status }})
	exited, err := p.Start()
	require.NoError(t, err)
	_, running := p.Running()
	require.True(t, running)
	require.True(t, p.Signal(syscall.SIGKILL))
	<-exited
	require.Equal(t, 137, status)
	_, running = p.Running()
	require.False(t, running)
}
