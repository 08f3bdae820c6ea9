package constructstest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/jsii-runtime-go"
)

// Main runs a package's tests on one jsii kernel and exits.
//
// The kernel is a Node process that takes its environment when it starts, so
// the CDK's own template validation, which makes a synth 4 to 5 times slower,
// is turned off before anything of jsii runs. The kernel is not safe for
// concurrent use (no t.Parallel around CDK calls), and closing it between
// tests costs seconds.
func Main(m *testing.M) {
	variables := map[string]string{"CDK_VALIDATION": "false"}
	if node := pinnedNode(); node != "" && os.Getenv("JSII_NODE") == "" {
		variables["JSII_NODE"] = node
	}
	for name, value := range variables {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	// What package initialisation may have started runs in the old environment.
	jsii.Close()
	os.Exit(m.Run())
}

// pinnedNode starts the Node that package.json pins as a synth does, once npm has
// installed it; empty leaves the choice to PATH.
func pinnedNode() string {
	root, err := moduleRoot()
	if err != nil {
		return ""
	}
	if _, err := os.Stat(filepath.Join(root, "node_modules", ".bin", "node")); err != nil {
		return ""
	}
	return filepath.Join(root, "tools", "jsii-node")
}
