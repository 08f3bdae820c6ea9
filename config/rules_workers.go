package config

import (
	"fmt"
	"time"
)

// SideStopTimeout is the time that the worker itself needs once the model
// container has stopped: to release leases and end its requests.
const SideStopTimeout = Duration(20 * time.Second)

// stopBudget is what all containers of a task may take to stop. A spot notice
// comes two minutes ahead; ten seconds pass until ECS acts on it.
const stopBudget = SpotNotice - Duration(10*time.Second)

func workerRules() []rule {
	return []rule{
		{"capacity-exists", "The group that a worker or service runs on is configured.", checkCapacityExists},
		{"capacity-named", "A worker names its group, or asks for gpu: 0 and runs on Fargate without one.", checkCapacityNamed},
		{"exec-command", "Mode exec says which command to run.", checkExecCommand},
		{"stop-in-time", "The model container's stop timeout and the worker's own fit into a spot notice.", checkStopTimeouts},
		{"port-free", "The model server leaves the worker's own ports alone.", checkPorts},
		{"weights-on-host", "Weights are cached on a host, so Fargate tasks have none.", checkWeights},
	}
}

func checkCapacityExists(j *judge) {
	j.eachContainer(func(p path, c container) {
		if _, ok := j.Capacity.Groups[c.capacity]; c.capacity != "" && !ok {
			j.unknown(p.key("capacity"), "capacity group", c.capacity, at("capacity", "groups"), sortedKeys(j.Capacity.Groups))
		}
	})
}

func checkCapacityNamed(j *judge) {
	for _, name := range sortedKeys(j.Workers) {
		w, p := j.Workers[name], at("workers", name)
		asked := j.given(p.key("gpu"))
		switch {
		case w.Capacity == "" && !asked:
			j.report(p.key("capacity"), fmt.Sprintf("worker %s does not say which group it runs on", name),
				"add capacity ("+listed(sortedKeys(j.Capacity.Groups))+"), or gpu: 0 to run on Fargate", p.key("gpu"))
		case w.Capacity == "" && deref(w.GPU) > 0:
			j.report(p.key("gpu"), fmt.Sprintf("worker %s wants GPUs but names no capacity group", name), "add capacity", p.key("capacity"))
		case w.Capacity != "" && asked && deref(w.GPU) == 0:
			j.report(p.key("gpu"), fmt.Sprintf("gpu: 0 runs on Fargate, so capacity %s has no effect", w.Capacity), "remove capacity or gpu", p.key("capacity"))
		}
	}
}

func checkExecCommand(j *judge) {
	for _, name := range sortedKeys(j.Workers) {
		w, p := j.Workers[name], at("workers", name)
		if w.Mode == ModeExec && len(w.Command) == 0 {
			j.report(p.key("mode"), "mode exec runs a command for each job, and there is none", "add command: [...]", p.key("command"))
		}
	}
}

func checkStopTimeouts(j *judge) {
	for _, name := range sortedKeys(j.Workers) {
		w, p := j.Workers[name], at("workers", name, "stopTimeout")
		if w.StopTimeout+SideStopTimeout > stopBudget {
			j.report(p, fmt.Sprintf("%s and the worker's own %s exceed the %s that a spot notice leaves", w.StopTimeout, SideStopTimeout, stopBudget),
				fmt.Sprintf("write %s or less", stopBudget-SideStopTimeout))
		}
	}
}

// workerPorts are those that the worker listens on, in the network that the
// containers of a task share: its local API and its metrics.
func workerPorts() map[int]string {
	return map[int]string{9410: "local API", 9411: "metrics"}
}

func checkPorts(j *judge) {
	for _, name := range sortedKeys(j.Workers) {
		if use, taken := workerPorts()[j.Workers[name].Port]; taken {
			j.report(at("workers", name, "port"), fmt.Sprintf("port %d is the worker's own, for its %s", j.Workers[name].Port, use), "let the model server listen on another, such as 8080")
		}
	}
}

func checkWeights(j *judge) {
	for _, name := range sortedKeys(j.Workers) {
		w, p := j.Workers[name], at("workers", name)
		if w.Weights != nil && w.Capacity == "" && j.given(p.key("gpu")) {
			j.report(p.key("weights"), "weights are cached on the host, and a task on Fargate has none", "put the model into the image, or name a capacity group", p.key("gpu"), p.key("capacity"))
		}
	}
}
