package agent

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/health"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/pci"
	"tandem/runtime/nodestatus"
)

// loop is the one goroutine that judges: everything in it belongs to it.
type loop struct {
	agent   *Agent
	options Options
	looks   chan look
	notices chan answer[observe.Notices]
	tasks   chan answer[[]observe.Task]
	facts   chan Facts

	judge    *health.Judge
	host     observe.Host
	counters Counters
	xids     *tally
	// began is when the loop did; looked is set with the first reading.
	began     time.Time
	looked    bool
	written   nodestatus.Status
	memory    Memory
	complaint map[string]string
}

func newLoop(a *Agent) *loop {
	now := a.options.Now()
	return &loop{
		agent: a, options: a.options, began: now,
		looks: make(chan look), notices: make(chan answer[observe.Notices]), tasks: make(chan answer[[]observe.Task]), facts: make(chan Facts, 1),
		judge:    health.New(health.Options{Checks: a.options.Checks, Started: now, Restored: a.options.Memory.Findings}),
		counters: Counters{Started: a.snapshot.Load().Counters.Started}, xids: newTally(), memory: a.options.Memory, complaint: map[string]string{},
	}
}

// watchdog is how often a look that is under way is looked after.
const watchdog = time.Second

func (l *loop) run(ctx context.Context) {
	ticker := time.NewTicker(watchdog)
	defer ticker.Stop()
	l.publish()
	for {
		events := l.agent.events
		if !l.ready() {
			events = nil
		}
		select {
		case <-ctx.Done():
			return
		case answer := <-l.notices:
			l.noticed(answer)
		case event := <-events:
			l.take(event)
		case look := <-l.looks:
			l.seen(look)
		case answer := <-l.tasks:
			l.host.Tasks, l.host.TasksErr = answer.value, answer.err
			if answer.err != nil {
				l.counters.TaskFailures++
			}
			continue
		case facts := <-l.facts:
			l.host.InstanceType, l.host.ExpectedDevices = facts.InstanceType, facts.ExpectedDevices
			continue
		case <-ticker.C:
			if !l.stuck() && l.options.Now().Sub(l.written.Updated) < l.options.Refresh {
				l.refresh()
				continue
			}
		}
		l.hear()
		l.publish()
	}
}

// longestStart is how long events may wait for the first look.
const longestStart = 10 * time.Second

// ready says whether events can be judged: the kernel log of before is there at
// once, and without a look nobody knows which device has which address.
func (l *loop) ready() bool {
	return l.looked || l.options.Now().Sub(l.began) >= longestStart
}

// seen takes a reading of the devices.
func (l *loop) seen(look look) {
	l.host.At, l.host.Devices, l.host.DevicesErr = look.at, look.devices, look.err
	l.counters.Looks++
	l.counters.LookDuration = look.took
	l.looked = true
	if look.err != nil {
		l.counters.LookFailures++
		l.host.Devices = nil
		l.complain("reading the GPUs", look.err)
	} else {
		l.complain("reading the GPUs", nil)
	}
	if l.options.DriverVersion != nil {
		l.host.DriverVersion = l.options.DriverVersion()
	}
	l.judge.Look(l.host)
}

// stuck tells of a look that has not come back in time, each second anew, so
// that the judgement goes on without it.
func (l *loop) stuck() bool {
	since := l.agent.looking.Load()
	limit := l.options.Limit
	if !l.looked {
		limit *= 3
	}
	if since == 0 || l.options.Now().Sub(time.Unix(0, since)) < limit {
		return false
	}
	took := l.options.Now().Sub(time.Unix(0, since))
	l.host.At, l.host.Devices = l.options.Now(), nil
	l.host.DevicesErr = fmt.Errorf("a look at the GPUs has not come back: %w", observe.ErrHung)
	l.counters.LookDuration = took
	l.complain("reading the GPUs", l.host.DevicesErr)
	l.judge.Look(l.host)
	return true
}

// noticed takes what EC2 has announced. EC2 takes nothing back.
func (l *loop) noticed(answer answer[observe.Notices]) {
	before := l.host.Notices
	if answer.value.Spot != nil {
		l.host.Notices.Spot = answer.value.Spot
	}
	if answer.value.Rebalance != nil {
		l.host.Notices.Rebalance = answer.value.Rebalance
	}
	if l.host.NoticesErr = answer.err; answer.err != nil {
		l.counters.NoticeFailures++
	}
	if l.looked && !reflect.DeepEqual(before, l.host.Notices) {
		l.judge.Look(l.host)
	}
}

