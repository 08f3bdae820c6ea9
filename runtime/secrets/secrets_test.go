package secrets_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"tandem/runtime/secrets"
)

// vault is a Secrets Manager with one secret.
type vault struct {
	text  *string
	err   error
	calls int
}

func (v *vault) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	v.calls++
	return &secretsmanager.GetSecretValueOutput{SecretString: v.text}, v.err
}

func TestASecretIsReadOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := "first"
		v := &vault{text: &text}
		reader := secrets.New(secrets.Options{Client: v})
		get := func() string {
			got, err := reader.Get(t.Context(), "webhooks")
			require.NoError(t, err)
			return got
		}
		for range 3 {
			require.Equal(t, "first", get())
		}
		require.Equal(t, 1, v.calls)

		rotated := "second"
		v.text = &rotated
		time.Sleep(5 * time.Minute)
		require.Equal(t, "second", get())

		v.err = errors.New("throttled")
		time.Sleep(5 * time.Minute)
		require.Equal(t, "second", get(), "what is known goes on being used")
	})
}

func TestASecretThatCannotBeReadIsAnError(t *testing.T) {
	v := &vault{err: errors.New("AccessDenied")}
	_, err := secrets.New(secrets.Options{Client: v}).Get(t.Context(), "webhooks")
	require.ErrorContains(t, err, "reading secret webhooks: AccessDenied")
	v.err = nil
	_, err = secrets.New(secrets.Options{Client: v}).Get(t.Context(), "webhooks")
	require.ErrorContains(t, err, "holds no text")
}

func TestASecretThatDoesNotWorkAnyMoreIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := "first", "second\n"
		v := &vault{text: &first}
		reader := secrets.New(secrets.Options{Client: v})
		got, err := reader.Get(t.Context(), "key")
		require.NoError(t, err)
		require.Equal(t, "first", got)

		v.text = &second
		got, err = reader.Refresh(t.Context(), "key", "first")
		require.NoError(t, err)
		require.Equal(t, "first", got, "it was read this moment")

		time.Sleep(5 * time.Second)
		for range 3 { // calls at once that were all refused
			got, err = reader.Refresh(t.Context(), "key", "first")
			require.NoError(t, err)
			require.Equal(t, "second", got, "without the line end")
		}
		require.Equal(t, 2, v.calls)

		time.Sleep(5 * time.Second)
		v.err = errors.New("throttled")
		_, err = reader.Refresh(t.Context(), "key", "second")
		require.ErrorContains(t, err, "throttled")
	})
}
