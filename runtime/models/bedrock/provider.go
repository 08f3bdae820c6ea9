// Package bedrock speaks Amazon Bedrock's Converse API, and Titan's own for
// embeddings. What both APIs have is translated without loss; what Bedrock lacks
// is a 400 that names it. Callers are known by IAM, not by a key.
package bedrock

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/google/uuid"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
	"tandem/runtime/models/upstream"
	"tandem/runtime/settings"
)

// Provider implements models.Provider.
type Provider struct {
	client *bedrockruntime.Client
	now    func() time.Time
}

var _ models.Provider = (*Provider)(nil)

// Connect returns a models.Connect for the type bedrock. The config gives the
// credentials, and the region where the route names none.
func Connect(config aws.Config, client *http.Client) models.Connect {
	return func(route settings.Route) (models.Provider, error) {
		if route.Secret != "" {
			return nil, errors.New("bedrock knows its callers by IAM; remove the secret")
		}
		return &Provider{now: time.Now, client: bedrockruntime.NewFromConfig(config, func(o *bedrockruntime.Options) {
			o.HTTPClient = shielded(client)
			o.Retryer = aws.NopRetryer{} // the router does
			if route.Region != "" {
				o.Region = route.Region
			}
			if route.BaseURL != "" {
				o.BaseEndpoint = &route.BaseURL
			}
		})}, nil
	}
}

// Chat implements models.Provider.
func (p *Provider) Chat(ctx context.Context, request models.Request) (*models.Reply, error) {
	input, _, err := translate(request)
	if err != nil {
		return nil, err
	}
	out, err := p.client.Converse(ctx, input)
	if err != nil {
		return nil, understood("converse", err)
	}
	message, ok := out.Output.(*types.ConverseOutputMemberMessage)
	if !ok || out.StopReason == "" {
		return nil, upstream.Malformed(errors.New("it holds no message"))
	}
	completion := chat.Completion{
		ID: newID(), Model: request.Name, Created: p.now(), Finish: finish(out.StopReason), Usage: usage(out.Usage),
	}
	if err := fill(&completion.Message, message.Value.Content); err != nil {
		return nil, err
	}
	if completion.Finish == chat.FinishFilter {
		completion.Message.Refusal = aws.String(refusal)
	}
	return completion.Reply()
}

func newID() string { return "chatcmpl-" + uuid.NewString() }

// refusal is what a client is told: Bedrock gives no reason.
const refusal = "The model refused to answer."

func fill(answer *chat.Answer, blocks []types.ContentBlock) error {
	var text strings.Builder
	for _, block := range blocks {
		switch block := block.(type) {
		case *types.ContentBlockMemberText:
			text.WriteString(block.Value)
		case *types.ContentBlockMemberToolUse:
			arguments := []byte("{}")
			if block.Value.Input != nil {
				var err error
				if arguments, err = block.Value.Input.MarshalSmithyDocument(); err != nil {
					return upstream.Malformed(fmt.Errorf("the arguments of a tool: %w", err))
				}
			}
			answer.ToolCalls = append(answer.ToolCalls, chat.ToolCall{
				ID: aws.ToString(block.Value.ToolUseId), Name: aws.ToString(block.Value.Name), Arguments: string(arguments)})
		}
	}
	if said := text.String(); said != "" || len(answer.ToolCalls) == 0 {
		answer.Content = &said
	}
	return nil
}

// finish translates stop reasons
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, 2026-11-24).
func finish(reason types.StopReason) chat.Finish {
	switch reason {
	case types.StopReasonMaxTokens, types.StopReasonModelContextWindowExceeded:
		return chat.FinishLength
	case types.StopReasonToolUse:
		return chat.FinishToolCalls
	case types.StopReasonGuardrailIntervened, types.StopReasonContentFiltered:
		return chat.FinishFilter
	default:
		return chat.FinishStop
	}
}

// usage counts as OpenAI does: cached tokens are part of the input.
func usage(from *types.TokenUsage) models.Usage {
	if from == nil {
		return models.Usage{}
	}
	read, written := aws.ToInt32(from.CacheReadInputTokens), aws.ToInt32(from.CacheWriteInputTokens)
	return models.Usage{
		Input:       int(aws.ToInt32(from.InputTokens) + read + written),
		CachedInput: int(read), CacheWrite: int(written), Output: int(aws.ToInt32(from.OutputTokens)),
	}
}
