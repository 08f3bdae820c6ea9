package jobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMessageIsReadBackAsItWasSent(t *testing.T) {
	for _, watch := range []bool{false, true} {
		sent := Message{ID: RandomIDs{}.NewID(), Watch: watch}
		got, err := ParseMessage(sent.Body())
		require.NoError(t, err)
		require.Equal(t, sent, got)
	}
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":               "",
		"not JSON":              "job 7",
		"another type":          `[]`,
		"no id":                 `{}`,
		"an id that is no UUID": `{"id":"7"}`,
		"an id in capitals":     `{"id":"` + strings.ToUpper(RandomIDs{}.NewID()) + `"}`,
		"an id with braces":     `{"id":"{` + RandomIDs{}.NewID() + `}"}`,
		"an id and a path":      `{"id":"` + RandomIDs{}.NewID() + `/../x"}`,
		"a number for an id":    `{"id":7}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseMessage(body)
			require.ErrorIs(t, err, ErrBadMessage)
		})
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add(Message{ID: RandomIDs{}.NewID(), Watch: true}.Body())
	f.Add(`{"id":"x"}`)
	f.Fuzz(func(t *testing.T, body string) {
		message, err := ParseMessage(body)
		if err != nil {
			require.ErrorIs(t, err, ErrBadMessage)
			return
		}
		require.True(t, ValidID(message.ID))
		again, err := ParseMessage(message.Body())
		require.NoError(t, err)
		require.Equal(t, message, again)
	})
}
