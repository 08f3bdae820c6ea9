package test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"tandem/test/checkout"
)

// Limits of length, in lines. They keep a file to one idea.
const (
	longestFile = 500
	longestMain = 60
)

// files returns the content of every file that is, or may yet be, committed.
func files(t *testing.T) map[string]string {
	t.Helper()
	root, err := checkout.Root()
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("this is no git checkout")
	}
	command := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	command.Dir = root
	output, err := command.Output()
	require.NoError(t, err)
	content := map[string]string{}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(output), "\x00"), "\x00") {
		raw, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		content[name] = string(raw)
	}
	require.NotEmpty(t, content)
	return content
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func TestGoFilesAreShort(t *testing.T) {
	for name, content := range files(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || generated.MatchString(content) {
			continue
		}
		lines := strings.Count(content, "\n")
		assert.LessOrEqual(t, lines, longestFile, "%s has %d lines: it holds more than one idea", name, lines)
	}
}

func TestMainPackagesHaveNoLogic(t *testing.T) {
	for _, p := range allPackages(t) {
		for _, name := range p.GoFiles {
			// The commands of the command line are one file each, and are its
			// surface; an example is read as a whole.
			if !p.main() || p.path() == "cmd/tandem" && name != "main.go" || matches("examples/...", p.path()) {
				continue
			}
			raw, err := os.ReadFile(filepath.Join(p.Dir, name))
			require.NoError(t, err)
			lines := bytes.Count(raw, []byte("\n"))
			assert.LessOrEqual(t, lines, longestMain, "%s/%s has %d lines: move the logic into a package that a test can call", p.ImportPath, name, lines)
		}
	}
}

// exampleAccounts are those that AWS's documentation uses, those that are
// plainly nobody's, and those in which AWS itself publishes.
var exampleAccounts = []string{
	"000000000000", "111111111111", "111122223333", "123456789012", "210987654321", "222222222222", "333333333333", "444455556666", "999999999999",
}

var accounts = []*regexp.Regexp{
	regexp.MustCompile(`arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12})\b`),
	regexp.MustCompile(`\b([0-9]{12})\.dkr\.ecr\.`),
	regexp.MustCompile(`(?i)account[a-z_-]*["']?\s*[:=(]+\s*["']?([0-9]{12})\b`),
	regexp.MustCompile(`aws://([0-9]{12})/`),
}

func TestNoFileNamesARealAccount(t *testing.T) {
	for name, content := range files(t) {
		for _, pattern := range accounts {
			for _, match := range pattern.FindAllStringSubmatch(content, -1) {
				assert.True(t, slices.Contains(exampleAccounts, match[1]), "%s names the AWS account %s", name, match[1])
			}
		}
	}
}

var secrets = map[string]*regexp.Regexp{
	"an AWS access key":      regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b`),
	"an AWS secret key":      regexp.MustCompile(`(?i)secret_?access_?key["']?\s*[:=]\s*["']?[A-Za-z0-9/+]{40}\b`),
	"a private key":          regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{32}`),
	"a provider's key":       regexp.MustCompile(`\bsk-(ant-|proj-)?[A-Za-z0-9_-]{32,}\b`),
	"a token of a code host": regexp.MustCompile(`\b(ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{30,}\b`),
}

func TestNoFileHoldsASecret(t *testing.T) {
	for name, content := range files(t) {
		for what, pattern := range secrets {
			for _, match := range pattern.FindAllString(content, -1) {
				assert.Contains(t, match, "EXAMPLE", "%s holds what looks like %s", name, what)
			}
		}
	}
}

// Packages come from whatever registry or mirror a machine is set up for. The
// names are put together here so that this file does not hold them itself.
var registries = []string{
	"registry." + "npmjs.org", "registry." + "yarnpkg.com", "proxy." + "golang.org", "sum." + "golang.org",
	"pypi." + "org", "files." + "pythonhosted.org", "repo1." + "maven.org", "repo." + "maven.apache.org", "deb." + "debian.org",
}

func TestNoFileNamesAPackageRegistry(t *testing.T) {
	for name, content := range files(t) {
		if !utf8.ValidString(content) {
			continue
		}
		for _, registry := range registries {
			assert.NotContains(t, content, registry, "%s", name)
		}
	}
}
