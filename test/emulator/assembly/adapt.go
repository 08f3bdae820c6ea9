package assembly

import (
	"context"
	"fmt"
	"path/filepath"

	"tandem/test/checkout"
)

// unrunnable are types that the emulator accepts and then hangs on.
var unrunnable = map[string]string{
	"Custom::S3AutoDeleteObjects":    "the emulator's Node functions have no S3 client",
	"Custom::EmptyAutoScalingGroups": "the emulator has no SuspendProcesses",
}

// Options say how an assembly is adapted.
type Options struct {
	// Unsupported returns which of the resource types the emulator refuses. Required.
	Unsupported func(ctx context.Context, types []string) ([]string, error)
	// Cache for functions built for this machine. Default: .cache/emulator in the project.
	Cache string
}

// Adapt copies the assembly in one folder to another, changed as the emulator
// needs it.
func Adapt(ctx context.Context, from, to string, options Options) (*Assembly, *Report, error) {
	source, err := Open(from)
	if err != nil {
		return nil, nil, err
	}
	root, err := checkout.Root()
	if err != nil {
		return nil, nil, err
	}
	if options.Cache == "" {
		options.Cache = filepath.Join(root, ".cache", "emulator")
	}
	a, err := source.Copy(to)
	if err != nil {
		return nil, nil, err
	}
	unsupported, err := a.unsupported(ctx, options)
	if err != nil {
		return nil, nil, err
	}

	report := &Report{Synthesised: a.count()}
	report.Changes = append(a.drop(unsupported), a.unpublish()...)
	report.Changes = append(report.Changes, a.publicParameters()...)
	buffered, streaming, err := a.buffer()
	if err != nil {
		return nil, nil, err
	}
	report.Changes = append(report.Changes, buffered...)
	if report.Rebuilt, err = a.rebuild(ctx, root, options.Cache, streaming); err != nil {
		return nil, nil, err
	}
	report.Kept = a.count()
	if err := a.save(); err != nil {
		return nil, nil, fmt.Errorf("adapting the cloud assembly %s: %w", from, err)
	}
	return a, report, nil
}

func (a *Assembly) unsupported(ctx context.Context, options Options) (map[string]string, error) {
	types := map[string]any{}
	for _, stack := range a.Stacks {
		for _, resource := range stack.Resources() {
			types[text(object(resource)["Type"])] = nil
		}
	}
	refused, err := options.Unsupported(ctx, sortedKeys(types))
	if err != nil {
		return nil, fmt.Errorf("asking the emulator which resource types it refuses: %w", err)
	}
	reasons := map[string]string{}
	for name, why := range unrunnable {
		reasons[name] = why
	}
	for _, name := range refused {
		reasons[name] = "the emulator has no such type"
	}
	return reasons, nil
}

func (a *Assembly) count() map[string]int {
	counts := map[string]int{}
	for _, stack := range a.Stacks {
		counts[stack.ID] = len(stack.Resources())
	}
	return counts
}
