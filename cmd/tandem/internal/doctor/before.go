package doctor

import (
	"tandem/cmd/tandem/internal/deployed"
	"tandem/config"
)

// AccountBefore is what an account is asked before a deploy.
type AccountBefore interface {
	Identity
	deployed.Stacks
	Quotas
	Roles
	VolumeKeys
	Offerings
	Secrets
}

// Before are the checks of what a deploy needs.
func Before(account AccountBefore, loaded *config.Loaded) []Check {
	c := loaded.Config
	return []Check{
		identityCheck{account, c.AWS},
		bootstrapCheck{account},
		vcpuCheck{account, c, onDemand},
		vcpuCheck{account, c, spot},
		lambdaCheck{account, c.AWS.Quotas.LambdaConcurrency},
		spotRoleCheck{account, c},
		volumeKeyCheck{account, c},
		zoneCheck{account, c},
		secretCheck{account, c},
	}
}
