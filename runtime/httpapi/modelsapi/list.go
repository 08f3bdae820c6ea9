package modelsapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"tandem/runtime/models"
)

type modelShape struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
	// Overflow is the worker that takes over, beside OpenAI's fields.
	Overflow string `json:"overflow,omitempty"`
}

func (a *modelsAPI) shape(model models.Model) modelShape {
	return modelShape{ID: model.Name, Object: "model", Created: a.created, OwnedBy: model.OwnedBy, Overflow: a.overflow[model.Name]}
}

func (a *modelsAPI) list(w http.ResponseWriter, _ *http.Request) error {
	list := struct {
		Object string       `json:"object"`
		Data   []modelShape `json:"data"`
	}{Object: "list", Data: []modelShape{}}
	for _, model := range a.options.Router.Models() {
		list.Data = append(list.Data, a.shape(model))
	}
	return writeJSON(w, list)
}

func (a *modelsAPI) get(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("model")
	for _, model := range a.options.Router.Models() {
		if model.Name == name {
			return writeJSON(w, a.shape(model))
		}
	}
	return asProblem(&models.Error{Status: http.StatusNotFound, Type: models.TypeInvalidRequest, Code: models.CodeModelNotFound, Param: "model",
		Message: fmt.Sprintf("The model %q does not exist here; GET /v1/models lists those that do.", name)})
}

func writeJSON(w http.ResponseWriter, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the caller has gone, and nobody is left to tell
	return nil
}
