package chat

import (
	"bytes"
	"encoding/json"

	"tandem/runtime/models"
)

// EmbeddingRequest is a request for vectors.
type EmbeddingRequest struct {
	// Inputs are texts; lists of token numbers are refused.
	Inputs []string
	// Dimensions is 0 for the model's own.
	Dimensions int
	Base64     bool
}

// MaxInputs is how many texts one request may hold
// (https://platform.openai.com/docs/api-reference/embeddings/create, 2026-11-24).
const MaxInputs = 2048

// ParseEmbeddings reads a request for vectors. An error is a *models.Error.
func ParseEmbeddings(body *models.Body) (*EmbeddingRequest, error) {
	request := &EmbeddingRequest{}
	for _, name := range body.Names() {
		value := body.Get(name)
		var err error
		switch name {
		case "model", "user":
		case "input":
			request.Inputs, err = parseInputs(value)
		case "dimensions":
			err = decode(name, value, &request.Dimensions)
		case "encoding_format":
			var format string
			err = decode(name, value, &format)
			request.Base64 = format == "base64"
			if err == nil && format != "" && format != "float" && format != "base64" {
				err = models.Invalid(name, "encoding_format must be float or base64, not %q.", format)
			}
		default:
			err = models.Unsupported(name, "The route of this model has no equal of %q.", name)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(request.Inputs) == 0 || len(request.Inputs) > MaxInputs {
		return nil, models.Invalid("input", "input must hold 1 to %d texts.", MaxInputs)
	}
	return request, nil
}

func parseInputs(value json.RawMessage) ([]string, error) {
	if bytes.HasPrefix(value, []byte{'"'}) {
		var one string
		err := decode("input", value, &one)
		return []string{one}, err
	}
	var list []string
	if err := json.Unmarshal(value, &list); err != nil {
		return nil, models.Unsupported("input", "input must be a text or a list of texts: the route of this model takes no token numbers.")
	}
	return list, nil
}

// decode reads one member. null is like an absent one.
func decode(param string, value json.RawMessage, into any) error {
	if err := json.Unmarshal(value, into); err != nil {
		return models.Invalid(param, "%s is not of the type that it should be.", param)
	}
	return nil
}
