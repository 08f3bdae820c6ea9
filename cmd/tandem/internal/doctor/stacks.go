package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tandem/cmd/tandem/internal/deployed"
)

// stackCheck looks at the state that CloudFormation has left the stacks in.
type stackCheck struct{ Deployment }

// Name implements Check.
func (stackCheck) Name() string { return "stacks" }

// What implements Check.
func (stackCheck) What() string { return "the stacks are deployed and whole" }

// Run implements Check.
func (c stackCheck) Run(context.Context) ([]Finding, error) {
	if len(c.Stacks) == 0 {
		return one(Skipped, "make deploy ENV="+c.Environment, "%s %s is not deployed in this account and region", c.Application, c.Environment)
	}
	var findings []Finding
	for _, stack := range c.Stacks {
		status := stack.Status
		switch {
		case strings.HasSuffix(status, "_IN_PROGRESS"):
			findings = append(findings, finding(Warn, "wait for it, and look again", "%s is %s", stack.Name, status))
		case strings.Contains(status, "FAILED"), strings.Contains(status, "ROLLBACK"):
			findings = append(findings, finding(Fail, c.repair(stack), "%s is %s%s", stack.Name, status, because(stack.Reason)))
		}
	}
	return orAllWell(findings, "%d stacks", len(c.Stacks))
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

func (c stackCheck) repair(stack deployed.Stack) string {
	if stack.Status == "ROLLBACK_COMPLETE" || stack.Status == "ROLLBACK_FAILED" {
		return "its first deploy failed; delete it (aws cloudformation delete-stack --stack-name " + stack.Name + ") and deploy again"
	}
	return "its events name the cause: aws cloudformation describe-stack-events --stack-name " + stack.Name
}

// leftoverCheck finds stacks that a change of the configuration has left
// behind: the CDK does not delete what it no longer synthesises.
type leftoverCheck struct{ Deployment }

// Name implements Check.
func (leftoverCheck) Name() string { return "leftovers" }

// What implements Check.
func (leftoverCheck) What() string { return "every deployed stack is still synthesised" }

// Run implements Check.
func (c leftoverCheck) Run(context.Context) ([]Finding, error) {
	wanted, err := Synthesised(c.Assembly, deployed.Prefix(c.Application, c.Environment))
	if err != nil {
		return nil, err
	}
	if len(wanted) == 0 {
		return one(Skipped, "make synth ENV="+c.Environment, "%s holds no stacks of %s %s", c.Assembly, c.Application, c.Environment)
	}
	var findings []Finding
	for _, stack := range c.Stacks {
		if !slices.Contains(wanted, stack.Name) {
			findings = append(findings, finding(Warn, "delete it if it is not missed: aws cloudformation delete-stack --stack-name "+stack.Name,
				"%s is deployed, costs what it costs, and is not in %s", stack.Name, c.Assembly))
		}
	}
	return orAllWell(findings, "all %d are in %s", len(c.Stacks), c.Assembly)
}

// Synthesised returns the names, beginning with a prefix, of the stacks in a
// folder that the CDK wrote; none where there is no such folder.
func Synthesised(folder, prefix string) ([]string, error) {
	raw, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was synthesised: %w", err)
	}
	var manifest struct {
		Artifacts map[string]struct {
			Type       string
			Properties struct{ StackName string }
		}
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		return nil, fmt.Errorf("reading %s/manifest.json: %w", folder, err)
	}
	var names []string
	for id, artifact := range manifest.Artifacts {
		name := artifact.Properties.StackName
		if name == "" {
			name = id
		}
		if artifact.Type == "aws:cloudformation:stack" && strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// apiCheck asks the API whether it is up.
type apiCheck struct{ Deployment }

// Name implements Check.
func (apiCheck) Name() string { return "api" }

// What implements Check.
func (apiCheck) What() string { return "the API answers" }

// Run implements Check.
func (c apiCheck) Run(ctx context.Context) ([]Finding, error) {
	if c.API == nil {
		return one(Fail, "make deploy ENV="+c.Environment, "there is no stack with an API")
	}
	environment, err := c.API.Health(ctx)
	if err != nil {
		return one(Fail, "look at the log of the function behind it, and at the API's access log", "%v", err)
	}
	if environment != c.Environment {
		return one(Fail, "look for two deployments under one domain", "it says that it is the environment %q", environment)
	}
	return one(OK, "", "%s", c.URL)
}
