package gofunction_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/gofunction"
	"tandem/runtime/settings"
)

func props(t *testing.T) *gofunction.Props {
	return &gofunction.Props{
		Program: "authorizer", Description: "Tells who a caller is",
		Settings: settings.Authorizer{Table: "state"},
		Bundle:   gofunction.Placeholder{Folder: t.TempDir()},
	}
}

func TestAFunctionRunsAGoProgramOnArmWithItsSettings(t *testing.T) {
	stack := constructstest.Stack(t)
	gofunction.New(stack, "Function", props(t))
	constructstest.Nag(stack)
	template := constructstest.Template(t, stack)

	function := template.One(t, "AWS::Lambda::Function")
	require.Equal(t, "provided.al2023", function.Properties["Runtime"])
	require.Equal(t, []any{"arm64"}, function.Properties["Architectures"])
	require.Equal(t, "state", constructstest.At(t, function.Properties, "Environment", "Variables", "TANDEM_STATE_TABLE"))
	require.Equal(t, "400", constructstest.At(t, function.Properties, "Environment", "Variables", "GOGC"), "no collector runs before the first answer")
	require.Equal(t, "192MiB", constructstest.At(t, function.Properties, "Environment", "Variables", "GOMEMLIMIT"), "of 256")
	require.Contains(t, constructstest.Text(t, function.Properties["LoggingConfig"]), "FunctionLogs")
	constructstest.RequireNoFindings(t, stack)
}

func TestAFunctionMayWriteToItsOwnLogGroupAndNothingElse(t *testing.T) {
	stack := constructstest.Stack(t)
	gofunction.New(stack, "Function", props(t))
	template := constructstest.Template(t, stack)

	require.NotContains(t, template.One(t, "AWS::IAM::Role").Properties, "ManagedPolicyArns")
	statements := constructstest.At(t, template.One(t, "AWS::IAM::Policy").Properties, "PolicyDocument", "Statement")
	require.Len(t, statements, 1)
	require.Contains(t, constructstest.Text(t, statements), "logs:PutLogEvents")
	require.NotContains(t, constructstest.Text(t, statements), `"*"`)
}

func TestLogsAreKeptForAMonthUnlessToldOtherwise(t *testing.T) {
	stack := constructstest.Stack(t)
	gofunction.New(stack, "Function", props(t))
	require.EqualValues(t, 30, constructstest.Template(t, stack).One(t, "AWS::Logs::LogGroup").Properties["RetentionInDays"])
}

func TestAFunctionInAVPCMayMakeNetworkInterfaces(t *testing.T) {
	stack := constructstest.Stack(t)
	p := props(t)
	p.VPC = constructstest.VPC(stack)
	gofunction.New(stack, "Function", p)
	constructstest.Nag(stack)
	template := constructstest.Template(t, stack)
	require.Contains(t, constructstest.Text(t, template.One(t, "AWS::Lambda::Function").Properties), "SubnetIds")
	constructstest.RequireNoFindings(t, stack)
}

func TestWhatIsMissingIsNamedWithTheConstructsPath(t *testing.T) {
	p := props(t)
	p.Program = ""
	require.PanicsWithValue(t, "Test/Function: gofunction.Props.Program is required", func() {
		gofunction.New(constructstest.Stack(t), "Function", p)
	})
}

func TestTheArchitectureIsAChoice(t *testing.T) {
	stack := constructstest.Stack(t)
	p := props(t)
	p.Architecture = awslambda.Architecture_X86_64()
	gofunction.New(stack, "Function", p)
	require.Equal(t, []any{"x86_64"}, constructstest.Template(t, stack).One(t, "AWS::Lambda::Function").Properties["Architectures"])
}
