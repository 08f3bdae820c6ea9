package yamlfile

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

type description struct {
	Name string          `yaml:"name"`
	Wait config.Duration `yaml:"wait"`
	Deep struct {
		Count int `yaml:"count"`
	} `yaml:"deep"`
	List []struct {
		Count int `yaml:"count"`
	} `yaml:"list"`
}

func TestADescriptionIsReadStrictly(t *testing.T) {
	var read description
	require.NoError(t, Decode("x.yaml", []byte("name: a\nwait: 1h30m\ndeep: { count: 3 }\n"), &read))
	require.Equal(t, "1h30m", read.Wait.String())
	require.Equal(t, 3, read.Deep.Count)
}

func TestWhatIsWrongIsNamedByFileAndLine(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key":           {"name: a\nnmae: b\n", `x.yaml:2:1: unknown field "nmae"; did you mean "name"?`},
		"an unknown key below":     {"name: a\ndeep:\n  cuont: 3\n", `x.yaml:3:3: unknown field "cuont"; did you mean "count"?`},
		"a key like no other":      {"name: a\ncolour: b\n", `x.yaml:2:1: unknown field "colour"; the keys here are name, wait, deep, list`},
		"an unknown key in a list": {"list:\n  - { count: 1 }\n  - { cont: 1 }\n", `x.yaml:3:7: unknown field "cont"; did you mean "count"?`},
		"text for a number":        {"deep:\n  count: many\n", `x.yaml:2:10: "many" is a text; it must be a whole number`},
		"a tag":                    {"name: a\nlist: !set text\n", "x.yaml:1:1: this is no YAML that can be read here; leave out tags"},
		"a fraction":               {"name: a\ndeep: { count: 2.5 }\n", `x.yaml:2:16: "2.5" is a number with a fraction; it must be a whole number`},
		"a fraction in a list":     {"list: [{ count: 1 }, { count: .5 }]\n", `x.yaml:1:31: ".5" is a number with a fraction`},
		"a number for a list":      {"list: 3\n", `x.yaml:1:7: there must be a list here`},
		"a list for a map":         {"name: a\ndeep: [1]\n", "x.yaml:2:7: there must be a map of keys here"},
		"a key twice":              {"name: a\nname: b\n", "x.yaml:2:1: mapping key \"name\" already defined"},
		"no duration":              {"name: a\nwait: long\n", `x.yaml:2:7: "long" is not a duration`},
		"a bracket left open":      {"name: [\n", "x.yaml:1:7: "},
		"nothing":                  {"", "x.yaml:1:1: the file is empty"},
		"a tab for indentation":    {"deep:\n\tcount: 1\n", "x.yaml:2:"},
		"a scalar for a mapping":   {"hello\n", "x.yaml:1:1: "},
	} {
		t.Run(name, func(t *testing.T) {
			var read description
			err := Decode("x.yaml", []byte(test.text), &read)
			require.Error(t, err)
			require.Contains(t, err.Error(), test.want)
		})
	}
}

func TestAPathHasALine(t *testing.T) {
	raw := []byte("name: a\ndeep:\n  count: 3\n")
	require.Equal(t, 3, Line(raw, "$.deep.count"))
	require.Equal(t, 1, Line(raw, "$.other"))
	require.Equal(t, 1, Line(raw, "no path"))
}

func TestADocumentIsLaidOverWhatIsThere(t *testing.T) {
	read := description{Name: "a"}
	read.Deep.Count = 3
	require.NoError(t, Decode("x.yaml", []byte("wait: 1h\n"), &read))
	require.NoError(t, Decode("y.yaml", []byte("deep: {}\n"), &read))
	require.Equal(t, "a 1h 3", fmt.Sprint(read.Name, " ", read.Wait, " ", read.Deep.Count))
}
