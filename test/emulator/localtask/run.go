package localtask

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"

	"tandem/test/emulator"
)

// Program is what runs in the place of a container's image.
type Program struct {
	// Path and Args of the program. The container's own command is appended.
	Path string
	Args []string
	// Override replaces variables of the task definition; each is a departure
	// from what was synthesised, and named in the output.
	Override map[string]string
}

// Options of a task's run.
type Options struct {
	// Emulator that the task was deployed to. Required.
	Emulator *emulator.Emulator
	// Task to run. Required.
	Task *Task
	// Programs by container name. Required for each container but those in Without.
	Programs map[string]Program
	// Without names containers that are left out.
	Without []string
	// Cluster that the task believes to be in. Default: default.
	Cluster string
	// Output takes what the programs print, each line behind its container's
	// name. Default: nothing is shown.
	Output io.Writer
}

// Run starts the programs, each after those that it depends on. Being started
// is all that is waited for: a program that needs another one to answer waits
// for it itself, as in ECS with the condition START. When an essential program
// ends, the others are stopped.
func Run(ctx context.Context, options Options) (*Running, error) {
	if options.Cluster == "" {
		options.Cluster = "default"
	}
	output := &lines{to: options.Output}
	arn := fmt.Sprintf("arn:aws:ecs:%s:%s:task/%s/%s", options.Emulator.Region(), options.Emulator.Account(),
		options.Cluster, strings.ReplaceAll(uuid.NewString(), "-", ""))
	running := &Running{ARN: arn, agent: newAgent(options.Task, options.Cluster, arn)}
	for _, container := range inStartOrder(options.Task.Containers) {
		if slices.Contains(options.Without, container.Name) {
			output.printf(container.Name, "left out")
			continue
		}
		program, found := options.Programs[container.Name]
		if !found {
			running.Stop(ctx)
			return nil, fmt.Errorf("running task %s: container %s (%s) has no program", options.Task.Family, container.Name, container.Image)
		}
		for _, name := range slices.Sorted(maps.Keys(program.Override)) {
			output.printf(container.Name, "%s=%s rather than %q", name, program.Override[name], container.Environment[name])
		}
		p, err := start(container, program, environ(container, program, options.Emulator, running.agent), output)
		if err != nil {
			running.Stop(ctx)
			return nil, fmt.Errorf("running task %s: starting container %s: %w", options.Task.Family, container.Name, err)
		}
		running.add(p)
	}
	return running, nil
}

// environ is a process's whole environment. What ECS and the credentials of the
// task's role give comes last, as nothing in a task definition replaces it.
func environ(container Container, program Program, e *emulator.Emulator, a *agent) []string {
	variables := maps.Clone(container.Environment)
	maps.Copy(variables, program.Override)
	maps.Copy(variables, a.environ())
	if _, found := variables["PATH"]; !found {
		variables["PATH"] = os.Getenv("PATH")
	}
	var result []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		result = append(result, name+"="+variables[name])
	}
	return append(result, e.Environ()...)
}

// inStartOrder puts each container behind those that it depends on.
func inStartOrder(containers []Container) []Container {
	var ordered []Container
	placed := map[string]bool{}
	var place func(Container)
	place = func(container Container) {
		if placed[container.Name] {
			return
		}
		placed[container.Name] = true
		for _, other := range containers {
			if slices.Contains(container.DependsOn, other.Name) {
				place(other)
			}
		}
		ordered = append(ordered, container)
	}
	for _, container := range containers {
		place(container)
	}
	return ordered
}
