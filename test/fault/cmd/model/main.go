// Command model is the container that the fault harness runs jobs in:
// model ADDRESS serves there until it is killed.
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"tandem/test/fault/model"
)

func main() {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	server := http.Server{Handler: model.NewServer(os.Stdout, os.Exit).Handler(), ReadHeaderTimeout: time.Minute}
	log.Fatal(server.Serve(listener))
}
