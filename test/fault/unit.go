package fault

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"tandem/runtime/settings"
	"tandem/test/fault/history"
	"tandem/test/fault/process"
	"tandem/test/fault/wire"
)

// What it takes a worker to be well again after something was done to it.
const (
	afterStart = 3 * time.Second
	// afterCrash: the container is asked each ten seconds.
	afterCrash = 13 * time.Second
	// afterWire: receiving is tried again after 15 s at the latest.
	afterWire = 18 * time.Second
)

// unit is a worker and its container, with the link to AWS.
type unit struct {
	run           *run
	number        int
	link          *wire.Link
	worker, model *process.Process
	modelAddress  string
	skew          time.Duration
	closed        chan struct{}

	mutex     sync.Mutex
	ills      int
	wellSince time.Time
	// caused are the exit statuses that the worker may end with.
	caused map[int]bool
}

func (u *unit) name() string { return fmt.Sprintf("worker-%d", u.number) }

// skews of the workers' clocks: every other one's is right.
var skews = []time.Duration{0, 3 * time.Minute, 0, -4 * time.Minute, 0, 11 * time.Minute, 0, -time.Hour}

func (r *run) newUnit(number int) (*unit, error) {
	u := &unit{run: r, number: number, skew: skews[number%len(skews)], closed: make(chan struct{}), caused: map[int]bool{}}
	var err error
	if u.link, err = r.hub.Link(u.name()); err != nil {
		return nil, err
	}
	if u.modelAddress, err = freeAddress(r.ctx); err != nil {
		return nil, err
	}
	variables := settings.Encode(settings.Worker{
		State: r.resources.state(), Release: release, Name: workerName, Queues: r.resources.queues,
		WebhookQueueURL: r.resources.webhooks, Endpoint: "http://" + u.modelAddress, Concurrency: r.Slots, Timeout: r.Timeout, PollWait: r.PollWait,
		MaxAttempts: maxAttempts, MaxInterruptions: maxInterruptions, LocalAddress: "127.0.0.1:0", MetricsAddress: "127.0.0.1:0",
	})
	path := r.binaries.worker
	if u.skew != 0 {
		path = r.binaries.skewed
		variables["FAULT_SKEW"] = u.skew.String()
	}
	workerLog, err := r.log(u.name())
	if err != nil {
		return nil, err
	}
	u.worker = process.New(process.Options{Name: u.name(), Path: path, Environ: environ(r.emulator, u.link.Endpoint(), variables),
		Log: workerLog, Line: func(line []byte) { u.said(workerLog, line) }, Exited: u.workerExited})
	container := fmt.Sprintf("container-%d", number)
	modelLog, err := r.log(container)
	if err != nil {
		return nil, err
	}
	u.model = process.New(process.Options{Name: container, Path: r.binaries.model, Args: []string{u.modelAddress},
		Log: modelLog, Line: func(line []byte) { u.recorded(modelLog, line) }, Exited: u.modelExited})
	return u, nil
}

// said takes a line of the worker's log.
func (u *unit) said(log *os.File, line []byte) {
	_, _ = log.Write(append(line, '\n'))
	if !strings.Contains(string(line), `"attempt ended"`) {
		return
	}
	var end struct {
		Job, Outcome string
		Fence        int64
	}
	if json.Unmarshal(line, &end) == nil {
		u.run.monitor.Ended(history.End{Worker: u.name(), Job: end.Job, Fence: end.Fence, Outcome: end.Outcome, At: time.Now()})
	}
}

// start runs both programs, and again whenever they end.
func (u *unit) start() error {
	u.wellSince = time.Now().Add(afterStart)
	for _, p := range []*process.Process{u.model, u.worker} {
		if _, err := p.Start(); err != nil {
			return err
		}
	}
	return nil
}

// again starts a program that has ended, after a while.
func (u *unit) again(p *process.Process, wait, settled time.Duration, well func()) {
	select {
	case <-u.closed:
		return
	case <-time.After(wait):
	}
	if _, err := p.Start(); err != nil {
		u.run.monitor.Violated("%s cannot be started again: %v", p.Name(), err)
		return
	}
	time.AfterFunc(settled, well)
}

func (u *unit) workerExited(exit process.Exit) {
	u.mutex.Lock()
	caused := u.caused[exit.Status]
	clear(u.caused)
	u.mutex.Unlock()
	u.run.monitor.Died(history.Death{Worker: u.name(), At: exit.At})
	if !caused {
		u.run.monitor.Violated("%s ended with status %d, of which nobody was the cause; see its log", u.name(), exit.Status)
	}
	go u.again(u.worker, u.run.restartDelay(), afterStart, u.ill())
}

func (u *unit) modelExited(process.Exit) {
	u.run.counts.add("container ended", 1)
	go u.again(u.model, u.run.restartDelay(), afterCrash, u.ill())
}

// ill notes that the worker is not to be relied on, until the returned function is called.
func (u *unit) ill() (well func()) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.ills++
	if u.ills == 1 {
		u.could()
	}
	return sync.OnceFunc(func() {
		u.mutex.Lock()
		defer u.mutex.Unlock()
		if u.ills--; u.ills == 0 {
			u.wellSince = time.Now()
		}
	})
}

// could tells since when the worker was well until now; the lock is held.
func (u *unit) could() {
	if now := time.Now(); now.After(u.wellSince) {
		u.run.monitor.Could(history.Span{Worker: u.name(), From: u.wellSince, To: now})
	}
}

// strike signals the worker, which may then end with the status. It returns
// false if it does not run.
func (u *unit) strike(signal syscall.Signal, status int) bool {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if _, running := u.worker.Running(); !running {
		return false
	}
	u.caused[status] = true
	return u.worker.Signal(signal)
}

// close ends the records of the unit; its programs are not started again.
func (u *unit) close() {
	close(u.closed)
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if u.ills == 0 {
		u.could()
	}
	u.ills++
}

// kill ends both programs for good.
func (u *unit) kill() {
	select {
	case <-u.closed:
	default:
		u.close()
	}
	u.strike(syscall.SIGKILL, 137)
	u.worker.Signal(syscall.SIGCONT)
	u.model.Signal(syscall.SIGKILL)
}
