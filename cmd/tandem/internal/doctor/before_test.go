package doctor

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBeforeADeployWhatIsMissingIsNamedWithWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		check string
		set   []string
		do    func(*account)
		want  string
	}{
		"the account is the configured one": {check: "account", set: []string{"aws.account=111122223333"},
			want: "ok: arn:aws:iam::111122223333:user/anna in account 111122223333, region us-east-1"},
		"another account is refused": {check: "account", set: []string{"aws.account=999999999999"},
			want: "fail: arn:aws:iam::111122223333:user/anna is in account 111122223333, and aws.account is 999999999999 -> use credentials of that account (AWS_PROFILE), or change aws.account"},
		"the CDK is bootstrapped": {check: "bootstrap", want: "ok: bootstrapped, version 30"},
		"the CDK is not bootstrapped": {check: "bootstrap", do: func(a *account) { a.stacks = nil },
			want: "warn: there is no stack CDKToolkit -> run 'npx cdk bootstrap', unless yours has another name"},

		// dev: single 1 x 4, quad 1 x 48, serving 1 x 8 on demand.
		"on-demand quotas suffice": {check: "gpu-quota-on-demand",
			want: "ok: 'Running On-Demand G and VT instances' is 1000; the groups may grow to 60 vCPUs"},
		"a new account has no GPU quota": {check: "gpu-quota-on-demand", do: func(a *account) { a.quotas = nil },
			want: "fail: 'Running On-Demand G and VT instances' is 0, and one instance takes 4 vCPUs at least -> ask for 60: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-DB2E81BA --desired-value 60"},
		"a quota lets the fleet grow in part": {check: "gpu-quota-spot", do: func(a *account) { a.quotas["L-3819A6DF"] = 16 },
			want: "warn: 'All G and VT Spot Instance Requests' is 16; the groups may grow to 64 vCPUs -> ask for 64: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-3819A6DF --desired-value 64"},
		"P instances count by a quota of their own, P5 on spot by another": {check: "gpu-quota-spot",
			set: []string{"capacity.groups.quad.instanceTypes=[p5.48xlarge, p4d.24xlarge]", "workers.video-agent.capacity=quad"},
			do:  func(a *account) { a.quotas["L-C4BD4855"] = 192 },
			want: "ok: 'All G and VT Spot Instance Requests' is 1000; the groups may grow to 16 vCPUs\n" +
				"ok: 'All P5 Spot Instance Requests' is 192; the groups may grow to 192 vCPUs\n" +
				"fail: 'All P4, P3 and P2 Spot Instance Requests' is 0, and one instance takes 96 vCPUs at least -> ask for 96: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-7212CCBC --desired-value 96"},
		"a fleet without spot needs no spot quota": {check: "gpu-quota-spot", do: func(a *account) { a.quotas = nil },
			set: []string{"capacity.groups.single.spot.maximum=0", "capacity.groups.quad.spot.maximum=0", "capacity.groups.serving.spot.maximum=0", "workers.document-analyser.scale.maximum=1"}, want: "skipped: no capacity group has spot instances"},

		"enough functions may run": {check: "lambda-concurrency", want: "ok: 1000 executions at once"},
		"a new account runs 10 functions": {check: "lambda-concurrency", do: func(a *account) { a.concurrency = 10 },
			want: "fail: 10 executions at once, as new accounts have it: a few watched jobs use that up -> ask for 1000: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000"},
		"fewer functions may run than assumed": {check: "lambda-concurrency", do: func(a *account) { a.concurrency = 500 },
			want: "warn: 500 executions at once, and the configuration assumes 1000 -> ask for 1000: aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000, or set aws.quotas.lambdaConcurrency to what there is"},

		"the role for spot exists": {check: "spot-role", want: "ok: the service-linked role AWSServiceRoleForEC2Spot exists"},
		"the role for spot is missing": {check: "spot-role", do: func(a *account) { a.roles = nil },
			want: "fail: the service-linked role AWSServiceRoleForEC2Spot does not exist: every spot request will fail -> aws iam create-service-linked-role --aws-service-name spot.amazonaws.com"},
		"without spot its role is not needed": {check: "spot-role", do: func(a *account) { a.roles = nil },
			set: []string{"capacity.groups.single.spot.maximum=0", "capacity.groups.quad.spot.maximum=0", "capacity.groups.serving.spot.maximum=0", "workers.document-analyser.scale.maximum=1"}, want: "skipped: no capacity group has spot instances"},

		"AWS's own key needs no grant": {check: "volume-key", want: "ok: volumes are encrypted with AWS's own key"},
		"a customer key that nobody may use": {check: "volume-key", do: func(a *account) {
			a.key = VolumeKey{ARN: "arn:key", Customer: true, Enabled: true}
			a.mayUse["arn:asg"] = true
		}, want: "fail: AWSServiceRoleForEC2Spot may not use arn:key, the default key of volumes: instances will end as soon as they have started -> aws kms create-grant --key-id arn:key --grantee-principal arn:spot --operations Encrypt Decrypt ReEncryptFrom ReEncryptTo GenerateDataKey GenerateDataKeyWithoutPlaintext DescribeKey CreateGrant"},
		"a customer key that both roles may use": {check: "volume-key", do: func(a *account) {
			a.key = VolumeKey{ARN: "arn:key", Customer: true, Enabled: true}
			a.mayUse["arn:asg"], a.mayUse["arn:spot"] = true, true
		}, want: "ok: AWSServiceRoleForAutoScaling and AWSServiceRoleForEC2Spot may use arn:key, the default key of volumes"},
		"a customer key that is disabled": {check: "volume-key", do: func(a *account) { a.key = VolumeKey{ARN: "arn:key", Customer: true} },
			want: "fail: arn:key, the default key of volumes, is disabled -> enable the key, or choose another: aws ec2 modify-ebs-default-kms-key-id"},

		"the zones have the types": {check: "zones", want: "ok: each type of each group is offered in us-east-1a, us-east-1b"},
		"a group has no zone": {check: "zones", do: func(a *account) { delete(a.offered, "g6.2xlarge"); a.offered["g5.2xlarge"] = []string{"us-east-1f"} },
			want: "fail: group serving: none of its types is offered in us-east-1a, us-east-1b -> choose other aws.zones, or other capacity.groups.serving.instanceTypes"},
		"a type has no zone": {check: "zones", do: func(a *account) { delete(a.offered, "g6.2xlarge") },
			want: "warn: group serving: g6.2xlarge is offered in none of us-east-1a, us-east-1b -> choose zones that have it, or take it out of capacity.groups.serving.instanceTypes"},
		"a zone has nothing": {check: "zones", do: func(a *account) {
			a.offered["g6.2xlarge"], a.offered["g5.2xlarge"] = []string{"us-east-1a"}, []string{"us-east-1a"}
		}, want: "warn: group serving: nothing of it is offered in us-east-1b, so spot has fewer places to come from -> add a type that is offered there, or choose another zone"},

		"the secrets exist": {check: "secrets", want: "ok: all 3 exist"},
		"a secret is missing": {check: "secrets", do: func(a *account) { delete(a.secrets, "tandem/openai") }, set: []string{"workers.document-analyser.secrets={KEY: tandem/openai}"},
			want: "fail: the secret tandem/openai does not exist or is empty, and is needed by providers.openai and workers.document-analyser -> aws secretsmanager create-secret --name tandem/openai --secret-string ..."},
	} {
		t.Run(name, func(t *testing.T) {
			a := healthy(t)
			if test.do != nil {
				test.do(a)
			}
			require.Equal(t, test.want, run(t, Before(a, load(t, "dev", test.set...)), test.check))
		})
	}
}

func TestAnEnvironmentWithoutGPUsNeedsNothingOfThem(t *testing.T) {
	a := healthy(t)
	a.quotas, a.roles, a.offered = nil, nil, nil
	loaded := load(t, "dev", "workers=null", "services=null", "models.llama=null", "models.analyst.overflow=null",
		"documents.contracts.overflow=null")
	for _, check := range []string{"gpu-quota-on-demand", "gpu-quota-spot", "spot-role", "volume-key", "zones"} {
		require.Contains(t, run(t, Before(a, loaded), check), "skipped: ", check)
	}
}
