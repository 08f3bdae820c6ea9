package scenario

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/observe"
)

// vocabulary is what a line may begin with.
func vocabulary() map[string]word {
	return map[string]word{
		"gpus":    {setup: true, read: readGPUs},
		"type":    {setup: true, read: readType},
		"mode":    {setup: true, read: readMode},
		"cluster": {setup: true, read: readCluster},
		"drain":   {setup: true, read: readDrainLimit},
		"xids":    {setup: true, read: readXids},
		"number":  {setup: true, read: readNumber},
		"table":   {setup: true, story: true, read: readTable},
		"tasks":   {setup: true, story: true, read: readTasks},
		"gpu":     {setup: true, story: true, read: readGPU},
		"switch":  {story: true, read: readSwitch},
		"driver":  {setup: true, story: true, read: readDriver},
		"imds":    {setup: true, story: true, read: readIMDS},
		"ecs":     {setup: true, story: true, read: readECS},
		"others":  {setup: true, story: true, read: readOthers},
		"disk":    {story: true, read: readDisk},
		"agent":   {story: true, read: readAgent},
		"expect":  {story: true, read: readExpect},
	}
}

func readGPUs(line words) (func(*World) error, error) {
	count, err := line.number(0)
	if err == nil && count > 16 {
		err = errors.New("a host has 16 GPUs at most")
	}
	return func(w *World) error {
		w.setDevices(count)
		return nil
	}, err
}

// type g5.12xlarge with 4
func readType(line words) (func(*World) error, error) {
	count, err := line.number(2)
	return func(w *World) error {
		w.instanceType, w.expected = line.at(0), count
		return nil
	}, err
}

func readMode(line words) (func(*World) error, error) {
	mode, err := line.one(0, act.Observe, act.Protect)
	return func(w *World) error {
		w.mode = mode
		return nil
	}, err
}

// cluster 10
func readCluster(line words) (func(*World) error, error) {
	count, err := line.number(0)
	if err == nil && (count < 1 || count > 1000) {
		err = errors.New("a cluster has 1 to 1000 instances")
	}
	return func(w *World) error {
		for i := 1; i < count; i++ {
			w.fleet.Add(arn(i), 2)
		}
		return nil
	}, err
}

// number 7: the ARN of this host's container instance ends with it.
func readNumber(line words) (func(*World) error, error) {
	number, err := line.number(0)
	return func(w *World) error {
		w.fleet.Replace(w.self, arn(number))
		w.self = arn(number)
		w.fleet.SetTasks(w.self, 2)
		return nil
	}, err
}

// drain limit 10m
func readDrainLimit(line words) (func(*World) error, error) {
	limit, err := time.ParseDuration(line.at(1))
	if _, word := line.one(0, "limit"); word != nil {
		err = word
	}
	return func(w *World) error {
		w.drainLimit = limit
		return nil
	}, err
}

// xids {"63": "ignore"}
func readXids(line words) (func(*World) error, error) {
	return func(w *World) error {
		w.xids = line.rest(0)
		return nil
	}, nil
}

// table none|fails|answers|spare|full N
func readTable(line words) (func(*World) error, error) {
	what, err := line.one(0, "none", "fails", "answers", "spare", "busy")
	return func(w *World) error {
		switch what {
		case "none":
			w.useTable = false
		case "fails":
			w.places.Fail(errors.New("the table does not answer"))
		case "answers":
			w.places.Fail(nil)
		case "spare":
			w.places.SetSpare(true)
		case "busy":
			w.places.SetSpare(false)
		}
		return nil
	}, err
}

// tasks 3: ECS counts the agent's own among them; the ECS agent lists them.
func readTasks(line words) (func(*World) error, error) {
	count, err := line.number(0)
	if err == nil && count > 1000 {
		err = errors.New("a host has 1000 tasks at most")
	}
	return func(w *World) error {
		w.fleet.SetTasks(w.self, count)
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.tasks = nil
		for i := range count {
			w.tasks = append(w.tasks, observe.Task{ARN: fmt.Sprintf("arn:aws:ecs:us-east-1:111122223333:task/gpu/%d", i), Known: "RUNNING"})
		}
		return nil
	}, err
}

