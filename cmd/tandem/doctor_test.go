package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/doctor"
	"tandem/cmd/tandem/internal/exit"
	"tandem/runtime/jobs"
	"tandem/runtime/jobs/memory"
)

// answers are an account in which all is well but what a test says.
type answers struct {
	quota float64
}

var errDenied = errors.New("ec2:DescribeInstanceTypeOfferings is not allowed")

func (answers) Identity(context.Context) (string, string, error) {
	return "111122223333", "arn:anna", nil
}
func (a answers) Quota(context.Context, string, string) (float64, error) {
	return a.quota, nil
}
func (answers) LambdaConcurrency(context.Context) (int, error)               { return 1000, nil }
func (answers) Role(_ context.Context, name string) (string, error)          { return "arn:" + name, nil }
func (answers) VolumeKey(context.Context) (doctor.VolumeKey, error)          { return doctor.VolumeKey{}, nil }
func (answers) MayUse(context.Context, string, string) (bool, error)         { return true, nil }
func (answers) SecretExists(context.Context, string) (bool, error)           { return true, nil }
func (answers) Finder(string) jobs.Finder                                    { return memory.NewStore() }
func (answers) Queue(context.Context, string) (doctor.Queue, error)          { return doctor.Queue{}, nil }
func (answers) Resources(context.Context, string) ([]doctor.Resource, error) { return nil, nil }
func (answers) Services(context.Context, string, []string) ([]doctor.Service, error) {
	return nil, nil
}
func (answers) Activities(context.Context, string) ([]doctor.Activity, error) { return nil, nil }
func (answers) Errors(context.Context, string, time.Time) (int, int, error)   { return 1, 0, nil }
func (answers) Offerings(context.Context, []string) (map[string][]string, error) {
	return nil, errDenied
}

func TestADoctorSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	code, out, talk := c.run("doctor", "--env=dev", "--before")
	require.Equal(t, exit.OK, code, talk)
	require.Equal(t, "1 warning, 1 check skipped\n", talk)
	require.Contains(t, out, "ok       account              arn:anna in account 111122223333, region us-east-1\n")
	require.Contains(t, out, "skipped  zones                could not look: ec2:DescribeInstanceTypeOfferings is not allowed\n")

	c.account.quota = 0
	code, out, talk = c.run("doctor", "--env=dev", "--before")
	require.Equal(t, exit.Failed, code)
	require.Equal(t, "2 faults, 1 warning, 1 check skipped\ntandem: dev is not well\n", talk)
	require.Contains(t, out, "fail     gpu-quota-spot       'All G and VT Spot Instance Requests' is 0")
	require.Contains(t, out, "                              -> ask for 64: aws service-quotas request")
}

func TestADoctorTellsProgramsToo(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	code, out, talk := c.run("doctor", "--env=dev", "--json")
	require.Equal(t, exit.Failed, code, "the API says that it is the environment test, not dev")
	require.Equal(t, "tandem: dev is not well\n", talk)
	var lines []doctor.Line
	require.NoError(t, json.Unmarshal([]byte(out), &lines))
	byCheck := map[string]doctor.Line{}
	for _, line := range lines {
		byCheck[line.Check] = line
	}
	require.Equal(t, doctor.Fail, byCheck["api"].Result)
	require.Equal(t, `it says that it is the environment "test"`, byCheck["api"].Found)
	require.Equal(t, doctor.OK, byCheck["stacks"].Result)
	require.Equal(t, doctor.OK, byCheck["secrets"].Result)
	require.Equal(t, "the secrets that the configuration names exist", byCheck["secrets"].What)
}

func TestADoctorOfWhatIsNotDeployedLooksAtWhatADeployNeeds(t *testing.T) {
	c := newConsole(t, apitest.Options{})
	c.account.stacks = nil
	code, out, talk := c.run("doctor", "--env=dev", "--after")
	require.Equal(t, exit.OK, code, talk)
	require.Equal(t, "skipped  stacks               tandem dev is not deployed in this account and region\n                              -> make deploy ENV=dev\n", out)

	code, _, talk = c.run("doctor", "--env=dev", "--after", "--before")
	require.Equal(t, exit.Usage, code)
	require.Contains(t, talk, "--before")
}
