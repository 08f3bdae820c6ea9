package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/exit"
)

func TestTheReferenceOfTheCommandsIsTheCommittedFile(t *testing.T) {
	code, out, talk := tandem(t, "reference")
	require.Equal(t, exit.OK, code, talk)
	want, err := os.ReadFile("../../docs/cli.md")
	require.NoError(t, err)
	require.Equal(t, string(want), out, "run 'go generate ./cmd/tandem' and read the diff")

	file := filepath.Join(t.TempDir(), "cli.md")
	code, out, talk = tandem(t, "reference", "--generate="+file)
	require.Equal(t, exit.OK, code, talk)
	require.Empty(t, out)
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(written))
}

func TestCommandsFlagsAndEnvironmentsAreCompleted(t *testing.T) {
	t.Chdir("../..")
	for line, want := range map[string]string{
		"tandem con":                 "config",
		"tandem config ch":           "check",
		"tandem config check --e":    "--env",
		"tandem config show --env s": "staging",
		"tandem completion z":        "zsh",
	} {
		t.Run(line, func(t *testing.T) {
			t.Setenv("COMP_LINE", line)
			code, out, talk := tandem(t)
			require.Equal(t, exit.OK, code, talk)
			require.Equal(t, []string{want}, strings.Fields(out))
		})
	}
}

func TestEachShellIsToldHowToComplete(t *testing.T) {
	for shell, want := range map[string]string{"bash": "complete -o default", "zsh": "bashcompinit", "fish": "complete -f -c tandem"} {
		code, out, talk := tandem(t, "completion", shell, "--code")
		require.Equal(t, exit.OK, code, talk)
		require.Contains(t, out, want)
	}
}
