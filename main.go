// Command tandem-app is the CDK app: the name of an environment in, stacks out.
// `cdk synth -c env=dev` runs it; so does `go run . -c env=dev`.
package main

import (
	"fmt"
	"os"

	"github.com/aws/jsii-runtime-go"

	"tandem/prices"
	"tandem/stacks/synth"
)

func main() {
	err := run()
	quietly(jsii.Close)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// quietly keeps from the user that Node was gone before it could be waited for.
func quietly(do func()) {
	stderr := os.Stderr
	defer func() { os.Stderr = stderr }()
	if silent, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = silent
	}
	do()
}

func run() error {
	root, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("finding the project's folder: %w", err)
	}
	context, err := synth.Context(root, os.Environ(), os.Args[1:])
	if err != nil {
		return err
	}
	table, err := prices.Load()
	if err != nil {
		return fmt.Errorf("reading the prices: %w", err)
	}
	_, err = synth.Run(synth.Options{Root: root, Context: context, InstanceUSD: table.InstanceUSD, SkipNag: context["nag"] == "false", Output: os.Stderr})
	return err
}
