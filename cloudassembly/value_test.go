package cloudassembly

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// part reads JSON as a part of the first of some stacks.
func part(t *testing.T, text string, stacks ...Stack) Value {
	t.Helper()
	var raw any
	require.NoError(t, json.Unmarshal([]byte(text), &raw))
	if len(stacks) == 0 {
		stacks = []Stack{{ID: "A"}}
	}
	return Value{New(Assembly{Stacks: stacks}).ByID[stacks[0].ID], raw}
}

func template(t *testing.T, text string) map[string]any {
	t.Helper()
	var raw map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &raw))
	return raw
}

func TestTextKeepsWhatIsNotKnownYetAsAName(t *testing.T) {
	own := Stack{ID: "A", Template: template(t, `{
		"Parameters": {"Given": {"Type": "String", "Default": "five"}, "Open": {"Type": "String"},
			"Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/aws/ami"}},
		"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}`)}
	for text, want := range map[string]string{
		`"plain"`:                          "plain",
		`12`:                               "12",
		`0.5`:                              "0.5",
		`true`:                             "true",
		`{"Ref": "Q"}`:                     "${Q}",
		`{"Ref": "AWS::Region"}`:           "${AWS::Region}",
		`{"Fn::GetAtt": ["Queue", "Arn"]}`: "${Queue.Arn}",
		`{"Fn::GetAtt": "Queue.Arn"}`:      "${Queue.Arn}",
		`{"Fn::Join": ["-", ["a", {"Ref": "Queue"}, 3]]}`:                   "a-${Queue}-3",
		`{"Fn::Join": ["", ["a", {"Ref": "AWS::NoValue"}, "b"]]}`:           "ab",
		`{"Fn::Sub": "a-${Queue.Arn}-${Given}"}`:                            "a-${Queue.Arn}-five",
		`{"Fn::Sub": ["${one}${Queue}${!Literal}", {"one": {"Ref": "Q"}}]}`: "${Q}${Queue}${!Literal}",
		`{"Fn::Base64": {"Fn::Join": ["", ["echo ", "1"]]}}`:                "echo 1",
		`{"Ref": "Given"}`: "five",
		`{"Ref": "Open"}`:  "${Open}",
		`{"Ref": "Image"}`: "${Image}",
		`{"Fn::If": ["c", {"Ref": "AWS::NoValue"}, "else"]}`: "else",
		`{"Fn::If": ["c", "then", "else"]}`:                  "then",
		`{"Fn::Select": [1, ["a", "b"]]}`:                    "b",
		`{"Fn::Select": ["0", {"Fn::GetAZs": ""}]}`:          "${Fn::Select}",
		`{"Fn::Select": [7, ["a"]]}`:                         "${Fn::Select}",
		`{"Fn::Split": [",", "a,b"]}`:                        "${Fn::Split}",
		`{"a": "map"}`:                                       "",
		`null`:                                               "",
		`{"Fn::GetStackOutput": {"StackName": "gone", "OutputName": "x"}}`: "${Fn::GetStackOutput}",
	} {
		require.Equal(t, want, part(t, text, own).Text(), text)
	}
}

func TestReferencesAreFollowedIntoOtherStacks(t *testing.T) {
	reader := Stack{ID: "Reader", Name: "app-reader", Template: template(t, `{"Parameters": {"Unused": {"Type": "String"}}}`)}
	middle := Stack{ID: "Middle", Name: "app-middle", Template: template(t, `{"Outputs": {
		"Passed": {"Value": {"Fn::GetStackOutput": {"StackName": "app-owner", "OutputName": "QueueArn"}}},
		"Exported": {"Value": {"Fn::Sub": "${Topic}"}, "Export": {"Name": "topic"}}},
		"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`)}
	owner := Stack{ID: "Owner", Name: "app-owner", Template: template(t, `{"Outputs": {"QueueArn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}},
		"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}`)}
	read := func(text string) Value { return part(t, text, reader, middle, owner) }

	passed := read(`{"Fn::Join": ["", ["arn/", {"Fn::GetStackOutput": {"StackName": "app-middle", "OutputName": "Passed"}}]]}`)
	require.Equal(t, "Queue", passed.Ref("AWS::SQS::Queue").ID)
	require.Equal(t, "Owner", passed.Ref("AWS::SQS::Queue").Stack.ID)
	require.Nil(t, passed.Ref("AWS::SNS::Topic"))
	require.Equal(t, "arn/${Queue.Arn}", passed.Text())
	require.Equal(t, "Topic", read(`{"Fn::ImportValue": "topic"}`).Ref("AWS::SNS::Topic").ID)
	require.Nil(t, read(`{"Fn::ImportValue": "nobody's"}`).Ref("AWS::SNS::Topic"))
	require.Nil(t, read(`{"Fn::GetStackOutput": {"StackName": "app-middle", "OutputName": "Missing"}}`).Ref("AWS::SQS::Queue"))
}

