package chat

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"strings"

	"tandem/runtime/models"
)

type partShape struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Refusal  string `json:"refusal"`
	ImageURL struct {
		URL    string `json:"url"`
		Detail string `json:"detail"`
	} `json:"image_url"`
	File struct {
		Data string `json:"file_data"`
		ID   string `json:"file_id"`
		Name string `json:"filename"`
	} `json:"file"`
}

// parts reads a message's content: a text, or a list of parts. Empty texts are
// left out, which other APIs refuse.
func parts(param string, content json.RawMessage) ([]Block, error) {
	if len(content) == 0 || string(content) == "null" {
		return nil, nil
	}
	var text string
	if json.Unmarshal(content, &text) == nil {
		return textBlocks(text), nil
	}
	var list []partShape
	if err := decode(param, content, &list); err != nil {
		return nil, err
	}
	var blocks []Block
	for i, each := range list {
		at := fmt.Sprintf("%s[%d]", param, i)
		switch each.Type {
		case "text":
			blocks = append(blocks, textBlocks(each.Text)...)
		case "refusal":
			blocks = append(blocks, textBlocks(each.Refusal)...)
		case "image_url":
			image, err := readImage(at+".image_url", each.ImageURL.URL, each.ImageURL.Detail)
			if err != nil {
				return nil, err
			}
			blocks = append(blocks, Block{Image: image})
		case "file":
			file, err := readFile(at+".file", each.File.Name, each.File.Data, each.File.ID)
			if err != nil {
				return nil, err
			}
			blocks = append(blocks, Block{File: file})
		default:
			return nil, models.Unsupported(at+".type", "The route of this model takes no %q.", each.Type)
		}
	}
	return blocks, nil
}

func textBlocks(text string) []Block {
	if text == "" {
		return nil
	}
	return []Block{{Text: text}}
}

func readImage(param, url, detail string) (*Image, error) {
	if detail != "" && detail != "auto" {
		return nil, models.Unsupported(param+".detail", "The route of this model has no choice of the detail of an image; leave it out.")
	}
	if !strings.HasPrefix(url, "data:") {
		if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
			return nil, models.Invalid(param+".url", "The address of an image begins with https:// or data:.")
		}
		return &Image{URL: url}, nil
	}
	mediaType, data, err := readDataURL(url)
	if err != nil {
		return nil, models.Invalid(param+".url", "The image cannot be read: %s.", err)
	}
	return &Image{MediaType: mediaType, Data: data}, nil
}

func readFile(param, name, url, id string) (*File, error) {
	if id != "" {
		return nil, models.Unsupported(param+".file_id", "The route of this model knows no uploaded files; put the data into file_data.")
	}
	mediaType, data, err := readDataURL(url)
	if err != nil {
		return nil, models.Invalid(param+".file_data", "The file cannot be read: %s.", err)
	}
	return &File{Name: name, MediaType: mediaType, Data: data}, nil
}

// readDataURL reads data:<type>;base64,<data> (RFC 2397).
func readDataURL(url string) (mediaType string, data []byte, err error) {
	rest, isData := strings.CutPrefix(url, "data:")
	head, encoded, found := strings.Cut(rest, ",")
	if !isData || !found {
		return "", nil, fmt.Errorf("it is not like data:image/png;base64,iVBO")
	}
	head, isBase64 := strings.CutSuffix(head, ";base64")
	if !isBase64 {
		return "", nil, fmt.Errorf("it is not encoded in base64")
	}
	mediaType, _, err = mime.ParseMediaType(head)
	if err != nil {
		return "", nil, fmt.Errorf("%q is no media type", head)
	}
	data, err = base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		data, err = base64.RawStdEncoding.DecodeString(encoded)
	}
	if err != nil || len(data) == 0 {
		return "", nil, fmt.Errorf("its base64 is broken or empty")
	}
	return mediaType, data, nil
}
