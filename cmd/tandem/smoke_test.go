package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/apitest"
	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/smoke"
)

func TestASmokeTestProvesAnEnvironmentAndRemovesWhatItMade(t *testing.T) {
	c := newConsole(t, apitest.Options{Environment: "dev"})
	c.Work(t, apitest.Echo)
	code, out, talk := c.run("smoke", "--env=dev")
	require.Equal(t, exit.OK, code, out+talk)
	require.Empty(t, talk)
	for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
		require.Regexp(t, `^ok    (api|key|run|result|upload|cancel|clean up) .* \(\d+\.\d s\)$`, line, i)
	}
	removed := strings.Join(c.account.removed, "\n")
	require.Regexp(t, `(?s)job .*payloads of smoke-[a-z2-7]{8}\nkey [a-z2-7]{16}$`, removed)

	var steps []smoke.Step
	require.NoError(t, json.Unmarshal([]byte(c.succeed("smoke", "--env=dev", "--json", "--worker=analyser", `--data={"b": 2}`)), &steps))
	require.Len(t, steps, 7)
}

func TestASmokeTestSaysWhatIsWrong(t *testing.T) {
	c := newConsole(t, apitest.Options{Environment: "dev"})
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"nothing runs":      {[]string{"--timeout=100ms"}, exit.Failed, "the environment is not proven"},
		"not deployed":      {[]string{"--env=prod"}, exit.NotFound, "tandem prod is not deployed"},
		"no JSON":           {[]string{"--data=x"}, exit.Usage, "--data is not JSON"},
		"keys open nothing": {[]string{"--set=api.auth.type=iam"}, exit.Usage, "give a token that it takes by --key"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, talk := c.run(append([]string{"smoke", "--env=dev"}, test.args...)...)
			require.Equal(t, test.code, code, talk)
			require.Contains(t, talk, test.says)
		})
	}
}
