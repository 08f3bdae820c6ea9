package doctor

import (
	"context"
	"fmt"
	"strings"

	"tandem/config"
)

// Service-linked roles that start GPU instances
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html,
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html, 2026-11-24).
const (
	spotRole        = "AWSServiceRoleForEC2Spot"
	autoScalingRole = "AWSServiceRoleForAutoScaling"
)

// Roles looks for IAM roles.
type Roles interface {
	// Role returns the ARN of a role, empty if there is none.
	Role(ctx context.Context, name string) (string, error)
}

// usesSpot tells whether any group may hold spot instances.
func usesSpot(c *config.Config) bool {
	for _, group := range usedGroups(c) {
		if group.Spot.Maximum != nil && *group.Spot.Maximum > 0 {
			return true
		}
	}
	return false
}

// spotRoleCheck looks for the role without which no API can request spot
// instances; only EC2's console makes it by itself.
type spotRoleCheck struct {
	account Roles
	config  *config.Config
}

// Name implements Check.
func (spotRoleCheck) Name() string { return "spot-role" }

// What implements Check.
func (spotRoleCheck) What() string { return "EC2 may start spot instances" }

// Run implements Check.
func (c spotRoleCheck) Run(ctx context.Context) ([]Finding, error) {
	if !usesSpot(c.config) {
		return one(Skipped, "", "no capacity group has spot instances")
	}
	arn, err := c.account.Role(ctx, spotRole)
	if err != nil {
		return nil, err
	}
	if arn == "" {
		return one(Fail, "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com",
			"the service-linked role %s does not exist: every spot request will fail", spotRole)
	}
	return one(OK, "", "the service-linked role %s exists", spotRole)
}

// VolumeKeys tells which key encrypts volumes, and who may use it.
type VolumeKeys interface {
	Roles
	// VolumeKey returns the default key of volumes in this region.
	VolumeKey(ctx context.Context) (VolumeKey, error)
	// MayUse tells whether the key's policy names a role or a grant is held by it.
	MayUse(ctx context.Context, keyARN, roleARN string) (bool, error)
}

// VolumeKey is the key that volumes are encrypted with by default.
type VolumeKey struct {
	ARN string
	// Customer is whether it is a key of the account's own, rather than AWS's.
	Customer bool
	// Enabled is whether it can be used at all.
	Enabled bool
}

// volumeKeyCheck makes sure that instances can open their encrypted volumes:
// without it they end seconds after they have started, with InvalidKMSKey.
type volumeKeyCheck struct {
	account VolumeKeys
	config  *config.Config
}

// Name implements Check.
func (volumeKeyCheck) Name() string { return "volume-key" }

// What implements Check.
func (volumeKeyCheck) What() string { return "GPU instances can open their encrypted volumes" }

// Run implements Check.
func (c volumeKeyCheck) Run(ctx context.Context) ([]Finding, error) {
	if len(usedGroups(c.config)) == 0 {
		return one(Skipped, "", "no capacity group is used")
	}
	key, err := c.account.VolumeKey(ctx)
	switch {
	case err != nil:
		return nil, err
	case !key.Customer:
		return one(OK, "", "volumes are encrypted with AWS's own key")
	case !key.Enabled:
		return one(Fail, "enable the key, or choose another: aws ec2 modify-ebs-default-kms-key-id", "%s, the default key of volumes, is disabled", key.ARN)
	}
	roles := []string{autoScalingRole}
	if usesSpot(c.config) {
		roles = append(roles, spotRole)
	}
	var findings []Finding
	for _, name := range roles {
		found, err := c.lacks(ctx, key, name)
		if err != nil {
			return findings, err
		}
		findings = append(findings, found...)
	}
	return orAllWell(findings, "%s may use %s, the default key of volumes", strings.Join(roles, " and "), key.ARN)
}

// volumeOperations are what a grant must allow
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html, 2026-11-24).
const volumeOperations = "Encrypt Decrypt ReEncryptFrom ReEncryptTo GenerateDataKey GenerateDataKeyWithoutPlaintext DescribeKey CreateGrant"

func (c volumeKeyCheck) lacks(ctx context.Context, key VolumeKey, name string) ([]Finding, error) {
	arn, err := c.account.Role(ctx, name)
	if err != nil || arn == "" {
		return nil, err // a role that does not exist yet is another check's matter
	}
	may, err := c.account.MayUse(ctx, key.ARN, arn)
	if err != nil || may {
		return nil, err
	}
	next := fmt.Sprintf("aws kms create-grant --key-id %s --grantee-principal %s --operations %s", key.ARN, arn, volumeOperations)
	return one(Fail, next, "%s may not use %s, the default key of volumes: instances will end as soon as they have started", name, key.ARN)
}