// hear takes all events that wait: together they are one judgement, and what
// the log says of before is told with the first look and not after it.
func (l *loop) hear() {
	for l.ready() {
		select {
		case event := <-l.agent.events:
			l.take(event)
		default:
			return
		}
	}
}

// replayed is how much a time that is derived from the kernel's clock may be off.
const replayed = time.Second

func (l *loop) take(event observe.Event) {
	if !event.At.After(l.options.Memory.LastEvent.Add(replayed)) && !l.options.Memory.LastEvent.IsZero() {
		// The agent that ran before has judged it.
		return
	}
	event = l.named(event)
	l.counters.Events++
	l.xids.add(event)
	if event.At.After(l.memory.LastEvent) {
		l.memory.LastEvent = event.At
	}
	if l.judge.Event(event) || event.Code == recoveryChanged {
		l.agent.lookSooner()
	}
	if event.Count <= 1 {
		l.options.Log.Info("a GPU reported an error", "kind", event.Kind, "code", event.Code, "uuid", event.UUID, "pci", event.PCI, "source", event.Source, "detail", event.Detail)
	}
}

// named gives an event of which only the address is known the device's name.
func (l *loop) named(event observe.Event) observe.Event {
	if address := pci.Address(event.PCI); event.UUID == "" && address != "" {
		for _, device := range l.host.Devices {
			if pci.Address(device.PCI) == address {
				event.UUID = device.UUID
			}
		}
	}
	return event
}

// recoveryChanged is the Xid after which the driver's verdict is read at once.
const recoveryChanged = 154

// refresh shows counters and what is being done, when nothing else changes.
func (l *loop) refresh() {
	next := *l.agent.snapshot.Load()
	next.Acting, next.Counters = l.acting(), l.count()
	next.Host.Tasks, next.Host.TasksErr = l.host.Tasks, l.host.TasksErr
	l.agent.snapshot.Store(&next)
}

// publish derives the verdict and tells everybody: the file first, then who acts.
func (l *loop) publish() {
	now := l.options.Now()
	verdict := l.judge.Judgement(now)
	status := health.Status(verdict, l.host.Notices, now)
	changed := !same(status, l.written)
	if changed || now.Sub(l.written.Updated) >= l.options.Refresh {
		l.write(status, verdict, changed)
	}
	if l.options.Actor != nil {
		l.options.Actor.Update(verdict, l.host.Notices)
	}
	l.remember()
	l.agent.snapshot.Store(&Snapshot{Host: l.host, Health: verdict, Status: status, Acting: l.acting(), Counters: l.count()})
}

// write the status file, and say so where it changed.
func (l *loop) write(status nodestatus.Status, verdict health.Judgement, changed bool) {
	err := l.options.Publish(status)
	l.complain("writing the status file", err)
	if err != nil {
		l.counters.WriteFailures++
		return
	}
	l.counters.Writes++
	if changed {
		l.counters.Changes++
		l.options.Log.Info("the host's status changed", "state", status.State, "reasons", status.Reasons, "before", l.written.State,
			"action", verdict.Action, "evidence", verdict.Evidence, "spot", status.Spot != nil, "gpus", len(status.GPUs), "impaired", impaired(verdict))
	}
	l.written = status
}

func impaired(verdict health.Judgement) (uuids []string) {
	for _, standing := range verdict.Findings {
		if standing.Severity == finding.Impaired && standing.UUID != "" {
			uuids = append(uuids, standing.UUID)
		}
	}
	return uuids
}

// same compares everything but the times and what is written for people.
func same(a, b nodestatus.Status) bool {
	plain := func(status nodestatus.Status) nodestatus.Status {
		status.Updated, status.Evidence, status.Version = time.Time{}, "", 0
		gpus := make([]nodestatus.GPU, len(status.GPUs))
		for i, gpu := range status.GPUs {
			gpu.Evidence = ""
			gpus[i] = gpu
		}
		status.GPUs = gpus
		return status
	}
	return reflect.DeepEqual(plain(a), plain(b))
}

// complain logs a failure once until it changes or goes away.
func (l *loop) complain(doing string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text == l.complaint[doing] {
		return
	}
	l.complaint[doing] = text
	if err != nil {
		l.options.Log.Warn("the agent cannot do its work", "doing", doing, "error", text)
	}
}
