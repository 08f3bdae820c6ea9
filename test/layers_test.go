package test

// layers ranks every package of the module, from the bottom up. A package
// imports only packages of the lines above its own, or of its own line where
// that ends in "/...". The most specific line counts.
//
// A new package needs a line, unless one covers it. Put it as high up as its
// imports allow: what is near the top is what everything else may rely on.
var layers = []string{
	// Facts and contracts that rely on nothing of ours.
	"prices/...",
	"config",
	"cloudassembly",
	"runtime/settings",
	"runtime/capacity",
	"runtime/fleetreport",
	"runtime/fleetreport/*",
	"runtime/fleetstate",
	"runtime/capacity/dynamofleet",
	"runtime/nodestatus",
	"runtime/secrets",

	// Cores: what a job, a key, a model is. Then their adapters, each alone.
	"runtime/keys",
	"runtime/keys/keystest",
	"runtime/keys/*",
	"runtime/jobs",
	"runtime/jobs/jobstest",
	"runtime/jobs/*",
	"runtime/models",
	"runtime/models/chat",
	"runtime/models/upstream",
	"runtime/models/budget",
	"runtime/models/budgettest",
	"runtime/models/modelstest",
	"runtime/models/*",
	"runtime/chatjob",
	"runtime/wake",
	"runtime/wake/*",
	"runtime/capacity/*",

	// The HTTP API, and what leaves by it.
	"runtime/httpapi/api",
	"runtime/httpapi/request",
	"runtime/httpapi/view",
	"runtime/httpapi/problem",
	"runtime/httpapi/auth",
	"runtime/httpapi/auth/*",
	"runtime/httpapi/ratelimit",
	"runtime/webhooks/target",
	"runtime/webhooks",
	"runtime/webhooks/*",
	"runtime/httpapi",
	"runtime/httpapi/modelsapi",
	"runtime/httpapi/lambdaproxy/...",

	// The worker beside a model container.
	"runtime/worker/ecstask",
	"runtime/worker/warmup",
	"runtime/worker/weights",
	"runtime/worker/weights/*",
	"runtime/worker/container",
	"runtime/worker/localapi",
	"runtime/worker",
	"runtime/worker/program",
	"runtime/worker/cmd/*",

	// What single functions do.
	"runtime/documents",
	"runtime/documents/*",
	"runtime/emptygroups",
	"runtime/emptygroups/*",

	// The functions' main packages.
	"runtime/functions/internal/...",
	"runtime/functions/*",

	// The GPU health agent, usable without the rest.
	"gpuagent/...",

	// The CDK: constructs, the stacks that they are put into, the app.
	"constructs/accepted",
	"constructs/internal/hostpaths",
	"constructs/internal/check",
	"constructs/internal/metric",
	"constructs/internal/containers",
	"constructs/gofunction",
	"constructs/jobqueue",
	"constructs/*",
	"stacks",
	"stacks/checks",
	"stacks/synth",
	"",

	// What it will cost, from the policy that runs in production.
	"planning/...",

	// The command line, examples and what only tests use.
	"cmd/tandem/internal/exit",
	"cmd/tandem/internal/display",
	"cmd/tandem/internal/...",
	"cmd/tandem",
	"examples/...",
	"test/checkout",
	"test/...",
}
