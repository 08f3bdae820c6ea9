// Package healthagent runs the GPU health agent once on each GPU instance of a
// cluster. How health is judged, and what is done about it, is the agent's; see
// gpuagent.
//
// # Why so many rights
//
// The agent is the only container that sees the instance as it is, so that no
// other has to:
//
//   - Privileged: NVML needs all /dev/nvidia* devices, which ECS hands out one by
//     one and exclusively to tasks that reserve them, and /dev/kmsg, where the
//     driver reports Xid errors first.
//   - Host network: spot notices are in the instance metadata, which answers one
//     hop away and no further, and the ECS agent's introspection on the host's
//     loopback.
//   - Root: both devices belong to it.
//
// In return its root file system is read-only, it writes to one folder of the
// host, and its role names this cluster and these groups. In observe mode it may
// not act at all.
//
// # Why a daemon
//
// Managed termination protection keeps an instance alive while any task runs on
// it that is not of a service with the DAEMON strategy. As anything else, the
// agent would keep every idle GPU instance running.
package healthagent
