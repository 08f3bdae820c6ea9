package awsaccount

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"tandem/cmd/tandem/internal/doctor"
	"tandem/cmd/tandem/internal/doctor/awsaccount/query"
)

// ec2 is called without its package; see package query.
var ec2 = query.Service{Name: "ec2", Version: "2016-11-15"}

// Offerings implements doctor.Offerings.
func (a *Account) Offerings(ctx context.Context, types []string) (map[string][]string, error) {
	parameters := url.Values{"LocationType": {"availability-zone"}, "Filter.1.Name": {"instance-type"}}
	for i, kind := range types {
		parameters.Set("Filter.1.Value."+strconv.Itoa(i+1), kind)
	}
	offered := map[string][]string{}
	for {
		var page struct {
			Offerings []struct {
				Type     string `xml:"instanceType"`
				Location string `xml:"location"`
			} `xml:"instanceTypeOfferingSet>item"`
			Next string `xml:"nextToken"`
		}
		if err := query.Call(ctx, a.config, ec2, "DescribeInstanceTypeOfferings", parameters, &page); err != nil {
			return nil, err
		}
		for _, offering := range page.Offerings {
			offered[offering.Type] = append(offered[offering.Type], offering.Location)
		}
		if page.Next == "" {
			return offered, nil
		}
		parameters.Set("NextToken", page.Next)
	}
}

// VolumeKey implements doctor.VolumeKeys.
func (a *Account) VolumeKey(ctx context.Context) (doctor.VolumeKey, error) {
	var byDefault struct {
		ID string `xml:"kmsKeyId"`
	}
	if err := query.Call(ctx, a.config, ec2, "GetEbsDefaultKmsKeyId", nil, &byDefault); err != nil {
		return doctor.VolumeKey{}, err
	}
	id := byDefault.ID
	if id == "" || strings.HasSuffix(id, "alias/aws/ebs") {
		return doctor.VolumeKey{ARN: id, Enabled: true}, nil
	}
	out, err := kms.NewFromConfig(a.config).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	if err != nil {
		return doctor.VolumeKey{}, err
	}
	key := out.KeyMetadata
	return doctor.VolumeKey{ARN: aws.ToString(key.Arn), Customer: key.KeyManager == kmstypes.KeyManagerTypeCustomer, Enabled: key.Enabled}, nil
}

// MayUse implements doctor.VolumeKeys. A policy that names everybody, under
// whatever conditions, counts as one that names the role.
func (a *Account) MayUse(ctx context.Context, keyARN, roleARN string) (bool, error) {
	client := kms.NewFromConfig(a.config)
	grants, err := client.ListGrants(ctx, &kms.ListGrantsInput{KeyId: &keyARN, GranteePrincipal: &roleARN})
	if err != nil {
		return false, err
	}
	if len(grants.Grants) > 0 {
		return true, nil
	}
	out, err := client.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &keyARN, PolicyName: aws.String("default")})
	if err != nil {
		return false, err
	}
	policy := strings.ReplaceAll(aws.ToString(out.Policy), " ", "")
	return strings.Contains(policy, roleARN) || strings.Contains(policy, `"AWS":"*"`), nil
}

// Activities implements doctor.Groups.
func (a *Account) Activities(ctx context.Context, group string) ([]doctor.Activity, error) {
	out, err := autoscaling.NewFromConfig(a.config).DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{
		AutoScalingGroupName: &group, MaxRecords: aws.Int32(20),
	})
	if err != nil {
		return nil, err
	}
	var found []doctor.Activity
	for _, activity := range out.Activities {
		found = append(found, doctor.Activity{
			At: aws.ToTime(activity.StartTime), Message: aws.ToString(activity.StatusMessage),
			Failed: activity.StatusCode == autoscalingtypes.ScalingActivityStatusCodeFailed,
		})
	}
	return found, nil
}
