// Package assembly finds the templates of an environment: in a folder that was
// synthesised before, or by running the CDK app, as a program of its own so
// that this one needs no Node.
package assembly

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Synthesiser runs the CDK app.
type Synthesiser struct {
	// Root is the project's folder, with cdk.json.
	Root string
	// Command that is the app. Default: go run .
	Command []string
	// Environ of the process, to which the folder to write is added.
	Environ []string
}

// Run synthesises an environment into a folder. Context are further
// 'key=value' of the CDK's, such as config=DIR.
func (s Synthesiser) Run(ctx context.Context, environment, into string, contexts ...string) error {
	if _, err := os.Stat(filepath.Join(s.Root, "cdk.json")); errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no cdk.json here: run this in the project's folder, or name a synthesised folder by --assembly")
	}
	command := s.Command
	if len(command) == 0 {
		command = []string{"go", "run", "."}
	}
	arguments := append([]string{"env=" + environment, "nag=false"}, contexts...)
	for _, argument := range arguments {
		command = append(command, "-c", argument)
	}
	process := exec.CommandContext(ctx, command[0], command[1:]...)
	process.Dir = s.Root
	process.Env = append(append([]string{}, s.Environ...), "CDK_OUTDIR="+into)
	var said bytes.Buffer
	process.Stdout, process.Stderr = &said, &said
	if err := process.Run(); err != nil {
		return fmt.Errorf("synthesising %s by '%s' (or name a synthesised folder by --assembly): %w\n%s",
			environment, strings.Join(command, " "), err, strings.TrimSpace(said.String()))
	}
	return nil
}
