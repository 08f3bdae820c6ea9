package lambdawaker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"

	"tandem/runtime/wake"
	"tandem/runtime/wake/lambdawaker"
)

// fakeLambda remembers what it was asked.
type fakeLambda struct {
	in  *lambda.InvokeInput
	err error
}

func (f *fakeLambda) Invoke(_ context.Context, in *lambda.InvokeInput, _ ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	f.in = in
	return &lambda.InvokeOutput{}, f.err
}

func TestTheControllerIsStartedAndNotWaitedFor(t *testing.T) {
	fake := &fakeLambda{}
	call := wake.Call{Worker: "analyser", At: time.UnixMilli(1234), Again: 5 * time.Second}
	require.NoError(t, lambdawaker.Invoker{Client: fake, Function: "capacity"}.Invoke(t.Context(), call))
	require.Equal(t, types.InvocationTypeEvent, fake.in.InvocationType)
	require.Equal(t, "capacity", *fake.in.FunctionName)
	require.JSONEq(t, `{"source":"tandem.wake","worker":"analyser","at":1234,"again":5000}`, string(fake.in.Payload))

	fake.err = errors.New("throttled")
	require.ErrorContains(t, lambdawaker.Invoker{Client: fake, Function: "capacity"}.Invoke(t.Context(), call), "capacity: throttled")
}
