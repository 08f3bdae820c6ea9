package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/template"
	templateparse "text/template/parse"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func documentRules() []rule {
	return []rule{
		{"document-model-exists", "The model that analyses documents is configured.", checkDocumentModel},
		{"document-overflow-exists", "The worker that takes large documents is configured.", checkDocumentOverflow},
		{"document-overflow-in-time", "A document leaves for the worker before the function's own timeout.", checkDocumentOverflowTime},
		{"document-prefix-free", "Prefixes keep out of what jobs store in the same bucket.", checkDocumentReserved},
		{"document-prefixes-apart", "No upload is analysed twice: prefixes with a common suffix do not overlap.", checkDocumentOverlap},
		{"document-result-outside", "No result lands where it would be taken for an upload.", checkDocumentResults},
		{"document-prompt", "A prompt is a template that uses {{.Text}} and nothing that is not there.", checkDocumentPrompt},
		{"document-schema", "The schema of an analysis is a JSON Schema.", checkDocumentSchema},
	}
}

func (j *judge) eachDocument(do func(p path, name string, d Document)) {
	for _, name := range sortedKeys(j.Documents) {
		do(at("documents", name), name, j.Documents[name])
	}
}

func checkDocumentModel(j *judge) {
	j.eachDocument(func(p path, _ string, d Document) {
		if _, ok := j.Models[d.Model]; d.Model != "" && !ok {
			j.unknown(p.key("model"), "model", d.Model, at("models"), sortedKeys(j.Models))
		}
	})
}

func checkDocumentOverflow(j *judge) {
	j.eachDocument(func(p path, _ string, d Document) {
		if d.Overflow == nil || d.Overflow.Worker == "" {
			return
		}
		if _, ok := j.Workers[d.Overflow.Worker]; !ok {
			j.unknown(p.key("overflow").key("worker"), "worker", d.Overflow.Worker, at("workers"), sortedKeys(j.Workers))
		}
	})
}

func checkDocumentOverflowTime(j *judge) {
	j.eachDocument(func(p path, _ string, d Document) {
		if d.Overflow != nil && d.Overflow.LongerThan > d.Timeout {
			j.report(p.key("overflow").key("longerThan"), fmt.Sprintf("documents that take up to %s stay in a function that ends after %s", d.Overflow.LongerThan, d.Timeout),
				fmt.Sprintf("write %s or less, or raise the timeout", d.Timeout), p.key("timeout"))
		}
	})
}

// reservedPrefixes are where jobs keep their data, in the same bucket.
func reservedPrefixes() []string { return []string{"inputs/", "uploads/", "results/", "checkpoints/"} }

func checkDocumentReserved(j *judge) {
	check := func(p path, prefix string) {
		for _, reserved := range reservedPrefixes() {
			if strings.HasPrefix(prefix, reserved) {
				j.report(p, fmt.Sprintf("%s is where jobs keep their data", quote(reserved)), "choose another first part, such as documents/")
			}
		}
	}
	j.eachDocument(func(p path, _ string, d Document) {
		check(p.key("prefix"), d.Prefix)
		check(p.key("resultPrefix"), d.ResultPrefix)
	})
}

func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

func suffixesMeet(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if strings.HasSuffix(x, y) || strings.HasSuffix(y, x) {
				return true
			}
		}
	}
	return false
}

func checkDocumentOverlap(j *judge) {
	names := sortedKeys(j.Documents)
	for i, one := range names {
		for _, other := range names[:i] {
			a, b := j.Documents[one], j.Documents[other]
			if a.Prefix != "" && b.Prefix != "" && overlap(a.Prefix, b.Prefix) && suffixesMeet(a.Suffixes, b.Suffixes) {
				j.report(at("documents", one, "prefix"), fmt.Sprintf("%s overlaps with documents.%s (%s): such uploads would be analysed twice", quote(a.Prefix), other, quote(b.Prefix)),
					"give them prefixes beside each other, or suffixes that differ", at("documents", other, "prefix"), at("documents", other, "suffixes"), at("documents", one, "suffixes"))
			}
		}
	}
}

func checkDocumentResults(j *judge) {
	j.eachDocument(func(p path, _ string, d Document) {
		for _, other := range sortedKeys(j.Documents) {
			prefix := j.Documents[other].Prefix
			if prefix == "" || !strings.HasPrefix(d.ResultPrefix, prefix) {
				continue
			}
			where := p.key("resultPrefix")
			if !j.given(where) {
				where = at("documents", other, "prefix")
			}
			j.report(where, fmt.Sprintf("results under %s would be taken for uploads of documents.%s, for ever", quote(d.ResultPrefix), other),
				fmt.Sprintf("put results outside %s, such as analysed/", quote(prefix)), at("documents", other, "prefix"))
		}
	})
}

func checkDocumentPrompt(j *judge) {
	j.eachDocument(func(p path, _ string, d Document) {
		if d.Prompt == "" {
			return
		}
		parsed, err := template.New("prompt").Parse(d.Prompt)
		if err != nil {
			j.report(p.key("prompt"), fmt.Sprintf("the prompt is not a template: %v", err), "{{.Text}} stands for the document")
			return
		}
		mentioned := false
		for _, node := range parsed.Root.Nodes {
			switch {
			case node.String() == "{{.Text}}":
				mentioned = true
			case node.Type() != templateparse.NodeText:
				j.report(p.key("prompt"), fmt.Sprintf("the prompt uses what is not there: %s", node), "{{.Text}} is all there is")
				return
			}
		}
		if !mentioned {
			j.report(p.key("prompt"), "the prompt never mentions the document", "write {{.Text}} where it belongs")
		}
	})
}

func checkDocumentSchema(j *judge) {
	j.eachDocument(func(p path, name string, d Document) {
		if len(d.Schema) == 0 {
			return
		}
		if err := compileSchema(name, d.Schema); err != nil {
			j.report(p.key("schema"), fmt.Sprintf("this is not a JSON Schema: %v", err), "see https://json-schema.org/draft/2020-12")
		}
	})
}

func compileSchema(name string, schema map[string]any) error {
	text, err := json.Marshal(schema)
	if err != nil {
		return fmt.Errorf("it cannot be written as JSON: %w", err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("it cannot be read as JSON: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	// Nothing is fetched: a schema that refers to another place is refused.
	compiler.UseLoader(refuseToLoad{})
	url := "tandem://documents/" + name + ".json"
	if err := compiler.AddResource(url, document); err != nil {
		return err
	}
	_, err = compiler.Compile(url)
	return schemaFault(err)
}

type refuseToLoad struct{}

func (refuseToLoad) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s would have to be fetched", url)
}

// schemaFault is the innermost reason, on one line.
func schemaFault(err error) error {
	if err == nil {
		return nil
	}
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' })
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "" })
	return fmt.Errorf("%s", strings.TrimLeft(strings.TrimSpace(lines[len(lines)-1]), "- "))
}
