package observe

import (
	"errors"
	"time"
)

// ErrNoDriver says that the host has no NVIDIA driver or library to ask. The
// host is not sick: too little is known of it.
var ErrNoDriver = errors.New("no NVIDIA driver")

// ErrMismatch says that the library and the kernel's driver are of different
// versions, as after an update without a reboot.
var ErrMismatch = errors.New("driver and library version mismatch")

// ErrHung says that a call into the driver has not come back within its limit.
var ErrHung = errors.New("the driver does not answer")

// Host is one look at everything that is polled. A part that could not be read
// has an error beside it and keeps nothing of an earlier look.
type Host struct {
	// At is when the look ended, by the agent's clock.
	At time.Time
	// Devices as NVML lists them, by index.
	Devices []Device
	// DevicesErr wraps one of the errors above where that is the cause.
	DevicesErr error
	// DriverVersion such as 570.86.15; empty where not known.
	DriverVersion string
	// InstanceType such as g5.xlarge; empty outside EC2.
	InstanceType string
	// ExpectedDevices is how many GPUs the instance type has; zero where not known.
	ExpectedDevices int
	// Notices of EC2; what is announced stays announced.
	Notices Notices
	// NoticesErr is why the notices could not be read.
	NoticesErr error
	// Tasks that run on this container instance.
	Tasks []Task
	// TasksErr is why they could not be read.
	TasksErr error
}

// Notices are what EC2 announces for the instance.
type Notices struct {
	// Spot is set once the instance will be reclaimed.
	Spot *SpotNotice
	// Rebalance is when EC2 recommended to move away; nil without a recommendation.
	Rebalance *time.Time
}

// SpotNotice is EC2's announcement that a spot instance will be reclaimed.
type SpotNotice struct {
	// Action is terminate, stop or hibernate.
	Action string
	// Time at which it happens, about two minutes after the announcement.
	Time time.Time
}

// Task is an ECS task on this host, by the agent's introspection.
type Task struct {
	ARN    string
	Family string
	// Known is the task's last known status, such as RUNNING.
	Known string
}
