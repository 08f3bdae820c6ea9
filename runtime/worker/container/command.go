package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"tandem/runtime/settings"
)

// CommandOptions says what to run for each job.
type CommandOptions struct {
	// Args of the command, the program first. Required. {input} stands for a file
	// that holds the input, {result} for the file that the command will write its
	// result to, {dir} for a folder of the job's own, removed afterwards. Without
	// {input} the input is on standard input, without {result} the result is what
	// the command writes to standard output.
	Args []string
	// Environ is what the command inherits, as os.Environ returns it.
	Environ []string
	// Dir under which the jobs' folders are made. Defaults to the system's.
	Dir string
	// Log takes the command's standard error, and its standard output where the
	// result is a file. Defaults to nowhere.
	Log io.Writer
}

// Command runs a process of its own for each job.
type Command struct{ options CommandOptions }

// NewCommand returns a container that is a command.
func NewCommand(options CommandOptions) (*Command, error) {
	if len(options.Args) == 0 {
		return nil, errors.New("exec mode without a command; set the worker's command in the configuration")
	}
	if options.Log == nil {
		options.Log = io.Discard
	}
	options.Log = &shared{writer: options.Log}
	return &Command{options: options}, nil
}

// Ping finds the program: a command that cannot be found would fail every job.
func (c *Command) Ping(context.Context) error {
	if _, err := exec.LookPath(c.options.Args[0]); err != nil {
		return fmt.Errorf("looking for the worker's command: %w", err)
	}
	return nil
}

// Invoke starts the command. Where the result is standard output it returns at
// once, else when the command has ended. The context kills the command and all
// its children; so does closing the answer's body.
func (c *Command) Invoke(ctx context.Context, call Call) (answer Answer, err error) {
	dir, err := os.MkdirTemp(c.options.Dir, "job-*")
	if err != nil {
		return Answer{}, fmt.Errorf("making a folder for job %s: %w", call.Job, err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	input := &source{reader: call.Input}
	if call.Input == nil {
		input.reader = strings.NewReader("")
	}
	args, inputFile, resultFile := c.place(dir)
	if inputFile != "" {
		if err := save(inputFile, input); err != nil {
			return Answer{}, fmt.Errorf("storing the input of job %s: %w", call.Job, err)
		}
		input.reader = strings.NewReader("")
	}
	running, err := start(ctx, process{
		args:       args,
		environ:    c.environ(call, dir),
		input:      input,
		log:        c.options.Log,
		stop:       call.Stop,
		needStdout: resultFile == "",
	})
	if err != nil {
		return Answer{}, err
	}
	if resultFile == "" {
		return Answer{ContentType: "application/octet-stream", Size: -1, Body: &output{running: running, dir: dir}}, nil
	}
	if err := running.wait(); err != nil {
		return Answer{}, err
	}
	return fileAnswer(resultFile, dir)
}

// place puts the job's own paths into the command.
func (c *Command) place(dir string) (args []string, inputFile, resultFile string) {
	for _, arg := range c.options.Args {
		if strings.Contains(arg, "{input}") {
			inputFile = filepath.Join(dir, "input")
		}
		if strings.Contains(arg, "{result}") {
			resultFile = filepath.Join(dir, "result")
		}
		args = append(args, strings.NewReplacer("{input}", filepath.Join(dir, "input"),
			"{result}", filepath.Join(dir, "result"), "{dir}", dir).Replace(arg))
	}
	return args, inputFile, resultFile
}

func (c *Command) environ(call Call, dir string) []string {
	environ := slices.Clone(c.options.Environ)
	for name, value := range settings.Encode(settings.Job{
		ID: call.Job, Attempt: call.Attempt, Tenant: call.Tenant, API: call.API,
		Deadline: call.fields()[HeaderDeadline], ContentType: call.contentType(), Dir: dir,
	}) {
		environ = append(environ, name+"="+value)
	}
	return environ
}

func save(path string, input io.Reader) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, input)
	return errors.Join(err, file.Close())
}

func fileAnswer(path, dir string) (Answer, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return Answer{}, &Failure{Status: 0, What: "the command wrote no result file and exited with", Text: "no result file"}
	}
	if err != nil {
		return Answer{}, fmt.Errorf("opening the result: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return Answer{}, fmt.Errorf("opening the result: %w", err)
	}
	return Answer{ContentType: "application/octet-stream", Size: info.Size(), Body: &resultFile{File: file, dir: dir}}, nil
}

type resultFile struct {
	*os.File
	dir string
}

func (r *resultFile) Close() error { return errors.Join(r.File.Close(), os.RemoveAll(r.dir)) }

// output is the command's standard output; it ends with io.EOF only if the
// command ended well.
type output struct {
	running *running
	dir     string
}

func (o *output) Read(p []byte) (int, error) {
	n, err := o.running.read(p)
	if errors.Is(err, io.EOF) {
		if failed := o.running.wait(); failed != nil {
			return n, failed
		}
	}
	return n, err
}

func (o *output) Close() error {
	o.running.kill()
	_ = o.running.wait()
	_ = o.running.stdout.Close()
	return os.RemoveAll(o.dir)
}
