package settings

// How a task definition starts Tandem's own images, beside what their entry
// points do without arguments. The construct writes it, the program answers.
const (
	// WorkerBinary is where the worker's image has its program, which is
	// statically linked: in exec mode it runs inside the user's image.
	WorkerBinary = "/worker"
	// WorkerFetch brings weights into a cache, as [Fetch] says, and ends.
	WorkerFetch = "fetch"
	// WorkerWarm answers for the health of the model server beside it, as [Warm]
	// says, until it is stopped.
	WorkerWarm = "warm"
	// WorkerInstall copies the program to the path that is the next argument, and ends.
	WorkerInstall = "install"
	// WorkerHealth asks the worker that runs in the same container for /healthz
	// and ends with 0 if it is well.
	WorkerHealth = "health"

	// AgentBinary is where the health agent's image has its program.
	AgentBinary = "/gpuagent"
	// AgentHealth asks the agent that runs in the same container for /healthz and
	// ends with 0 if it is well.
	AgentHealth = "health"
)