// driver hangs|answers|missing|mismatched|fails
func readDriver(line words) (func(*World) error, error) {
	what, err := line.one(0, "hangs", "answers", "missing", "mismatched", "fails")
	return func(w *World) error {
		if what != "hangs" {
			w.answer()
		}
		w.mutex.Lock()
		defer w.mutex.Unlock()
		switch what {
		case "hangs":
			if w.hang == nil {
				w.hang = make(chan struct{})
			}
		case "answers":
			w.devicesErr = nil
		case "missing":
			w.devicesErr = fmt.Errorf("loading the library: %w", observe.ErrNoDriver)
		case "mismatched":
			w.devicesErr = fmt.Errorf("loading the library: %w", observe.ErrMismatch)
		case "fails":
			w.devicesErr = errors.New("the driver says: unknown error")
		}
		return nil
	}, err
}

// imds spot|rebalance|fails|hangs|answers
func readIMDS(line words) (func(*World) error, error) {
	what, err := line.one(0, "spot", "rebalance", "fails", "hangs", "answers")
	return func(w *World) error {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		switch what {
		case "spot":
			w.notices.Spot = &observe.SpotNotice{Action: "terminate", Time: time.Now().Add(2 * time.Minute)}
		case "rebalance":
			w.notices.Rebalance = value(time.Now())
		case "fails":
			w.noticesErr = errors.New("the metadata service says 500")
		case "hangs":
			w.noticesMay = make(chan struct{})
		case "answers":
			w.noticesErr = nil
			if w.noticesMay != nil {
				close(w.noticesMay)
				w.noticesMay = nil
			}
		}
		return nil
	}, err
}

// ecs fails|answers [look|drain|activate|census|unhealthy]; ecs draining|active, by somebody else
func readECS(line words) (func(*World) error, error) {
	what, err := line.one(0, "fails", "answers", "draining", "active")
	call := line.at(1)
	if call == "" {
		call = "all"
	} else if err == nil {
		call, err = line.one(1, "look", "drain", "activate", "census", "unhealthy", "all")
	}
	return func(w *World) error {
		switch what {
		case "fails":
			w.fleet.Fail(call, errors.New("AWS says: throttled"))
		case "answers":
			w.fleet.Fail(call, nil)
		default:
			w.fleet.SetDraining(w.self, what == "draining")
		}
		return nil
	}, err
}

// others drain 2, others return: instances of the cluster that their own agents drain.
func readOthers(line words) (func(*World) error, error) {
	what, err := line.one(0, "drain", "return")
	count := 0
	if err == nil && what == "drain" {
		if count, err = line.number(1); err == nil && count > 1000 {
			err = errors.New("a cluster has 1000 instances at most")
		}
	}
	return func(w *World) error { return w.others(what == "drain", count) }, err
}

func readDisk(line words) (func(*World) error, error) {
	what, err := line.one(0, "full", "writable")
	return func(w *World) error {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.diskErr = nil
		if what == "full" {
			w.diskErr = errors.New("no space left on device")
		}
		return nil
	}, err
}

// agent sigterm|kill|start|reboot
func readAgent(line words) (func(*World) error, error) {
	what, err := line.one(0, "sigterm", "kill", "start", "reboot")
	return func(w *World) error {
		switch what {
		case "sigterm":
			return w.sigterm()
		case "kill":
			return w.kill()
		case "reboot":
			w.boot++
			w.kernel = nil
			return w.kill()
		default:
			if w.stop != nil {
				return errors.New("an agent runs already")
			}
			return w.start()
		}
	}, err
}

// switch sxid 20034 [fatal]
func readSwitch(line words) (func(*World) error, error) {
	code, err := line.number(1)
	if _, word := line.one(0, "sxid"); word != nil {
		err = word
	}
	return func(w *World) error {
		w.tell(observe.Event{
			Kind: observe.EventSXid, Code: code, PCI: "0000:05:00.0", Fatal: line.at(2) == "fatal",
			Detail: strings.TrimSpace("SXid " + line.rest(1)),
		}, "kmsg")
		return nil
	}, err
}
