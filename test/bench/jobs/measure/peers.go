package measure

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"tandem/runtime/jobs/dynamostore"
	"tandem/test/bench/report"
	"tandem/test/checkout"
)

// What the peers reached where they could be run; docs/benchmarks.md says where
// the figures come from. They stand in where a peer cannot be built.
const (
	quotedCortexSubmits    = 539
	quotedMachinerySubmits = 1033
	quotedCortexDrained    = 180
)

// peersFolder holds modules of their own, so that what the peers need is not
// what this project needs.
const peersFolder = "test/bench/jobs/peers"

// buildPeer compiles a peer's program into build/peers.
func buildPeer(ctx context.Context, name string) (string, error) {
	root, err := checkout.Root()
	if err != nil {
		return "", err
	}
	source, output := filepath.Join(root, peersFolder, name), filepath.Join(root, "build", "peers", name)
	if err := os.MkdirAll(filepath.Dir(output), 0o755); err != nil {
		return "", err
	}
	arguments := []string{"build", "-o", output}
	// A peer that is not to be had as a module is built from a checkout of it. What
	// that needs is learnt from there, and written elsewhere.
	if sums, err := os.ReadFile(filepath.Join(source, "source", "go.sum")); err == nil {
		module, err := os.ReadFile(filepath.Join(source, "go.mod"))
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(output+".mod", module, 0o644); err != nil {
			return "", err
		}
		if err := os.WriteFile(output+".sum", sums, 0o644); err != nil {
			return "", err
		}
		arguments = append(arguments, "-mod=mod", "-modfile="+output+".mod")
	}
	command := exec.CommandContext(ctx, "go", append(arguments, ".")...)
	command.Dir = source
	if said, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", name, err, said)
	}
	return output, nil
}

// rate is what a peer reached in this run, or what is quoted of it.
type rate struct {
	perSecond float64
	// emulator is its CPU time a submit in milliseconds.
	emulator float64
	quoted   bool
}

func (r rate) String() string {
	if r.quoted {
		return fmt.Sprintf("%.0f/s (quoted; not built)", r.perSecond)
	}
	if r.emulator > 0 {
		return fmt.Sprintf("%.0f/s (%.2f ms)", r.perSecond, r.emulator)
	}
	return fmt.Sprintf("%.0f/s", r.perSecond)
}

// rounds of one who submits.
type rounds struct {
	rates, emulator []float64
	latencies       []time.Duration
}

// add measures one round of so many submits, which do makes; it returns how
// many a second they were.
func (r *rounds) add(emulator, count int, do func() (pace, error)) error {
	before := cpuTime(emulator)
	took, err := do()
	if err != nil {
		return err
	}
	r.rates = append(r.rates, took.rate)
	r.emulator = append(r.emulator, float64((cpuTime(emulator)-before).Microseconds())/1000/float64(count))
	r.latencies = append(r.latencies, took.each...)
	return nil
}

// rate leaves out the first round, which warms up.
func (r *rounds) rate(quoted float64) rate {
	if len(r.rates) < 2 {
		return rate{perSecond: quoted, quoted: true}
	}
	return rate{perSecond: report.Median(r.rates[1:]), emulator: report.Median(r.emulator[1:])}
}

// machinery submits tasks of machinery v2 to a queue and tables of its own.
type machinery struct {
	binary string
	cloud  *cloud
}

const (
	machineryQueue  = "machinery"
	machineryStates = "machinery-states"
	machineryGroups = "machinery-groups"
)

func newMachinery(ctx context.Context, c *cloud) (*machinery, error) {
	binary, err := buildPeer(ctx, "machinery")
	if err != nil {
		return nil, err
	}
	if _, err := sqs.NewFromConfig(c.config).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(machineryQueue)}); err != nil {
		return nil, err
	}
	for table, key := range map[string]string{machineryStates: "TaskUUID", machineryGroups: "GroupUUID"} {
		_, err := dynamostore.NewClient(c.config).CreateTable(ctx, &dynamodb.CreateTableInput{
			TableName: aws.String(table), BillingMode: types.BillingModePayPerRequest,
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String(key), KeyType: types.KeyTypeHash}},
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String(key), AttributeType: types.ScalarAttributeTypeS}},
		})
		if err != nil {
			return nil, err
		}
	}
	return &machinery{binary, c}, nil
}

// submit returns the tasks a second of so many.
func (m *machinery) submit(ctx context.Context, count int) (float64, error) {
	command := exec.CommandContext(ctx, m.binary, "-endpoint", m.cloud.emulator.Endpoint(), "-queues", strings.TrimSuffix(m.cloud.queues.Base, "/"), "-queue", machineryQueue,
		"-states", machineryStates, "-groups", machineryGroups, "-input", shortJob,
		"-clients", strconv.Itoa(submitClients), "-tasks", strconv.Itoa(count))
	command.Env = append(m.cloud.emulator.Environ(), "PATH="+os.Getenv("PATH"))
	said, err := command.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("machinery: %w: %s", err, said)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(said)), 64)
}

// rivals are the peers that could be built, and how fast they submitted.
type rivals struct {
	emulator              int
	cortex                *cortex
	machinery             *machinery
	ofCortex, ofMachinery rounds
}

// startPeers leaves out those that cannot be built.
func (b *Bench) startPeers(ctx context.Context, c *cloud) (*rivals, error) {
	r := rivals{emulator: c.emulator.PID()}
	var err error
	if r.cortex, err = startCortex(ctx, c); err != nil {
		b.say("without Cortex: %v", err)
	}
	if r.machinery, err = newMachinery(ctx, c); err != nil {
		b.say("without machinery: %v", err)
	}
	return &r, ctx.Err()
}

func (r *rivals) stop() {
	if r.cortex != nil {
		r.cortex.stop()
	}
}

// submit is one round of each.
func (r *rivals) submit(ctx context.Context) error {
	if r.cortex != nil {
		err := r.ofCortex.add(r.emulator, submitsOfPeers, func() (pace, error) {
			return spread(submitsOfPeers, func() error { return r.cortex.submit(ctx) })
		})
		if err != nil {
			return err
		}
	}
	if r.machinery != nil {
		return r.ofMachinery.add(r.emulator, submitsOfPeers, func() (pace, error) {
			perSecond, err := r.machinery.submit(ctx, submitsOfPeers)
			return pace{rate: perSecond}, err
		})
	}
	return nil
}
