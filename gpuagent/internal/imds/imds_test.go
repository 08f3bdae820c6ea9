package imds_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/imds"
)

// service is a fake of IMDSv2 with tokens that end and can be revoked, and with
// faults.
type service struct {
	mutex     sync.Mutex
	token     int
	tokens    int
	documents map[string]string
	// status answers everything; failing single paths.
	status  int
	failing map[string]int
	hang    chan struct{}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.hang != nil {
		<-s.hang
	}
	switch failing := s.failing[r.URL.Path]; {
	case failing != 0:
		w.WriteHeader(failing)
	case s.status != 0:
		w.WriteHeader(s.status)
	case r.URL.Path == "/latest/api/token":
		if seconds, err := strconv.Atoi(r.Header.Get("X-aws-ec2-metadata-token-ttl-seconds")); r.Method != http.MethodPut || err != nil || seconds < 1 || seconds > 21600 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.token++
		s.tokens++
		_, _ = w.Write([]byte(strconv.Itoa(s.token)))
	case r.Header.Get("X-aws-ec2-metadata-token") != strconv.Itoa(s.token):
		w.WriteHeader(http.StatusUnauthorized)
	case s.documents[r.URL.Path] == "":
		w.WriteHeader(http.StatusNotFound)
	default:
		_, _ = w.Write([]byte(s.documents[r.URL.Path]))
	}
}

func client(t *testing.T, s *service, options imds.Options) *imds.Client {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	options.Endpoint = server.URL
	if options.Timeout == 0 {
		options.Timeout = 10 * time.Second
	}
	return imds.New(options)
}

const (
	spot      = "/latest/meta-data/spot/instance-action"
	rebalance = "/latest/meta-data/events/recommendations/rebalance"
	identity  = "/latest/dynamic/instance-identity/document"
	notice    = `{"action": "terminate", "time": "2026-11-24T08:22:00Z"}`
)

func TestNothingIsAnnouncedMostOfTheTime(t *testing.T) {
	notices, err := client(t, &service{}, imds.Options{}).Notices(t.Context())
	require.NoError(t, err)
	require.Nil(t, notices.Spot)
	require.Nil(t, notices.Rebalance)
}

func TestNoticesAreReadWithTheirTimes(t *testing.T) {
	notices, err := client(t, &service{documents: map[string]string{spot: notice, rebalance: `{"noticeTime": "2026-11-24T08:00:00Z"}`}}, imds.Options{}).Notices(t.Context())
	require.NoError(t, err)
	require.Equal(t, "terminate", notices.Spot.Action)
	require.Equal(t, time.Date(2026, 11, 24, 8, 22, 0, 0, time.UTC), notices.Spot.Time)
	require.Equal(t, time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), *notices.Rebalance)
}

func TestTheInstanceSaysWhatItIs(t *testing.T) {
	s := &service{documents: map[string]string{identity: `{"accountId": "111122223333", "instanceId": "i-0123456789abcdef0", "instanceType": "g5.xlarge", "availabilityZone": "us-east-1a", "region": "us-east-1"}`}}
	found, err := client(t, s, imds.Options{}).Identity(t.Context())
	require.NoError(t, err)
	require.Equal(t, imds.Identity{InstanceID: "i-0123456789abcdef0", InstanceType: "g5.xlarge", AvailabilityZone: "us-east-1a", Region: "us-east-1"}, found)

	_, err = client(t, &service{}, imds.Options{}).Identity(t.Context())
	require.ErrorContains(t, err, "it names no instance")
}

func TestARevokedTokenIsFetchedAgain(t *testing.T) {
	s := &service{documents: map[string]string{spot: notice}}
	c := client(t, s, imds.Options{})
	_, err := c.Identity(t.Context())
	require.ErrorContains(t, err, "it names no instance")
	s.token++
	notices, err := c.Notices(t.Context())
	require.NoError(t, err)
	require.NotNil(t, notices.Spot)
}

func TestATokenIsReplacedBeforeItEnds(t *testing.T) {
	s, now := &service{}, time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	c := client(t, s, imds.Options{Now: func() time.Time { return now }})
	for range 7 * 60 {
		_, err := c.Notices(t.Context())
		require.NoError(t, err)
		now = now.Add(time.Minute)
	}
	require.Equal(t, 2, s.tokens, "one, and one more after five hours")
}

