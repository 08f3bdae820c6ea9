package main

import (
	kongcompletion "github.com/jotaen/kong-completion"
	"github.com/posener/complete"

	"tandem/config"
	"tandem/planning/simulate/experiment"
)

// predictors complete what depends on where one is.
func predictors() []kongcompletion.Option {
	return []kongcompletion.Option{
		kongcompletion.WithPredictor("file", complete.PredictFiles("*")),
		kongcompletion.WithPredictor("policy", complete.PredictSet(append(experiment.IDs(), experiment.All, experiment.None)...)),
		kongcompletion.WithPredictor("environment", complete.PredictFunc(func(complete.Args) []string {
			names, _ := config.Environments("config") // elsewhere there is nothing to complete
			return names
		})),
	}
}
