package synth

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"tandem/cloudassembly"
	"tandem/config"
	"tandem/constructs/gofunction"
	"tandem/stacks"
	"tandem/stacks/checks"
)

// Options of a synth.
type Options struct {
	// Root is the project's folder. Required.
	Root string
	// Context has env, config, version and set.* beside the CDK's own keys. Required.
	Context map[string]any
	// Outdir receives the templates. Default: cdk.out, or what the CDK's command line asks for.
	Outdir string
	// Bundle provides the functions' code. Default: built from Root.
	Bundle gofunction.Bundle
	// InstanceUSD is what an instance type costs an hour, on spot and on-demand.
	// Default: not known, and so no split of the spend on the dashboard.
	InstanceUSD func(region, instanceType string) (spot, onDemand float64)
	// SkipNag leaves out cdk-nag's AwsSolutions pack, which takes about as long as the rest.
	SkipNag bool
	// Output receives findings. Required.
	Output io.Writer
}

// ErrFindings says that there is nothing that should be deployed.
var ErrFindings = errors.New("the stacks have findings")

// Run synthesises one environment and checks the result. It returns the
// configuration's error as it is, [ErrFindings] where a check found something,
// and what it built.
func Run(options Options) (*stacks.Deployment, error) {
	directory := text(options.Context, "config", "config")
	if !filepath.IsAbs(directory) {
		directory = filepath.Join(options.Root, directory)
	}
	environment := text(options.Context, "env", "")
	if environment == "" {
		return nil, fmt.Errorf("no environment given; add -c env=dev, or another overlay in %s", directory)
	}
	loaded, err := config.Load(config.Options{Dir: directory, Environment: environment, Set: overrides(options.Context)})
	if err != nil {
		return nil, err
	}
	if err := checkBuilds(options.Root, loaded); err != nil {
		return nil, err
	}
	deployment, written, err := write(options, loaded)
	if err != nil {
		return nil, fmt.Errorf("synthesising %s: %w", environment, err)
	}
	return deployment, review(written, loaded, options.Output)
}

// write builds the stacks and writes their templates. Constructs panic, with
// their path, where they are misused or a program does not build, and the
// CDK's library where its validation fails, after it has printed what it found.
func write(options Options, loaded *config.Loaded) (deployment *stacks.Deployment, directory string, err error) {
	defer func() {
		if refused := recover(); refused != nil {
			err = fmt.Errorf("%w: %v", ErrFindings, refused)
		}
	}()
	app, deployment := build(options, loaded)
	return deployment, *app.Synth(nil).Directory(), nil
}

func build(options Options, loaded *config.Loaded) (awscdk.App, *stacks.Deployment) {
	no := false
	context := maps.Clone(options.Context)
	// Findings name constructs by the path that the CDK's command line asks for.
	context["aws:cdk:enable-path-metadata"] = true
	// A trace of where each token was made costs time, and shows only jsii. The
	// command line warns of the key in cdk.json, as all of aws:cdk: is its own.
	context["aws:cdk:disable-creation-stack-traces"] = true
	props := &awscdk.AppProps{Context: &context, AnalyticsReporting: &no}
	if options.Outdir != "" {
		props.Outdir = &options.Outdir
	}
	bundle := options.Bundle
	if bundle == nil {
		builder := &gofunction.Builder{Root: options.Root}
		// While jsii starts, which waits for Node. An error comes again when a function asks.
		go func() { _ = builder.Prepare(gofunction.DefaultArchitecture) }()
		bundle = builder
	}
	app := awscdk.NewApp(props)
	deployment := stacks.New(app, &stacks.Props{
		Config: loaded.Config, Environment: loaded.Environment, Root: options.Root, Bundle: bundle,
		InstanceUSD: options.InstanceUSD, Version: text(options.Context, "version", ""),
	})
	if !options.SkipNag {
		awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: &no}), nil)
	}
	return app, deployment
}

// review runs the checks on the templates and collects what the CDK's own
// annotations and cdk-nag said.
func review(directory string, loaded *config.Loaded, output io.Writer) error {
	assembly, err := cloudassembly.Load(os.DirFS(directory))
	if err != nil {
		return fmt.Errorf("reading what was written to %s: %w", directory, err)
	}
	findings := checks.Run(assembly, origins(loaded))
	for _, finding := range findings {
		fmt.Fprintln(output, finding)
	}
	annotations, err := annotations(directory)
	if err != nil {
		return err
	}
	for _, annotation := range annotations {
		fmt.Fprintln(output, annotation)
	}
	if checks.Errors(findings) > 0 || len(annotations) > 0 {
		return fmt.Errorf("%s: %w; see above", loaded.Environment, ErrFindings)
	}
	return nil
}
