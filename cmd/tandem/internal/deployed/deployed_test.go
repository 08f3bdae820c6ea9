package deployed_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/deployed"
	"tandem/cmd/tandem/internal/exit"
)

type account []deployed.Stack

func (a account) Stacks(_ context.Context, prefix string) (found []deployed.Stack, err error) {
	for _, stack := range a {
		if strings.HasPrefix(stack.Name, prefix) {
			found = append(found, stack)
		}
	}
	return found, nil
}

func outputs(pairs ...string) map[string]string {
	all := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

func TestADeploymentIsFoundByTheOutputsOfItsStacks(t *testing.T) {
	stacks := account{
		{Name: "shop-dev-workers", Outputs: outputs("Queues", `{"base":"https://sqs/1/","workers":{"analyser":{"normal":"q"}}}`)},
		{Name: "shop-dev-state", Outputs: outputs("StateTableName", "table", "DataBucketName", "bucket", "WebhookSecretArn", "arn", "ExportsOutputRefTable", "table")},
		{Name: "shop-dev-api", Outputs: outputs("Url", "https://api/v1/")},
		{Name: "shop-dev-compute", Outputs: outputs("ClusterName", "cluster")},
		{Name: "shop-dev-2-state", Outputs: outputs("StateTableName", "another environment's")},
		{Name: "shop-prod-state", Outputs: outputs("StateTableName", "prod's")},
	}
	d, err := deployed.Find(t.Context(), stacks, "shop", "dev")
	require.NoError(t, err)
	require.Equal(t, []string{"table", "bucket", "arn", "https://api/v1/", "cluster"}, []string{d.Table, d.Bucket, d.WebhookSecret, d.URL, d.Cluster})
	url, found := d.Queues.URL("analyser", "normal")
	require.True(t, found)
	require.Equal(t, "https://sqs/1/q", url)
	require.Len(t, d.Stacks, 4)
	require.NoError(t, d.Need(deployed.NeedAPI, deployed.NeedState, deployed.NeedQueue))
	stack, found := d.Stack("workers")
	require.True(t, found)
	require.Equal(t, "shop-dev-workers", stack.Name)
	_, found = d.Stack("services")
	require.False(t, found)
}

func TestWhatIsMissingIsSaidWithWhatToDo(t *testing.T) {
	none, err := deployed.Find(t.Context(), account{}, "shop", "dev")
	require.NoError(t, err)
	require.ErrorContains(t, none.Need(), "shop dev is not deployed")
	require.Equal(t, exit.NotFound, exit.Code(none.Need()))

	half, err := deployed.Find(t.Context(), account{{Name: "shop-dev-api", Outputs: outputs("Url", "u")}}, "shop", "dev")
	require.NoError(t, err)
	require.NoError(t, half.Need(deployed.NeedAPI))
	require.ErrorContains(t, half.Need(deployed.NeedAPI, deployed.NeedState), "no state table")
	require.ErrorContains(t, half.Need(deployed.NeedQueue), "no queues")

	_, err = deployed.Find(t.Context(), account{{Name: "shop-dev-workers", Outputs: outputs("Queues", "{")}}, "shop", "dev")
	require.ErrorContains(t, err, "Queues")
}

type broken struct{ err error }

func (b broken) Stacks(context.Context, string) ([]deployed.Stack, error) { return nil, b.err }

func TestAnAccountThatDoesNotAnswerIsAnError(t *testing.T) {
	denied := errors.New("access denied")
	_, err := deployed.Find(t.Context(), broken{denied}, "shop", "dev")
	require.ErrorIs(t, err, denied)
	require.ErrorContains(t, err, "shop-dev")
}
