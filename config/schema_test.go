package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	generated, err := GenerateSchema(".")
	require.NoError(t, err)
	require.Equal(t, string(generated), string(SchemaJSON()), "the types have changed: run go generate ./config")
}

func TestTheReferenceIsThatOfTheSchema(t *testing.T) {
	var want bytes.Buffer
	require.NoError(t, WriteReference(&want))
	got, err := os.ReadFile("../docs/configuration.md")
	require.NoError(t, err)
	require.Equal(t, want.String(), string(got), "the schema has changed: run go generate ./config")
}

func TestAKeywordThatIsNotEnforcedIsRefused(t *testing.T) {
	_, err := parseKeywords([]byte(`{"properties": {"name": {"maxLength": 3}}}`))
	require.ErrorContains(t, err, "maxLength")
}

func TestEachDefaultIsInItsComment(t *testing.T) {
	root, err := parseKeywords(schemaJSON)
	require.NoError(t, err)
	checked := 0
	for _, definition := range sortedKeys(root.Defs) {
		for key, property := range root.Defs[definition].Properties {
			_, documented := splitDefault(property.Description)
			fromComment := strings.Contains(property.Description, "Default: ") && !strings.Contains(property.Description, "Default: - ")
			switch value := property.Default.(type) {
			case nil:
				require.False(t, fromComment, "%s.%s: the comment promises the default %s, and there is none", definition, key, documented)
			case map[string]any:
			case []any:
				if fromComment {
					require.Equal(t, strings.ReplaceAll(fmt.Sprint(value), " ", ", "), documented, "%s.%s", definition, key)
				}
			default:
				checked++
				require.Equal(t, fmt.Sprint(value), documented, "%s.%s", definition, key)
			}
		}
	}
	require.Greater(t, checked, 40)
}

func TestBoundsOfFieldsAreAWSLimits(t *testing.T) {
	root, err := parseKeywords(schemaJSON)
	require.NoError(t, err)
	for field, limit := range map[string]fmt.Stringer{
		"API.timeout": APIGatewayStreamTimeout, "Document.timeout": LambdaTimeout, "Worker.timeout": SQSRetention,
		"Worker.stopTimeout": ECSStopTimeout,
	} {
		definition, key, _ := strings.Cut(field, ".")
		require.Equal(t, limit.String(), root.Defs[definition].Properties[key].UnitMaximum, field)
	}
	for _, field := range []string{"API", "Document"} {
		most, err := ParseSize(root.Defs[field].Properties["memory"].UnitMaximum)
		require.NoError(t, err)
		require.Equal(t, LambdaMemory, most, field)
	}
	drain, err := ParseDuration(root.Defs["Worker"].Properties["deployDrain"].UnitMaximum)
	require.NoError(t, err)
	require.Less(t, drain, CloudFormationECSRollout)
	require.InDelta(t, ECSTasksPerService, *root.Defs["WorkerScale"].Properties["maximum"].Maximum, 0)
}

// An editor holds each file against the schema with a library of its own.
func TestEditorsAgreeWithTheLoader(t *testing.T) {
	schema := compiled(t)
	for _, file := range []string{"base.yaml", "dev.yaml", "staging.yaml", "prod.yaml", "../test/testdata/config/base.yaml"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, schema.Validate(document(t, text)), file)
		require.Regexp(t, `^# yaml-language-server: \$schema=(\.\./)*(config/)?schema\.json\n`, string(text), file)
	}
	refused := 0
	files, err := filepath.Glob("../test/testdata/config/bad/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var value any
		if yaml.Unmarshal(text, &value) != nil || strings.Contains(string(text), ".inf") {
			continue // neither a YAML nor a JSON value that an editor would check
		}
		byEditor := schema.Validate(jsonValue(t, value)) != nil
		byLoader := withoutRules(t, string(text))
		if byEditor {
			refused++
			require.True(t, byLoader, "%s: an editor would refuse this and the loader does not", file)
		}
	}
	require.Greater(t, refused, 30)
}

// withoutRules is whether the schema alone refuses a text.
func withoutRules(t *testing.T, text string) bool {
	t.Helper()
	schema, err := parseKeywords(schemaJSON)
	require.NoError(t, err)
	src := &source{name: "layer.yaml", text: text}
	l := &loader{schema: schema, unreadable: true, removed: map[string]Position{}, problems: &problems{sources: map[string]*source{src.name: src}}}
	root, found := parse(src)
	l.problems.add(found...)
	tree := l.lay(newObject(Position{}), root)
	_, err = l.finish(tree)
	return err != nil || root == nil || root.kind == list
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("schema.json", parsed))
	schema, err := compiler.Compile("schema.json")
	require.NoError(t, err)
	return schema
}

func document(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	require.NoError(t, yaml.Unmarshal(text, &value))
	return jsonValue(t, value)
}

func jsonValue(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return parsed
}
