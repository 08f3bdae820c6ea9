package target_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/runtime/webhooks/target"
)

func TestURLsAreJudgedByTheirLooks(t *testing.T) {
	tests := map[string]struct{ url, want string }{
		"a public name":                  {"https://hooks.example.com/tandem?x=1", ""},
		"a public name with a port":      {"https://hooks.example.com:8443/", ""},
		"a public address":               {"https://93.184.216.34/", ""},
		"a public IPv6 address":          {"https://[2606:2800:220:1::1]/", ""},
		"plain http":                     {"http://hooks.example.com/", "https"},
		"another scheme":                 {"file:///etc/passwd", "https"},
		"no scheme":                      {"hooks.example.com", "https"},
		"no host":                        {"https:///x", "https"},
		"an opaque one":                  {"https:hooks.example.com", "https"},
		"something else":                 {"https://[::1", "https"},
		"a password":                     {"https://user:pass@hooks.example.com/", "password"},
		"a fragment":                     {"https://hooks.example.com/#x", "fragment"},
		"localhost":                      {"https://localhost/", "public"},
		"localhost with a dot":           {"https://LOCALHOST./", "public"},
		"below localhost":                {"https://a.localhost/", "public"},
		"a name without a domain":        {"https://database/", "public"},
		"a name of this VPC":             {"https://ip-10-0-0-1.ec2.internal/", "public"},
		"loopback":                       {"https://127.0.0.1/", "public"},
		"loopback, short":                {"https://127.1/", "public"},
		"loopback as a number":           {"https://2130706433/", "public"},
		"loopback in hex":                {"https://0x7f.0x1/", "public"},
		"loopback in octal":              {"https://0177.0.0.01/", "public"},
		"the metadata service":           {"https://169.254.169.254/latest/", "public"},
		"the metadata service, IPv6":     {"https://[fd00:ec2::254]/", "public"},
		"the metadata service, mapped":   {"https://[::ffff:169.254.169.254]/", "public"},
		"the metadata service by NAT64":  {"https://[64:ff9b::a9fe:a9fe]/", "public"},
		"the task metadata of ECS":       {"https://169.254.170.2/v2/credentials", "public"},
		"a private address":              {"https://10.1.2.3/", "public"},
		"link-local IPv6 with its scope": {"https://[fe80::1%25eth0]/", "public"},
		"the unspecified address":        {"https://0.0.0.0/", "public"},
		"broadcast":                      {"https://255.255.255.255/", "public"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := target.Policy{}.Check(test.url)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
	require.NoError(t, target.Policy{AllowPrivate: true}.Check("http://127.0.0.1:9000/hook"))
	require.Error(t, target.Policy{AllowPrivate: true}.Check("ftp://127.0.0.1/"))
}

func TestOnlyGlobalAddressesArePublic(t *testing.T) {
	for _, address := range []string{"8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"} {
		require.True(t, target.Public(netip.MustParseAddr(address)), address)
	}
	for _, address := range []string{"0.0.0.1", "10.0.0.1", "100.100.100.200", "127.9.9.9", "169.254.0.1", "172.16.0.1", "172.31.255.255",
		"192.168.0.1", "192.0.0.192", "198.19.0.1", "224.0.0.1", "240.0.0.1", "::", "::1", "::127.0.0.1", "fe80::1", "fc00::1", "fd00:ec2::254",
		"ff02::1", "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b::10.0.0.1", "fec0::1", "::ffff:10.0.0.1"} {
		require.False(t, target.Public(netip.MustParseAddr(address)), address)
	}
	require.False(t, target.Public(netip.Addr{}))
}

func TestANameThatLeadsToAPrivateAddressIsNotConnectedTo(t *testing.T) {
	var reached atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]

	for _, host := range []string{"localhost", "127.0.0.1", "127.1"} {
		require.Error(t, get(target.Policy{}, "http://"+host+port), host)
	}
	require.ErrorIs(t, get(target.Policy{}, "http://localhost"+port), target.ErrForbidden, "the name was resolved, and the address refused")
	require.False(t, reached.Load())

	require.NoError(t, get(target.Policy{AllowPrivate: true}, server.URL))
	require.True(t, reached.Load())
}

func get(policy target.Policy, url string) error {
	response, err := policy.Client(time.Second).Get(url)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var followed atomic.Bool
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/b", http.StatusTemporaryRedirect) })
	mux.HandleFunc("/b", func(http.ResponseWriter, *http.Request) { followed.Store(true) })
	server := httptest.NewServer(mux)
	defer server.Close()
	response, err := target.Policy{AllowPrivate: true}.Client(time.Second).Post(server.URL+"/a", "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusTemporaryRedirect, response.StatusCode)
	require.False(t, followed.Load())
}

func TestAProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	transport, ok := target.Policy{}.Client(time.Second).Transport.(*http.Transport)
	require.True(t, ok)
	require.Nil(t, transport.Proxy, "a proxy would connect where the dialer must not")
}

func FuzzNoURLThatIsAllowedNamesAPrivateAddress(f *testing.F) {
	f.Add("https://127.0.0.1/")
	f.Add("https://[::ffff:127.0.0.1]:443/")
	f.Add("https://example.com/")
	f.Fuzz(func(t *testing.T, raw string) {
		if (target.Policy{}).Check(raw) != nil {
			return
		}
		request, err := http.NewRequest(http.MethodPost, raw, nil)
		require.NoError(t, err)
		if address, err := netip.ParseAddr(request.URL.Hostname()); err == nil {
			require.True(t, target.Public(address))
		}
	})
}
