package imds_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/imds"
)

// service is a fake of IMDSv2 with tokens that can be revoked.
type service struct {
	token     int
	documents map[string]string
	status    int
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	if r.Method == http.MethodPut && r.URL.Path == "/latest/api/token" {
		s.token++
		_, _ = w.Write([]byte(strconv.Itoa(s.token)))
		return
	}
	if r.Header.Get("X-aws-ec2-metadata-token") != strconv.Itoa(s.token) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	document, found := s.documents[r.URL.Path]
	if !found {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_, _ = w.Write([]byte(document))
}

func client(t *testing.T, s *service) *imds.Client {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return imds.New(imds.Options{Endpoint: server.URL})
}

const (
	spot      = "/latest/meta-data/spot/instance-action"
	rebalance = "/latest/meta-data/events/recommendations/rebalance"
)

func TestNothingIsAnnouncedMostOfTheTime(t *testing.T) {
	notices, err := client(t, &service{}).Read(t.Context())
	require.NoError(t, err)
	require.Nil(t, notices.Spot)
	require.Nil(t, notices.Rebalance)
}

func TestNoticesAreReadWithTheirTimes(t *testing.T) {
	notices, err := client(t, &service{documents: map[string]string{
		spot:      `{"action": "terminate", "time": "2026-11-24T08:22:00Z"}`,
		rebalance: `{"noticeTime": "2026-11-24T08:00:00Z"}`,
	}}).Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, "terminate", notices.Spot.Action)
	require.Equal(t, time.Date(2026, 11, 24, 8, 22, 0, 0, time.UTC), notices.Spot.Time)
	require.Equal(t, time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), *notices.Rebalance)
}

func TestARevokedTokenIsFetchedAgain(t *testing.T) {
	s := &service{documents: map[string]string{spot: `{"action": "stop", "time": "2026-11-24T08:22:00Z"}`}}
	c := client(t, s)
	_, err := c.Read(t.Context())
	require.NoError(t, err)
	s.token++
	notices, err := c.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, "stop", notices.Spot.Action)
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		service service
		want    string
	}{
		"a service that fails":      {service{status: http.StatusInternalServerError}, "asking the instance metadata for a token: status 500"},
		"a document that is not":    {service{documents: map[string]string{spot: "<html>"}}, "reading the instance metadata at " + spot},
		"a time that is not a time": {service{documents: map[string]string{spot: `{"action": "terminate", "time": "soon"}`}}, "reading the instance metadata at " + spot},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, &test.service).Read(t.Context())
			require.ErrorContains(t, err, test.want)
		})
	}
}

func FuzzADocumentFromOutsideNeverBreaksTheAgent(f *testing.F) {
	f.Add(`{"action": "terminate", "time": "2026-11-24T08:22:00Z"}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, document string) {
		_, _ = client(t, &service{documents: map[string]string{spot: document, rebalance: document}}).Read(t.Context())
	})
}
