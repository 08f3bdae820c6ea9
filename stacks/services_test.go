package stacks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/config"
	"tandem/constructs/constructstest"
)

// What the configuration counts is what it checks against the instance types;
// what the containers reserve is what ECS has to place.
func TestAServicesContainersReserveWhatTheConfigurationCounts(t *testing.T) {
	for name, set := range map[string][]string{
		"with all":        nil,
		"without weights": {"services.llama.weights=null"},
		"without warm-up": {"services.llama.warmUp=null"},
		"the model alone": {"services.llama.weights=null", "services.llama.warmUp=null"},
	} {
		t.Run(name, func(t *testing.T) {
			loaded, err := config.Load(config.Options{Dir: "../config", Environment: "dev", Set: set})
			require.NoError(t, err)
			want := loaded.Config.ServiceResources("llama")

			_, deployment := deploy(t, "dev", set...)
			template := constructstest.Template(t, deployment.Services.Stack)
			var cpu, memory float64
			for _, container := range constructstest.At(t, template.One(t, "AWS::ECS::TaskDefinition").Properties, "ContainerDefinitions").([]any) {
				definition := container.(map[string]any)
				cpu += definition["Cpu"].(float64)
				reserved, soft := definition["MemoryReservation"].(float64)
				if !soft {
					reserved = definition["Memory"].(float64)
				}
				memory += reserved
			}
			require.EqualValues(t, want.TaskCPUUnits(), cpu)
			require.EqualValues(t, want.TaskMemory().MiB(), memory)
		})
	}
}

func TestOnlyWhoAsksAServiceThatSleepsMayWakeIt(t *testing.T) {
	for name, test := range map[string]struct {
		set   []string
		wakes bool
	}{
		"it sleeps":       {nil, true},
		"it never sleeps": {[]string{"services.llama.scale.minimum=1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, deployment := deploy(t, "dev", test.set...)
			services, api := constructstest.Template(t, deployment.Services.Stack), constructstest.Template(t, deployment.API.Stack)
			for _, action := range []string{"ecs:UpdateService", "ecs:DescribeServices", "autoscaling:SetDesiredCapacity"} {
				require.Equal(t, test.wakes, len(services.Allowed(t, "Waker", action)) == 1, action)
				require.Empty(t, api.Allowed(t, "Models", action), "who answers the internet may not")
			}
			asks := constructstest.Text(t, api.Allowed(t, "Models", "lambda:InvokeFunction"))
			require.Equal(t, test.wakes, strings.Contains(asks, "Waker"))
			require.NotContains(t, constructstest.Text(t, api.Allowed(t, "Documents", "lambda:InvokeFunction")), "Waker", "documents are analysed by models outside")
		})
	}
}
