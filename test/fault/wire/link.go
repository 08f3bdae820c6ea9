package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Toxic is a fault of the connection, as toxiproxy knows it: latency,
// bandwidth, slicer, timeout, reset_peer, limit_data.
type Toxic struct {
	Type string `json:"type"`
	// Stream is upstream, towards AWS, or downstream.
	Stream string `json:"stream"`
	// Attributes as toxiproxy documents them.
	Attributes map[string]int `json:"attributes"`
}

// Link is how one process reaches the emulator.
type Link struct {
	// Name of the process.
	Name string

	hub    *Hub
	front  *toxiproxy.Proxy
	server *http.Server

	mutex sync.Mutex
	// spells that are active, by their number.
	spells map[int]Spell
	next   int
	traps  []*trap
	dice   *dice
}

// Hub makes links to one emulator.
type Hub struct {
	// Target is the emulator's base URL.
	target   string
	observer func(Exchange)
	messages *messages
	client   *http.Transport
	toxics   *toxiproxy.ApiServer
	seed     uint64
}

// HubOptions configure a [Hub]. All but Seed are required.
type HubOptions struct {
	// Target is the emulator's base URL.
	Target string
	// Observer is told of each call that came to an end at the emulator, or was kept from it.
	Observer func(Exchange)
	// Disturbed is told of each job whose message is lost or delayed on purpose.
	Disturbed func(job string, at time.Time)
	// Seed of everything that is left to chance.
	Seed uint64
}

// NewHub makes a Hub.
func NewHub(options HubOptions) *Hub {
	return &Hub{
		target: options.Target, observer: options.Observer, seed: options.Seed,
		messages: &messages{seed: options.Seed, disturbed: options.Disturbed, counts: map[string]int{}},
		client:   &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
		toxics:   toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()),
	}
}

// Link opens a link for a process.
func (h *Hub) Link(name string) (*Link, error) {
	l := &Link{Name: name, hub: h, spells: map[int]Spell{}, dice: newDice(h.seed, name)}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening the link of %s: %w", name, err)
	}
	l.server = &http.Server{Handler: http.HandlerFunc(l.serve), ReadHeaderTimeout: time.Minute}
	go func() { _ = l.server.Serve(listener) }() // until it is closed
	l.front = toxiproxy.NewProxy(h.toxics, name, "127.0.0.1:0", listener.Addr().String())
	if err := l.front.Start(); err != nil {
		l.server.Close()
		return nil, fmt.Errorf("opening the link of %s: %w", name, err)
	}
	return l, nil
}

// Endpoint is what the process takes for AWS.
func (l *Link) Endpoint() string { return "http://" + l.front.Listen }

// Cut breaks all connections and refuses new ones, until Mend.
func (l *Link) Cut() { l.front.Stop() }

// Mend ends a Cut.
func (l *Link) Mend() error {
	if err := l.front.Start(); err != nil && !errors.Is(err, toxiproxy.ErrProxyAlreadyStarted) {
		return fmt.Errorf("mending the link of %s: %w", l.Name, err)
	}
	return nil
}

// Poison adds a toxic, until the returned function is called.
func (l *Link) Poison(toxic Toxic) (remove func(), err error) {
	l.mutex.Lock()
	l.next++
	name := fmt.Sprintf("%s-%d", toxic.Type, l.next)
	l.mutex.Unlock()
	body, err := json.Marshal(struct {
		Toxic
		Name string `json:"name"`
	}{toxic, name})
	if err == nil {
		_, err = l.front.Toxics.AddToxicJson(strings.NewReader(string(body)))
	}
	if err != nil {
		return nil, fmt.Errorf("poisoning the link of %s: %w", l.Name, err)
	}
	return func() { _ = l.front.Toxics.RemoveToxic(context.Background(), name) }, nil
}

// Close ends the link.
func (l *Link) Close() {
	l.front.Stop()
	l.server.Close()
}
