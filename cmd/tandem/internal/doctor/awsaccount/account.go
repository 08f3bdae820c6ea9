// Package awsaccount asks AWS what the doctor's checks want to know.
package awsaccount

import (
	"context"
	"errors"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"tandem/cmd/tandem/internal/cloud"
	"tandem/cmd/tandem/internal/doctor"
	"tandem/cmd/tandem/internal/doctor/awsaccount/query"
	"tandem/runtime/jobs"
)

// Account answers the checks from an AWS account.
type Account struct {
	*cloud.Cloud
	config aws.Config
}

var (
	_ doctor.AccountBefore = (*Account)(nil)
	_ doctor.AccountAfter  = (*Account)(nil)
)

// New asks the account that a cloud is.
func New(c *cloud.Cloud) *Account { return &Account{c, c.Config()} }

// Identity implements doctor.Identity.
func (a *Account) Identity(ctx context.Context) (account, arn string, err error) {
	out, err := sts.NewFromConfig(a.config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", err
	}
	return aws.ToString(out.Account), aws.ToString(out.Arn), nil
}

// Quota implements doctor.Quotas. A quota that was never changed has its default.
func (a *Account) Quota(ctx context.Context, service, code string) (float64, error) {
	client := servicequotas.NewFromConfig(a.config)
	out, err := client.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &code})
	var unchanged *quotatypes.NoSuchResourceException
	if err == nil {
		return aws.ToFloat64(out.Quota.Value), nil
	}
	if !errors.As(err, &unchanged) {
		return 0, err
	}
	byDefault, err := client.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &service, QuotaCode: &code})
	if err != nil {
		return 0, err
	}
	return aws.ToFloat64(byDefault.Quota.Value), nil
}

// LambdaConcurrency implements doctor.Quotas.
func (a *Account) LambdaConcurrency(ctx context.Context) (int, error) {
	out, err := lambda.NewFromConfig(a.config).GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return 0, err
	}
	if out.AccountLimit == nil {
		return 0, errors.New("the account settings of Lambda name no limit")
	}
	return int(out.AccountLimit.ConcurrentExecutions), nil
}

// Role implements doctor.Roles.
func (a *Account) Role(ctx context.Context, name string) (string, error) {
	iam := query.Service{Name: "iam", Version: "2010-05-08", Global: true}
	var answer struct {
		Arn string `xml:"GetRoleResult>Role>Arn"`
	}
	err := query.Call(ctx, a.config, iam, "GetRole", url.Values{"RoleName": {name}}, &answer)
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == "NoSuchEntity" {
		return "", nil
	}
	return answer.Arn, err
}

// SecretExists implements doctor.Secrets.
func (a *Account) SecretExists(ctx context.Context, name string) (bool, error) {
	out, err := secretsmanager.NewFromConfig(a.config).DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
	var absent *secrettypes.ResourceNotFoundException
	if errors.As(err, &absent) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return out.DeletedDate == nil && len(out.VersionIdsToStages) > 0, nil
}

// Resources implements doctor.Resources.
func (a *Account) Resources(ctx context.Context, stack string) ([]doctor.Resource, error) {
	var found []doctor.Resource
	pages := cloudformation.NewListStackResourcesPaginator(cloudformation.NewFromConfig(a.config), &cloudformation.ListStackResourcesInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, one := range page.StackResourceSummaries {
			found = append(found, doctor.Resource{LogicalID: aws.ToString(one.LogicalResourceId),
				Type: aws.ToString(one.ResourceType), ID: aws.ToString(one.PhysicalResourceId)})
		}
	}
	return found, nil
}

// Finder implements doctor.AccountAfter.
func (a *Account) Finder(table string) jobs.Finder { return a.Store(table) }
