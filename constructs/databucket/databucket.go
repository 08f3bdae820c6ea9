// Package databucket is the bucket for inputs, results, checkpoints and
// uploaded documents: encrypted, TLS only, private, each kind kept as long as
// it is needed.
package databucket

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/accepted"
)

// Props of a [DataBucket].
type Props struct {
	// Keep says after how many days the objects under a prefix are deleted.
	//
	// Default: - nothing is deleted.
	Keep map[string]int
	// RemovalPolicy when the stack is deleted. With DESTROY a custom resource
	// deletes the objects first, as CloudFormation never deletes a bucket that
	// still holds some.
	//
	// Default: RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
	// Key encrypts the objects.
	//
	// Default: - a key that S3 manages.
	Key awskms.IKey
	// AccessLogs receives the server access logs.
	//
	// Default: - none are written.
	AccessLogs awss3.IBucket
}

// DataBucket holds what is too large for the state table.
type DataBucket struct {
	construct constructs.Construct
	bucket    awss3.Bucket
	arn       string
	key       awskms.IKey
	// mayUseKey are those who were granted the key before.
	mayUseKey map[awsiam.IGrantable]bool
}

// New creates the bucket. It announces new objects on EventBridge.
func New(scope constructs.Construct, id string, props *Props) *DataBucket {
	this := constructs.NewConstruct(scope, &id)
	policy := props.RemovalPolicy
	if policy == "" {
		policy = awscdk.RemovalPolicy_RETAIN
	}
	bucketProps := &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		EnforceSSL:        jsii.Bool(true),
		MinimumTLSVersion: jsii.Number(1.2),
		Versioned:         jsii.Bool(true),
		RemovalPolicy:     policy,
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		LifecycleRules:    lifecycle(props.Keep),
	}
	if policy == awscdk.RemovalPolicy_DESTROY {
		bucketProps.AutoDeleteObjects = jsii.Bool(true)
	}
	if props.Key != nil {
		bucketProps.Encryption, bucketProps.EncryptionKey = awss3.BucketEncryption_KMS, props.Key
		bucketProps.BucketKeyEnabled = jsii.Bool(true)
	}
	if props.AccessLogs != nil {
		bucketProps.ServerAccessLogsBucket, bucketProps.ServerAccessLogsPrefix = props.AccessLogs, jsii.String("data/")
	}
	bucket := awss3.NewBucket(this, jsii.String("Bucket"), bucketProps)
	// The CDK's own switch for this adds a custom resource and a Python function.
	bucket.Node().DefaultChild().(awss3.CfnBucket).AddPropertyOverride(
		jsii.String("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"), true)
	if props.AccessLogs == nil {
		const reason = "Access logs of this bucket would double its request cost; reads are logged by the programs with job and tenant."
		accepted.OnResource(bucket, accepted.Finding{Rule: "AwsSolutions-S1", Reason: reason}, accepted.Finding{Rule: "CKV_AWS_18", Reason: reason})
	}
	acceptEmptier(bucket)
	return &DataBucket{construct: this, bucket: bucket, arn: *bucket.BucketArn(), key: props.Key, mayUseKey: map[awsiam.IGrantable]bool{}}
}

// acceptEmptier explains the CDK's own function that empties the stack's
// buckets before they are deleted, where there is one.
func acceptEmptier(bucket awss3.Bucket) {
	function := awscdk.Stack_Of(bucket).Node().TryFindChild(jsii.String("Custom::S3AutoDeleteObjectsCustomResourceProvider"))
	if function == nil {
		return
	}
	const reason = "The CDK's own function runs once, when the stack is deleted, needs no private network, and reports its failure to CloudFormation."
	accepted.On(function,
		accepted.Finding{Rule: "CKV_AWS_115", Reason: reason},
		accepted.Finding{Rule: "CKV_AWS_116", Reason: reason},
		accepted.Finding{Rule: "CKV_AWS_117", Reason: reason})
}

// lifecycle deletes what has been kept long enough, versions and abandoned
// uploads included: without the last two a bucket grows for ever unseen.
func lifecycle(keep map[string]int) *[]*awss3.LifecycleRule {
	rules := []*awss3.LifecycleRule{{
		Id:                                  jsii.String("abandoned-uploads"),
		AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7)),
		ExpiredObjectDeleteMarker:           jsii.Bool(true),
		NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(7)),
	}}
	for _, prefix := range sortedKeys(keep) {
		rules = append(rules, &awss3.LifecycleRule{
			Id:         jsii.String(fmt.Sprintf("keep-%s", prefix)),
			Prefix:     jsii.String(prefix),
			Expiration: awscdk.Duration_Days(jsii.Number(float64(keep[prefix]))),
		})
	}
	return &rules
}

// Construct is the scope that holds the bucket.
func (b *DataBucket) Construct() constructs.Construct { return b.construct }

// Bucket is the S3 bucket.
func (b *DataBucket) Bucket() awss3.IBucket { return b.bucket }

// GrantRead allows s3:GetObject and GetObjectVersion below prefixes, and
// listing below them.
func (b *DataBucket) GrantRead(grantee awsiam.IGrantable, prefixes ...string) awsiam.Grant {
	b.grantList(grantee, prefixes)
	return b.grant(grantee, prefixes, "s3:GetObject", "s3:GetObjectVersion")
}

// GrantWrite allows s3:PutObject and AbortMultipartUpload below prefixes.
func (b *DataBucket) GrantWrite(grantee awsiam.IGrantable, prefixes ...string) awsiam.Grant {
	return b.grant(grantee, prefixes, "s3:PutObject", "s3:AbortMultipartUpload")
}

// GrantDelete allows s3:DeleteObject below prefixes.
func (b *DataBucket) GrantDelete(grantee awsiam.IGrantable, prefixes ...string) awsiam.Grant {
	return b.grant(grantee, prefixes, "s3:DeleteObject")
}

func (b *DataBucket) grant(grantee awsiam.IGrantable, prefixes []string, actions ...string) awsiam.Grant {
	if b.key != nil && !b.mayUseKey[grantee] {
		b.mayUseKey[grantee] = true
		b.key.Grant(grantee, jsii.String("kms:Decrypt"), jsii.String("kms:GenerateDataKey"))
	}
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings(actions...),
		ResourceArns: jsii.Strings(starred(b.arn+"/", prefixes)...),
	})
}

// grantList is what turns a missing object into a 404 instead of a 403.
func (b *DataBucket) grantList(grantee awsiam.IGrantable, prefixes []string) {
	var below any = starred("", prefixes)
	if len(prefixes) == 1 {
		below = prefixes[0] + "*"
	}
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings("s3:ListBucket"),
		ResourceArns: jsii.Strings(b.arn),
		Conditions:   &map[string]*map[string]any{"StringLike": {"s3:prefix": below}},
	})
}

func starred(before string, prefixes []string) []string {
	var all []string
	for _, prefix := range prefixes {
		all = append(all, before+prefix+"*")
	}
	return all
}
