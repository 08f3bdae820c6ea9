package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// received is what a webhook's receiver got.
type received struct {
	header http.Header
	body   []byte
}

// receiver refuses the first delivery, as receivers do while they are deployed.
func receiver(t *testing.T) (url string, deliveries <-chan received) {
	t.Helper()
	all := make(chan received, 10)
	refused := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !refused {
			refused = true
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		all <- received{header: r.Header, body: body}
	}))
	t.Cleanup(server.Close)
	return server.URL, all
}

// allowPrivateWebhooks lets the two functions that judge webhooks take a
// receiver on this machine, which they refuse everywhere else.
func (d *deployment) allowPrivateWebhooks(t *testing.T) {
	t.Helper()
	client := lambda.NewFromConfig(d.Emulator.Config())
	for _, path := range []string{"Jobs/Function", "Courier/Function"} {
		function, err := d.Find("AWS::Lambda::Function", path)
		require.NoError(t, err)
		now, err := client.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: &function.ID})
		require.NoError(t, err)
		variables := now.Environment.Variables
		variables["TANDEM_WEBHOOK_ALLOW_PRIVATE"] = "true"
		_, err = client.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
			FunctionName: &function.ID, Environment: &types.Environment{Variables: variables},
		})
		require.NoError(t, err)
	}
}

func webhook(t *testing.T, d *deployment, c caller, tenant string) {
	d.allowPrivateWebhooks(t)
	url, deliveries := receiver(t)
	id := c.submit(t, map[string]any{"worker": worker, "input": map[string]any{"text": "Call back."}, "webhook": map[string]any{"url": url}})
	c.wait(t, id, "succeeded")

	var delivery received
	select {
	case delivery = <-deliveries:
	case <-time.After(time.Minute):
		require.FailNow(t, "no delivery", "%v", c.do(t, http.MethodGet, "/v1/jobs/"+id, nil).JSON(t)["webhook"])
	}
	require.Contains(t, string(delivery.body), id)

	var keys []struct{ Tenant, WebhookSecret string }
	d.cli(t, &keys, "keys", "list", "--webhook-secrets")
	secret := ""
	for _, key := range keys {
		if key.Tenant == tenant {
			secret = key.WebhookSecret
		}
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	require.NoError(t, verifier.Verify(delivery.body, delivery.header), "the signature")
	require.Eventually(t, func() bool {
		job := c.do(t, http.MethodGet, "/v1/jobs/"+id, nil).JSON(t)
		return job["webhook"].(map[string]any)["state"] == "delivered"
	}, 20*time.Second, 200*time.Millisecond)
}
