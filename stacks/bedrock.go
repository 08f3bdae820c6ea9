package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"tandem/runtime/settings"
)

// bedrockModels are the ARNs of the models that routes lead to on Bedrock. A model
// with a geography before its name, such as us.anthropic.claude-sonnet-4-5, is an
// inference profile: asking it needs the profile, and the model in every region
// that it may choose
// (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html, 2026-11-24).
func bedrockModels(stack awscdk.Stack, routes settings.Routes) []*string {
	arns := map[string]bool{}
	for _, model := range routes {
		for _, route := range model.Routes {
			if route.Type == "bedrock" {
				for _, arn := range bedrockARNs(*stack.Partition(), *stack.Account(), route.Region, route.Model) {
					arns[arn] = true
				}
			}
		}
	}
	var list []*string
	for _, arn := range sorted(arns) {
		list = append(list, jsii.String(arn))
	}
	return list
}

func bedrockARNs(partition, account, region, model string) []string {
	if strings.HasPrefix(model, "arn:") {
		return []string{model}
	}
	prefix := "arn:" + partition + ":bedrock:"
	geography, name, _ := strings.Cut(model, ".")
	switch geography {
	case "us", "us-gov", "eu", "apac", "au", "ca", "jp", "global":
		return []string{
			prefix + region + ":" + account + ":inference-profile/" + model,
			prefix + "*::foundation-model/" + name,
		}
	default:
		return []string{prefix + region + "::foundation-model/" + model}
	}
}
