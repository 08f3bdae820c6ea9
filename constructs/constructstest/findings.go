package constructstest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/cxapi"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/stretchr/testify/require"
)

// Nag adds cdk-nag's AwsSolutions pack to a stack. Call it before [Template];
// then [Findings] tells what it found.
func Nag(stack awscdk.Stack) {
	awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
}

// Findings returns the errors and warnings that annotations left on a stack,
// each as 'path: message', sorted. Findings of cdk-nag that carry a suppression
// with a reason are not among them. The stack has been synthesised before.
func Findings(t testing.TB, stack awscdk.Stack) []string {
	t.Helper()
	annotations := assertions.Annotations_FromStack(stack)
	var found []string
	everywhere, anything := jsii.String("*"), assertions.Match_AnyValue()
	for _, messages := range []*[]*cxapi.SynthesisMessage{ //nolint:staticcheck // the assertions return this type, wherever its definition has moved
		annotations.FindError(everywhere, anything),
		annotations.FindWarning(everywhere, anything),
	} {
		for _, message := range *messages {
			found = append(found, fmt.Sprintf("%s: %v", *message.Id, message.Entry.Data)) //nolint:staticcheck // as above
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// RequireNoFindingsBelow fails the test if [Findings] returns anything for a
// construct path or below it, such as /Test/Worker.
func RequireNoFindingsBelow(t testing.TB, stack awscdk.Stack, path string) {
	t.Helper()
	found := slices.DeleteFunc(Findings(t, stack), func(finding string) bool {
		return !strings.HasPrefix(finding, path+"/") && !strings.HasPrefix(finding, path+":")
	})
	require.Empty(t, found, "unsuppressed findings:\n%s", strings.Join(found, "\n"))
}

// RequireNoFindings fails the test if [Findings] returns anything, and lists it.
func RequireNoFindings(t testing.TB, stack awscdk.Stack) {
	t.Helper()
	found := Findings(t, stack)
	require.Empty(t, found, "unsuppressed findings:\n%s", strings.Join(found, "\n"))
}
