// Package hostpaths names what containers of one GPU instance share on its
// disk: the user data creates it, task definitions mount it.
package hostpaths

const (
	// NodeStatus is the folder that the health agent writes to and workers read.
	NodeStatus = "/var/lib/tandem/node"
	// NodeStatusFile is the name of the file in it.
	NodeStatusFile = "node-status.json"
	// Weights is the cache for model weights.
	Weights = "/var/cache/tandem/weights"
	// User and group that own Weights and that Tandem's unprivileged containers
	// run as: distroless's nonroot.
	User = 65532
)
