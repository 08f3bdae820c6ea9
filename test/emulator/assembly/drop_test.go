package assembly_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Missing is the type that the emulators of these tests lack.
const missingType = "AWS::Test::Missing"

func TestOnlyWhatDependsOnAMissingResourceIsTouched(t *testing.T) {
	cases := []struct {
		name     string
		resource string // beside the missing one, under the name Kept
		want     string // empty where the resource is to go too
		lines    []string
	}{
		{
			name:     "a resource that mentions nothing stays as it is",
			resource: `{"Type":"T","Properties":{"A":1.50,"B":{"Ref":"AWS::Region"}}}`,
			want:     `{"Type":"T","Properties":{"A":1.50,"B":{"Ref":"AWS::Region"}}}`,
		},
		{
			name:     "a resource with a property that is the missing one goes",
			resource: `{"Type":"T","Properties":{"Target":{"Ref":"Gone"}}}`,
			lines:    []string{"dropped one T Kept: needs Gone"},
		},
		{
			name:     "so does one that asks for its attribute, in either form",
			resource: `{"Type":"T","Properties":{"Target":{"Fn::GetAtt":"Gone.Arn"}}}`,
			lines:    []string{"dropped one T Kept: needs Gone"},
		},
		{
			name:     "so does one that makes its property from the missing one",
			resource: `{"Type":"T","Properties":{"Target":{"Fn::Select":[0,{"Fn::Split":[":",{"Ref":"Gone"}]}]}}}`,
			lines:    []string{"dropped one T Kept: needs Gone"},
		},
		{
			name:     "a dependency is forgotten",
			resource: `{"Type":"T","DependsOn":["Gone","Other"]}`,
			want:     `{"Type":"T","DependsOn":["Other"]}`,
		},
		{
			name:     "a list loses the element",
			resource: `{"Type":"T","Properties":{"List":["a",{"Fn::GetAtt":["Gone","Id"]}]}}`,
			want:     `{"Type":"T","Properties":{"List":["a"]}}`,
			lines:    []string{"altered one T Kept: List without what is dropped"},
		},
		{
			name:     "a strategy without its target goes, and an empty list stays",
			resource: `{"Type":"T","Properties":{"List":[{"Provider":{"Ref":"Gone"},"Weight":1}]}}`,
			want:     `{"Type":"T","Properties":{"List":[]}}`,
			lines:    []string{"altered one T Kept: List without what is dropped"},
		},
		{
			name: "a statement goes with its last resource",
			resource: `{"Type":"T","Properties":{"Document":{"Statement":[
				{"Action":"a","Resource":[{"Ref":"Gone"}]},{"Action":"b","Resource":[{"Ref":"Gone"},"x"]}]}}}`,
			want:  `{"Type":"T","Properties":{"Document":{"Statement":[{"Action":"b","Resource":["x"]}]}}}`,
			lines: []string{"altered one T Kept: Document without what is dropped"},
		},
		{
			name:     "a nested key goes",
			resource: `{"Type":"T","Properties":{"Outer":{"Inner":{"Ref":"Gone"},"Other":1}}}`,
			want:     `{"Type":"T","Properties":{"Outer":{"Other":1}}}`,
			lines:    []string{"altered one T Kept: Outer without what is dropped"},
		},
		{
			name:     "a branch of a condition becomes no value",
			resource: `{"Type":"T","Properties":{"A":{"Fn::If":["C",{"Ref":"Gone"},"b"]}}}`,
			want:     `{"Type":"T","Properties":{"A":{"Fn::If":["C",{"Ref":"AWS::NoValue"},"b"]}}}`,
			lines:    []string{"altered one T Kept: A without what is dropped"},
		},
		{
			name:     "a text that mentions it gets a placeholder",
			resource: `{"Type":"T","Properties":{"A":{"Fn::Join":["",["arn:",{"Ref":"Gone"}]]},"B":{"Fn::Sub":"${Gone.Arn}/${Other}/${!Gone}"}}}`,
			want:     `{"Type":"T","Properties":{"A":{"Fn::Join":["",["arn:","not-deployed-Gone"]]},"B":{"Fn::Sub":"not-deployed-Gone/${Other}/${!Gone}"}}}`,
			lines:    []string{"altered one T Kept: A, B without what is dropped"},
		},
		{
			name:     "a name that Fn::Sub defines itself is not the missing one",
			resource: `{"Type":"T","Properties":{"A":{"Fn::Sub":["${Gone}",{"Gone":"x"}]}}}`,
			want:     `{"Type":"T","Properties":{"A":{"Fn::Sub":["${Gone}",{"Gone":"x"}]}}}`,
		},
		{
			name:     "a function keeps the names of its variables",
			resource: `{"Type":"T","Properties":{"Environment":{"Variables":{"A":{"Ref":"Gone"},"B":"b"}}}}`,
			want:     `{"Type":"T","Properties":{"Environment":{"Variables":{"A":"not-deployed-Gone","B":"b"}}}}`,
			lines:    []string{"altered one T Kept: Environment without what is dropped"},
		},
		{
			name:     "a container keeps the names of its variables",
			resource: `{"Type":"T","Properties":{"Containers":[{"Environment":[{"Name":"A","Value":{"Ref":"Gone"}}]}]}}`,
			want:     `{"Type":"T","Properties":{"Containers":[{"Environment":[{"Name":"A","Value":"not-deployed-Gone"}]}]}}`,
			lines:    []string{"altered one T Kept: Containers without what is dropped"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			templates, report := adapted(t, refusing(missingType), stack{id: "one",
				template: `{"Resources":{"Gone":{"Type":"` + missingType + `"},"Other":{"Type":"T"},"Kept":` + c.resource + `}}`})
			want := `{"Resources":{"Other":{"Type":"T"}}}`
			if c.want != "" {
				want = `{"Resources":{"Other":{"Type":"T"},"Kept":` + c.want + `}}`
			}
			require.JSONEq(t, want, templates["one"])
			require.ElementsMatch(t, append(c.lines, "dropped one "+missingType+" Gone: the emulator has no such type"), report.Lines())
		})
	}
}