func TestWhatWasAnnouncedStaysAnnounced(t *testing.T) {
	s := &service{documents: map[string]string{spot: notice}}
	c := client(t, s, imds.Options{})
	_, err := c.Notices(t.Context())
	require.NoError(t, err)
	for name, change := range map[string]func(){
		"the service fails":       func() { s.status = http.StatusInternalServerError },
		"the document is gone":    func() { s.status, s.documents = 0, nil },
		"the document is garbage": func() { s.documents = map[string]string{spot: "null"} },
	} {
		change()
		notices, _ := c.Notices(t.Context())
		require.NotNil(t, notices.Spot, name)
	}
}

func TestASpotNoticeIsSeenThoughTheRestFails(t *testing.T) {
	s := &service{documents: map[string]string{spot: notice}, failing: map[string]int{rebalance: http.StatusServiceUnavailable}}
	notices, err := client(t, s, imds.Options{}).Notices(t.Context())
	require.ErrorContains(t, err, "status 503")
	require.NotNil(t, notices.Spot)
}

func TestTheRecommendationIsAskedForLessOften(t *testing.T) {
	s, now := &service{}, time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	c := client(t, s, imds.Options{Now: func() time.Time { return now }})
	_, err := c.Notices(t.Context())
	require.NoError(t, err)
	s.documents = map[string]string{spot: notice, rebalance: `{"noticeTime": "2026-11-24T08:00:00Z"}`}
	now = now.Add(time.Second)
	notices, err := c.Notices(t.Context())
	require.NoError(t, err)
	require.NotNil(t, notices.Spot)
	require.Nil(t, notices.Rebalance)
	now = now.Add(4 * time.Second)
	notices, err = c.Notices(t.Context())
	require.NoError(t, err)
	require.NotNil(t, notices.Rebalance)
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		service *service
		want    string
	}{
		"a service that fails":      {&service{status: http.StatusInternalServerError}, "asking the instance metadata for a token: status 500"},
		"a service that is off":     {&service{status: http.StatusForbidden}, "the service is switched off"},
		"a token that is refused":   {&service{failing: map[string]int{spot: http.StatusUnauthorized}}, "a new token is refused too"},
		"a document that is not":    {&service{documents: map[string]string{spot: "<html>"}}, "reading the instance metadata at " + spot},
		"a time that is not a time": {&service{documents: map[string]string{spot: `{"action": "terminate", "time": "soon"}`}}, "reading the instance metadata at " + spot},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, test.service, imds.Options{}).Notices(t.Context())
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestAServiceThatHangsIsNotWaitedFor(t *testing.T) {
	s := &service{}
	c := client(t, s, imds.Options{Timeout: 20 * time.Millisecond})
	_, err := c.Notices(t.Context())
	require.NoError(t, err)
	s.mutex.Lock()
	s.hang = make(chan struct{})
	s.mutex.Unlock()
	began := time.Now()
	_, err = c.Notices(t.Context())
	close(s.hang)
	require.Error(t, err)
	require.Less(t, time.Since(began), 5*time.Second)
}

func TestAMachineOutsideEC2IsAskedRarely(t *testing.T) {
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	tries := 0
	nobody := roundTripper(func(*http.Request) (*http.Response, error) {
		tries++
		return nil, http.ErrServerClosed
	})
	c := imds.New(imds.Options{HTTP: &http.Client{Transport: nobody}, Now: func() time.Time { return now }})
	for range 60 {
		_, err := c.Notices(t.Context())
		require.ErrorIs(t, err, imds.ErrNotEC2)
		now = now.Add(time.Second)
	}
	require.Equal(t, 2, tries)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func FuzzADocumentFromOutsideNeverBreaksTheAgent(f *testing.F) {
	f.Add(notice)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, document string) {
		c := client(t, &service{documents: map[string]string{spot: document, rebalance: document, identity: document}}, imds.Options{})
		_, _ = c.Notices(t.Context())
		_, _ = c.Identity(t.Context())
	})
}
