package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"
)

// Refused returns which of the CloudFormation resource types the emulator does
// not know. It is the emulator that says so, by the error that it gives to a
// template with one resource of each.
func (e *Emulator) Refused(ctx context.Context, types []string) ([]string, error) {
	resources := map[string]any{}
	for i, name := range types {
		resources["Resource"+strconv.Itoa(i)] = map[string]string{"Type": name}
	}
	template, err := json.Marshal(map[string]any{"Resources": resources})
	if err != nil {
		return nil, fmt.Errorf("asking for refused resource types: %w", err)
	}
	client := cloudformation.NewFromConfig(e.Config())
	_, err = client.ValidateTemplate(ctx, &cloudformation.ValidateTemplateInput{TemplateBody: aws.String(string(template))})
	if err == nil {
		return nil, nil
	}
	var problem smithy.APIError
	if !errors.As(err, &problem) {
		return nil, fmt.Errorf("asking for refused resource types: %w", err)
	}
	_, names, found := strings.Cut(problem.ErrorMessage(), "Unrecognized resource types: [")
	if !found {
		return nil, fmt.Errorf("asking for refused resource types: %w", err)
	}
	return strings.Split(strings.TrimSuffix(names, "]"), ", "), nil
}
