package cloudassembly

import (
	"encoding/json"
	"strings"
)

// What is only known after the deployment has a length that can be estimated:
// CloudFormation names a resource STACK-LOGICALID-RANDOM, cut to what the type
// allows (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html, 2026-11-24),
// and an ARN is that with a prefix. The estimates err high by some characters.
const (
	randomSuffix = 14 // a hyphen and 13 characters
	arnPrefix    = 52 // arn:aws:autoscaling:ap-southeast-1:123456789012: and a kind
	queueURL     = 55 // https://sqs.ap-southeast-1.amazonaws.com/123456789012/
	unknownToken = 100
)

// longestName is how long a generated name may be, by type.
func longestName(kind string) int {
	known := map[string]int{
		"AWS::Lambda::Function": 64, "AWS::IAM::Role": 64, "AWS::IAM::Policy": 128, "AWS::S3::Bucket": 63, typeQueue: 80,
		"AWS::ElasticLoadBalancingV2::LoadBalancer": 32, "AWS::ElasticLoadBalancingV2::TargetGroup": 32,
		"AWS::EC2::VPC": 21, "AWS::EC2::Subnet": 24, "AWS::EC2::SecurityGroup": 20, "AWS::KMS::Key": 36,
	}
	if longest, found := known[kind]; found {
		return longest
	}
	return 255
}

// NameLength estimates the physical name of a resource.
func (r *Resource) NameLength() int {
	for _, property := range []string{"Name", "FunctionName", "QueueName", "TableName", "BucketName", "RoleName", "ClusterName", "ServiceName"} {
		if name, known := r.Prop(property).Literal(); known {
			return len(name)
		}
	}
	return min(len(r.Stack.Name)+1+len(r.ID)+randomSuffix, longestName(r.Type))
}

// tokenLength estimates what a Ref or Fn::GetAtt will be.
func (s *IndexedStack) tokenLength(id, attribute string) int {
	if r := s.Resources[id]; r != nil {
		switch {
		case attribute == "" && r.Type == typeQueue:
			return queueURL + r.NameLength()
		case attribute == "" && !referenceIsARN(r.Type):
			return r.NameLength()
		case strings.HasSuffix(attribute, "Name"):
			return r.NameLength()
		}
		return arnPrefix + r.NameLength()
	}
	pseudo := map[string]int{
		"AWS::AccountId": 12, "AWS::Region": 14, "AWS::Partition": 6, "AWS::URLSuffix": 16,
		"AWS::StackName": len(s.Name), "AWS::StackId": 100 + len(s.Name),
	}
	if length, found := pseudo[id]; found {
		return length
	}
	return unknownToken
}

// referenceIsARN is whether Ref gives a type's ARN, and not its name.
func referenceIsARN(kind string) bool {
	switch kind {
	case "AWS::SNS::Topic", "AWS::SecretsManager::Secret", "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::IAM::ManagedPolicy",
		"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup":
		return true
	}
	return false
}

// Estimated is the value as it will be after the deployment, with x for what
// is not known yet. Maps and lists stay maps and lists.
func (v Value) Estimated() any {
	w := &walk{measure: true}
	return w.estimate(v)
}

func (w *walk) estimate(v Value) any {
	if w.steps++; w.steps > maxSteps {
		return nil
	}
	v = v.Resolve()
	if name, _ := v.Intrinsic(); name != "" {
		w.text.Reset()
		w.write(v)
		return w.text.String()
	}
	switch typed := v.Raw.(type) {
	case map[string]any:
		plain := make(map[string]any, len(typed))
		for key, each := range typed {
			plain[key] = w.estimate(Value{v.Stack, each})
		}
		return plain
	case []any:
		plain := make([]any, 0, len(typed))
		for _, each := range typed {
			plain = append(plain, w.estimate(Value{v.Stack, each}))
		}
		return plain
	}
	return v.Raw
}

// JSONLength is the length of the value as JSON without white space, after the
// deployment.
func (v Value) JSONLength() int {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v.Estimated()); err != nil {
		return 0
	}
	return text.Len() - 1
}
