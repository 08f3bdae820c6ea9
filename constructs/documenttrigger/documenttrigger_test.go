package documenttrigger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/constructs/constructstest"
	"tandem/constructs/databucket"
	"tandem/constructs/documenttrigger"
	"tandem/constructs/gofunction"
	"tandem/runtime/settings"
)

func props(t *testing.T, bucket *databucket.DataBucket) *documenttrigger.Props {
	return &documenttrigger.Props{
		Settings: settings.Documents{
			State: settings.State{Table: "state", Bucket: "data"}, Name: "contracts", ResultPrefix: "analysed/", Model: "m",
		},
		Definition: settings.DocumentDefinition{Prompt: "What does {{.Text}} say?"},
		Bundle:     gofunction.Placeholder{Folder: t.TempDir()},
		Bucket:     bucket.Bucket(),
		Prefix:     "documents/contracts/",
		Suffixes:   []string{".pdf", ".txt"},
	}
}

func TestAnUploadBelowThePrefixWithASuffixRunsTheFunction(t *testing.T) {
	stack := constructstest.Stack(t)
	bucket := databucket.New(stack, "Data", &databucket.Props{})
	documenttrigger.New(stack, "Documents", props(t, bucket))
	constructstest.Nag(stack)
	rule := constructstest.Template(t, stack).One(t, "AWS::Events::Rule")

	require.Equal(t, []any{
		map[string]any{"wildcard": "documents/contracts/*.pdf"},
		map[string]any{"wildcard": "documents/contracts/*.txt"},
	}, constructstest.At(t, rule.Properties, "EventPattern", "detail", "object", "key"))
	require.Contains(t, constructstest.Text(t, constructstest.At(t, rule.Properties, "EventPattern", "detail", "bucket", "name")), "Data")
	constructstest.RequireNoFindings(t, stack)
}

func TestAnEventThatCannotBeHandledIsKept(t *testing.T) {
	stack := constructstest.Stack(t)
	bucket := databucket.New(stack, "Data", &databucket.Props{})
	documenttrigger.New(stack, "Documents", props(t, bucket))
	rule := constructstest.Template(t, stack).One(t, "AWS::Events::Rule")
	require.Contains(t, constructstest.Text(t, constructstest.At(t, rule.Properties, "Targets", 0, "DeadLetterConfig")), "Failures")
}

func TestAResultThatWouldFireTheTriggerIsRefused(t *testing.T) {
	stack := constructstest.Stack(t)
	p := props(t, databucket.New(stack, "Data", &databucket.Props{}))
	p.Settings.ResultPrefix = "documents/contracts/analysed/"
	require.PanicsWithValue(t, `Test/Documents: results under "documents/contracts/analysed/" would fire the trigger on "documents/contracts/" again; choose a result prefix outside it`, func() {
		documenttrigger.New(stack, "Documents", p)
	})
}

func TestWhereAWorkerTakesOverJobsThatEndedAreLookedForEachMinute(t *testing.T) {
	stack := constructstest.Stack(t)
	p := props(t, databucket.New(stack, "Data", &databucket.Props{}))
	p.Settings.OverflowWorker = "analyser"
	documenttrigger.New(stack, "Documents", p)
	constructstest.Nag(stack)
	var scheduled []constructstest.Resource
	for _, rule := range constructstest.Template(t, stack).All("AWS::Events::Rule") {
		if rule.Properties["ScheduleExpression"] != nil {
			scheduled = append(scheduled, rule)
		}
	}
	require.Len(t, scheduled, 1)
	require.Equal(t, "rate(1 minute)", scheduled[0].Properties["ScheduleExpression"])
	require.JSONEq(t, `{"source":"tandem.collect"}`, constructstest.At(t, scheduled[0].Properties, "Targets", 0, "Input").(string))
	constructstest.RequireNoFindings(t, stack)
}