func TestNumbersStayAsTheyAreWritten(t *testing.T) {
	templates, _ := adapted(t, refusing(), stack{id: "one", template: `{"Resources":{"A":{"Type":"T","Properties":{"N":12345678901234567890,"M":1.0}}}}`})
	require.Contains(t, templates["one"], "12345678901234567890")
	require.Contains(t, templates["one"], "1.0")
}

func TestWhatIsMissingIsMissedInEveryStack(t *testing.T) {
	templates, report := adapted(t, refusing(missingType),
		stack{id: "b-first", template: `{
			"Resources":{"Gone":{"Type":"` + missingType + `"},"Stays":{"Type":"T"}},
			"Outputs":{"Weak":{"Value":{"Ref":"Gone"}},"Strong":{"Value":{"Ref":"Gone"},"Export":{"Name":"exported"}},"Good":{"Value":{"Ref":"Stays"}}}}`},
		stack{id: "a-second", needs: []string{"b-first"}, template: `{"Resources":{
			"ByOutput":{"Type":"T","Properties":{"A":{"Fn::GetStackOutput":{"StackName":"b-first","OutputName":"Weak"}}}},
			"ByExport":{"Type":"T","Properties":{"A":{"Fn::ImportValue":"exported"}}},
			"ByAnother":{"Type":"T","Properties":{"A":{"Ref":"ByOutput"}}},
			"Unhurt":{"Type":"T","Properties":{"A":{"Fn::GetStackOutput":{"StackName":"b-first","OutputName":"Good"}}}}}}`})

	require.JSONEq(t, `{"Resources":{"Stays":{"Type":"T"}},"Outputs":{"Good":{"Value":{"Ref":"Stays"}}}}`, templates["b-first"])
	require.JSONEq(t, `{"Resources":{"Unhurt":{"Type":"T","Properties":{"A":{"Fn::GetStackOutput":{"StackName":"b-first","OutputName":"Good"}}}}}}`, templates["a-second"])
	require.Equal(t, []string{
		"dropped a-second T ByAnother: needs ByOutput",
		"dropped a-second T ByExport: needs exported",
		"dropped a-second T ByOutput: needs Weak",
		"dropped b-first " + missingType + " Gone: the emulator has no such type",
		"dropped b-first Output Strong: needs Gone",
		"dropped b-first Output Weak: needs Gone",
	}, report.Lines())
	require.Equal(t, "2 of 6 resources", report.Summary())
}

func TestATypeThatTheEmulatorHangsOnIsDropped(t *testing.T) {
	_, report := adapted(t, refusing(), stack{id: "one", template: `{"Resources":{"A":{"Type":"Custom::S3AutoDeleteObjects",
		"Metadata":{"aws:cdk:path":"one/Bucket/AutoDelete/Resource"}}}}`})
	require.Equal(t, []string{"dropped one Custom::S3AutoDeleteObjects Bucket/AutoDelete: the emulator's Node functions have no S3 client"}, report.Lines())
}

func TestAMachineImageOfAWSGetsAValue(t *testing.T) {
	templates, report := adapted(t, refusing(), stack{id: "one", template: `{"Resources":{},
		"Parameters":{"Image":{"Type":"AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>","Default":"/aws/service/ecs/image_id"},
		              "Bootstrap":{"Type":"AWS::SSM::Parameter::Value<String>","Default":"/cdk-bootstrap/version"}}}`})
	require.JSONEq(t, `{"Resources":{},"Parameters":{"Image":{"Type":"String","Default":"ami-0123456789abcdef0"},
		"Bootstrap":{"Type":"AWS::SSM::Parameter::Value<String>","Default":"/cdk-bootstrap/version"}}}`, templates["one"])
	require.Equal(t, []string{"altered one Parameter Image: the emulator does not have /aws/service/ecs/image_id"}, report.Lines())
}

func TestAnAlarmOnAnExpressionIsDroppedAndAPlainOneKept(t *testing.T) {
	_, report := adapted(t, refusing(), stack{id: "one", template: `{"Resources":{
		"A":{"Type":"AWS::CloudWatch::Alarm","Metadata":{"aws:cdk:path":"one/Sum"},"Properties":{"Metrics":[{"Id":"sum","Expression":"a+b"}]}},
		"B":{"Type":"AWS::CloudWatch::Alarm","Metadata":{"aws:cdk:path":"one/Plain"},"Properties":{"MetricName":"Errors"}}}}`})
	require.Equal(t, []string{"dropped one AWS::CloudWatch::Alarm Sum: the emulator's alarms have no metric math"}, report.Lines())
}
