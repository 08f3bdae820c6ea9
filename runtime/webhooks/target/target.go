// Package target decides which addresses a webhook may be sent to. A caller
// chooses the URL, but this deployment sends the request: without these rules
// it could be made to speak to what only it can reach, such as the instance
// metadata service or a database (server-side request forgery).
//
// [Check] judges the URL when a job is submitted, by its looks. What counts is
// [Client], whose dialer judges the very address that it is about to connect
// to, after the name was resolved, so that a name that changes its mind
// (DNS rebinding) gains nothing.
package target

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// ErrForbidden means that the address is not one that webhooks may be sent to.
var ErrForbidden = errors.New("not a public address")

// Policy of what is allowed. Its zero value allows public https only.
type Policy struct {
	// AllowPrivate allows plain http and any address, for local mode.
	AllowPrivate bool
}

// Check judges a URL. The error says what is wrong with it in words that follow
// 'the URL'.
func (p Policy) Check(raw string) error {
	at, err := url.Parse(raw)
	switch {
	case err != nil || at.Host == "" || at.Opaque != "":
		return errors.New("must be an absolute https URL")
	case at.User != nil:
		return errors.New("must not hold a user or password")
	case at.Fragment != "":
		return errors.New("must not have a fragment")
	case p.AllowPrivate && (at.Scheme == "http" || at.Scheme == "https"):
		return nil
	case at.Scheme != "https":
		return errors.New("must be an absolute https URL")
	}
	return checkHost(at.Hostname())
}

// localSuffixes are names that never lead to the public internet (RFC 6761,
// RFC 6762, RFC 8375, ICANN's .internal).
var localSuffixes = []string{"localhost", "local", "internal", "home.arpa", "localdomain", "lan", "intranet", "corp", "test", "invalid"}

func checkHost(host string) error {
	if address, err := netip.ParseAddr(host); err == nil {
		if !Public(address) {
			return errors.New("must have a public address")
		}
		return nil
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	switch {
	case len(labels) < 2:
		return errors.New("must have a public host name")
	case last == "" || last[0] >= '0' && last[0] <= '9':
		// 127.1, 0x7f.1 and the like are addresses to some resolvers.
		return errors.New("must have a public host name")
	}
	for _, suffix := range localSuffixes {
		if host == suffix || strings.HasSuffix(host, "."+suffix) {
			return errors.New("must have a public host name")
		}
	}
	return nil
}

// special are the blocks that no global unicast address of a receiver lies in,
// beside those that net/netip knows by name
// (https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry, 2026-11-24).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // shared address space, and some clouds' metadata
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("192.88.99.0/24"),  // 6to4 relays
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
	netip.MustParsePrefix("::/96"),           // IPv4-compatible
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64: an IPv4 address in disguise
	netip.MustParsePrefix("64:ff9b:1::/48"),  // NAT64, local use
	netip.MustParsePrefix("100::/64"),        // discard
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4: an IPv4 address in disguise
	netip.MustParsePrefix("3fff::/20"),       // documentation
	netip.MustParsePrefix("5f00::/16"),       // segment routing
	netip.MustParsePrefix("fec0::/10"),       // site-local
}

// Public tells whether an address belongs to the public internet.
func Public(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if !address.IsGlobalUnicast() || address.IsPrivate() {
		return false
	}
	for _, block := range special {
		if block.Contains(address) {
			return false
		}
	}
	return true
}

// Control is a net.Dialer's hook: it refuses a connection to an address that is
// not public.
func (p Policy) Control(_, address string, _ syscall.RawConn) error {
	if p.AllowPrivate {
		return nil
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("judging address %q: %w", address, err)
	}
	if !Public(at.Addr()) {
		return fmt.Errorf("%w: %s", ErrForbidden, at.Addr())
	}
	return nil
}

// Client sends webhooks: to allowed addresses only, through no proxy, following
// no redirects, within a time for the whole exchange.
func (p Policy) Client(timeout time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: timeout / 2, Control: p.Control}
	return &http.Client{
		Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    timeout / 2,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
}
