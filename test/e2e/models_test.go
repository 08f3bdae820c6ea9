package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
	"tandem/test/openaiclient"
)

// OpenAI's client asks the deployed function, which asks a provider: local mode,
// whose API is OpenAI's. Requests that may be jobs are done by the worker.
func TestOpenAIsClientWorksAgainstADeployment(t *testing.T) {
	need(t)
	checkout.Need(t, checkout.OpenAIClient)
	url, key := provider(t)
	d := deploy(t, "providers.openai.baseUrl="+url+"/v1", "api.tenantRate={rate: 100, burst: 200}",
		"models.assistant.routes=[{provider: openai, model: assistant}]",
		"models.analyst.routes=[{provider: openai, model: analyst}]",
		"models.embedder.routes=[{provider: openai, model: embedder}]")
	_, err := secretsmanager.NewFromConfig(d.Emulator.Config()).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("tandem/openai"), SecretString: &key})
	require.NoError(t, err)
	d.startTask(t)
	caller := d.caller(t, "acme")

	answer := caller.do(t, http.MethodPost, "/v1/chat/completions", map[string]any{
		"model": "analyst", "messages": []any{map[string]string{"role": "user", "content": "Hello there"}}})
	require.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
	require.Equal(t, "openai", answer.Header.Get("X-Tandem-Route"))

	// Nobody is behind the load balancer of a service that sleeps.
	require.Zero(t, wanted(t, d.Emulator.Config()))
	cold := caller.do(t, http.MethodPost, "/v1/chat/completions", map[string]any{
		"model": "llama", "messages": []any{map[string]string{"role": "user", "content": "Hello there"}}})
	require.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, cold.Status, string(cold.Body))
	require.EventuallyWithT(t, func(c *assert.CollectT) { assert.Equal(c, 1, wanted(c, d.Emulator.Config())) }, 30*time.Second, time.Second, "it was woken")

	openaiclient.Run(t, openaiclient.Target{URL: caller.api, Key: caller.key, Model: "analyst", Embedder: "embedder",
		Overflow: "runs", Emulated: true})
}

// provider starts local mode and returns where it is, and a key.
func provider(t *testing.T) (url, key string) {
	t.Helper()
	d := &deployment{folder: t.TempDir()}
	var err error
	d.root, err = checkout.Root()
	require.NoError(t, err)
	return openaiclient.Local(t, d.root, d.build(t, "./cmd/tandem", "tandem"))
}

// wanted is how many tasks the service of the models tier is to have.
func wanted(t require.TestingT, config aws.Config) int {
	client, tasks := ecs.NewFromConfig(config), 0
	clusters, err := client.ListClusters(context.Background(), &ecs.ListClustersInput{})
	require.NoError(t, err)
	for _, cluster := range clusters.ClusterArns {
		services, err := client.ListServices(context.Background(), &ecs.ListServicesInput{Cluster: &cluster})
		require.NoError(t, err)
		for _, arn := range services.ServiceArns {
			if !strings.Contains(strings.ToLower(arn), "llama") {
				continue
			}
			found, err := client.DescribeServices(context.Background(), &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{arn}})
			require.NoError(t, err)
			for _, service := range found.Services {
				tasks += int(service.DesiredCount)
			}
		}
	}
	return tasks
}