func TestReferencesAreFollowedThroughNestedStacks(t *testing.T) {
	parent := Stack{ID: "Parent", Template: template(t, `{"Resources": {
		"Queue": {"Type": "AWS::SQS::Queue"},
		"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {"Parameters": {"Given": {"Ref": "Queue"}}}}}}`)}
	nested := Stack{ID: "Parent/Nested", Parent: "Parent", ParentResource: "Nested", Template: template(t, `{
		"Parameters": {"Given": {"Type": "String"}},
		"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
		"Outputs": {"TopicArn": {"Value": {"Ref": "Topic"}}}}`)}

	require.Equal(t, "Queue", part(t, `{"Ref": "Given"}`, nested, parent).Ref("AWS::SQS::Queue").ID)
	require.Equal(t, "Topic", part(t, `{"Fn::GetAtt": ["Nested", "Outputs.TopicArn"]}`, parent, nested).Ref("AWS::SNS::Topic").ID)
}

func TestATemplateThatRefersToItselfEnds(t *testing.T) {
	circle := Stack{ID: "A", Template: template(t, `{"Outputs": {
		"One": {"Value": {"Fn::GetStackOutput": {"StackName": "A", "OutputName": "Two"}}},
		"Two": {"Value": {"Fn::GetStackOutput": {"StackName": "A", "OutputName": "One"}}},
		"Tree": {"Value": {"Fn::Join": ["", [
			{"Fn::GetStackOutput": {"StackName": "A", "OutputName": "Tree"}}, {"Fn::GetStackOutput": {"StackName": "A", "OutputName": "Tree"}}]]}}}}`)}
	for _, output := range []string{"One", "Tree"} {
		v := part(t, `{"Fn::GetStackOutput": {"StackName": "A", "OutputName": "`+output+`"}}`, circle)
		require.Empty(t, v.Text())
		require.Empty(t, v.Refs())
		require.Less(t, v.JSONLength(), maxText)
	}
}

func TestNumbersMayBeWrittenAsText(t *testing.T) {
	for text, want := range map[string]float64{`3`: 3, `"3"`: 3, `"2.5"`: 2.5} {
		number, known := part(t, text).Number()
		require.True(t, known, text)
		require.InDelta(t, want, number, 0)
	}
	for _, text := range []string{`"three"`, `{"Ref": "X"}`, `[3]`, `null`} {
		_, known := part(t, text).Number()
		require.False(t, known, text)
	}
	number, known := part(t, `null`).NumberOr(7)
	require.True(t, known)
	require.InDelta(t, 7, number, 0)
	_, known = part(t, `{"Ref": "X"}`).NumberOr(7)
	require.False(t, known, "what is given but not known is not the default")
}

func TestEstimatesAreNeverShorterThanWhatAWSMakes(t *testing.T) {
	own := Stack{ID: "Workers", Name: "tandem-prod-workers", Template: template(t, `{"Resources": {
		"Queue": {"Type": "AWS::SQS::Queue"}, "Named": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
		"Function": {"Type": "AWS::Lambda::Function"}, "Topic": {"Type": "AWS::SNS::Topic"}}}`)}
	for text, made := range map[string]string{
		`{"Ref": "Queue"}`:                          "https://sqs.ap-southeast-1.amazonaws.com/123456789012/tandem-prod-workers-Queue-1ABCDEFGHIJKL",
		`{"Fn::GetAtt": ["Queue", "QueueName"]}`:    "tandem-prod-workers-Queue-1ABCDEFGHIJKL",
		`{"Fn::GetAtt": ["Queue", "Arn"]}`:          "arn:aws:sqs:ap-southeast-1:123456789012:tandem-prod-workers-Queue-1ABCDEFGHIJKL",
		`{"Fn::GetAtt": ["Named", "QueueName"]}`:    "jobs",
		`{"Ref": "Function"}`:                       "tandem-prod-workers-Function-1ABCDEFGHIJKL",
		`{"Fn::GetAtt": ["Function", "Arn"]}`:       "arn:aws:lambda:ap-southeast-1:123456789012:function:tandem-prod-workers-Function-1ABCDEFGHIJKL",
		`{"Ref": "Topic"}`:                          "arn:aws:sns:ap-southeast-1:123456789012:tandem-prod-workers-Topic-1ABCDEFGHIJKL",
		`{"Fn::Sub": "${AWS::AccountId}/${Topic}"}`: "123456789012/arn:aws:sns:ap-southeast-1:123456789012:tandem-prod-workers-Topic-1ABCDEFGHIJKL",
	} {
		estimate, _ := part(t, text, own).Estimated().(string)
		require.GreaterOrEqual(t, len(estimate), len(made), text)
		require.LessOrEqual(t, len(estimate), len(made)+20, text)
	}
}
