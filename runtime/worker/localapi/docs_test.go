package localapi_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/runtime/worker/localapi"
)

// The page that authors of containers read names every call and every reason.
func TestTheGuideNamesEveryCallAndReason(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/local-api.md")
	require.NoError(t, err)
	code, err := os.ReadFile("handler.go")
	require.NoError(t, err)
	calls := regexp.MustCompile(`"(GET|PUT|POST) (/v1/[a-z]+)`).FindAllStringSubmatch(string(code), -1)
	require.Len(t, calls, 9)
	for _, call := range calls {
		require.Contains(t, string(guide), "`"+call[1]+" "+call[2], strings.Join(call, " "))
	}
	for _, reason := range []localapi.Reason{localapi.Cancelled, localapi.Expired, localapi.Shutdown, localapi.Spot, localapi.Impaired, localapi.Deploy} {
		require.Contains(t, string(guide), "`"+string(reason)+"`")
	}
}
