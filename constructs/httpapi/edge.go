package httpapi

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53targets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"
)

func (h *HTTPAPI) addDomain(domain *Domain) {
	name := h.api.AddDomainName(jsii.String("Domain"), &awsapigateway.DomainNameOptions{
		DomainName:     &domain.Name,
		Certificate:    awscertificatemanager.Certificate_FromCertificateArn(h.construct, jsii.String("Certificate"), &domain.CertificateARN),
		EndpointType:   awsapigateway.EndpointType_REGIONAL,
		SecurityPolicy: awsapigateway.SecurityPolicy_TLS_1_2,
	})
	h.url = "https://" + domain.Name + "/"
	if domain.HostedZoneID == "" {
		return
	}
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(h.construct, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: &domain.HostedZoneID,
		ZoneName:     &domain.Name,
	})
	awsroute53.NewARecord(h.construct, jsii.String("Alias"), &awsroute53.ARecordProps{
		Zone:       zone,
		RecordName: jsii.String(domain.Name + "."),
		Target:     awsroute53.RecordTarget_FromAlias(awsroute53targets.NewApiGatewayDomain(name)),
	})
}

// ratePerAddress is how many requests one address may make in five minutes
// before the firewall refuses it: ten a second, far above one honest client.
const ratePerAddress = 3000

func (h *HTTPAPI) addWAF() {
	acl := awswafv2.NewCfnWebACL(h.construct, jsii.String("Firewall"), &awswafv2.CfnWebACLProps{
		Scope:            jsii.String("REGIONAL"),
		DefaultAction:    &awswafv2.CfnWebACL_DefaultActionProperty{Allow: &awswafv2.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: visible("firewall"),
		Rules: &[]any{
			&awswafv2.CfnWebACL_RuleProperty{
				Name: jsii.String("rate-by-address"), Priority: jsii.Number(0), VisibilityConfig: visible("rate-by-address"),
				Action: &awswafv2.CfnWebACL_RuleActionProperty{Block: &awswafv2.CfnWebACL_BlockActionProperty{}},
				Statement: &awswafv2.CfnWebACL_StatementProperty{RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{
					Limit: jsii.Number(ratePerAddress), AggregateKeyType: jsii.String("IP"),
				}},
			},
			managed(1, "AWSManagedRulesAmazonIpReputationList"),
			managed(2, "AWSManagedRulesKnownBadInputsRuleSet"),
			// Prompts and documents are often longer than 8 KB and quote code and
			// queries, so the rules that judge bodies only count.
			managed(3, "AWSManagedRulesCommonRuleSet", "SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY",
				"GenericRFI_BODY", "EC2MetaDataSSRF_BODY"),
		},
	})
	awswafv2.NewCfnWebACLAssociation(h.construct, jsii.String("FirewallOnStage"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: h.api.DeploymentStage().StageArn(),
		WebAclArn:   acl.AttrArn(),
	})
}

func managed(priority float64, group string, counted ...string) *awswafv2.CfnWebACL_RuleProperty {
	var overrides []any
	for _, rule := range counted {
		overrides = append(overrides, &awswafv2.CfnWebACL_RuleActionOverrideProperty{
			Name:        jsii.String(rule),
			ActionToUse: &awswafv2.CfnWebACL_RuleActionProperty{Count: &awswafv2.CfnWebACL_CountActionProperty{}},
		})
	}
	statement := &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: &group}
	if overrides != nil {
		statement.RuleActionOverrides = &overrides
	}
	return &awswafv2.CfnWebACL_RuleProperty{
		Name: &group, Priority: &priority, VisibilityConfig: visible(group),
		OverrideAction: &awswafv2.CfnWebACL_OverrideActionProperty{None: &map[string]any{}},
		Statement:      &awswafv2.CfnWebACL_StatementProperty{ManagedRuleGroupStatement: statement},
	}
}

func visible(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		MetricName: &name, CloudWatchMetricsEnabled: jsii.Bool(true), SampledRequestsEnabled: jsii.Bool(false),
	}
}
