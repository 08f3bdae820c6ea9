// Command streamshim stands in for a function that answers in a stream, on an
// emulator that takes only whole answers. It starts the real function, the file
// bootstrap.streaming beside it, hands it Lambda's Runtime API, and turns each
// streamed answer into the JSON that a buffered integration expects. The
// function itself is unchanged and does stream, as far as it can tell.
package main

import (
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"tandem/test/emulator/streamshim/buffering"
)

func main() {
	self, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	function := filepath.Join(filepath.Dir(self), "bootstrap.streaming")
	// The emulator unpacks the archive and marks only the file that it starts.
	if err := os.Chmod(function, 0o755); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	proxy := buffering.Proxy(os.Getenv("AWS_LAMBDA_RUNTIME_API"))
	go func() { log.Fatal(http.Serve(listener, proxy)) }()

	command := exec.Command(function)
	command.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String())
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		log.Fatal(err)
	}
}
