// Package reference writes the reference of a command line in Markdown from
// the very model that parses it, so that the two cannot differ.
package reference

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"tandem/cmd/tandem/internal/exit"
)

// Write writes the reference of a program.
func Write(w io.Writer, application *kong.Application) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Command line\n\n<!-- Written by go generate from the commands themselves; do not edit. -->\n\n%s\n\n", application.Help)
	fmt.Fprintf(&b, "Data goes to standard output, what is said about it to standard error.\n`go run ./cmd/tandem` runs it from a copy of the repository.\n\n")
	b.WriteString("## Options of all commands\n\n")
	flags(&b, application.Flags)
	commands(&b, application.Node, "##")
	b.WriteString("## Exit codes\n\n| code | meaning |\n|---|---|\n")
	for _, meaning := range exit.Meanings() {
		fmt.Fprintf(&b, "| %d | %s |\n", meaning.Code, meaning.Text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func commands(b *strings.Builder, node *kong.Node, heading string) {
	for _, child := range node.Children {
		if child.Hidden {
			continue
		}
		command(b, child, heading)
		commands(b, child, heading+"#")
	}
}

func command(b *strings.Builder, node *kong.Node, heading string) {
	fmt.Fprintf(b, "%s tandem %s\n\n%s\n\n", heading, path(node), node.Help)
	if node.Detail != "" {
		fmt.Fprintf(b, "%s\n\n", strings.TrimSpace(node.Detail))
	}
	if len(node.Positional) > 0 {
		b.WriteString("| argument | meaning |\n|---|---|\n")
		for _, argument := range node.Positional {
			fmt.Fprintf(b, "| `%s` | %s |\n", argument.Summary(), cell(argument.Help))
		}
		b.WriteString("\n")
	}
	flags(b, node.Flags)
}

// path is the names of a command and of the groups that it is in.
func path(node *kong.Node) string {
	if node.Parent == nil || node.Parent.Type == kong.ApplicationNode {
		return node.Name
	}
	return path(node.Parent) + " " + node.Name
}

func flags(b *strings.Builder, all []*kong.Flag) {
	var rows []string
	for _, flag := range all {
		if flag.Hidden || flag.Name == "help" {
			continue
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s |\n", name(flag), cell(meaning(flag))))
	}
	if len(rows) == 0 {
		return
	}
	b.WriteString("| option | meaning |\n|---|---|\n")
	for _, row := range rows {
		b.WriteString(row)
	}
	b.WriteString("\n")
}

func name(flag *kong.Flag) string {
	text := "--" + flag.Name
	if flag.Short != 0 {
		text = "-" + string(flag.Short) + ", " + text
	}
	if !flag.IsBool() {
		text += "=" + flag.FormatPlaceHolder()
	}
	return text
}

func meaning(flag *kong.Flag) string {
	text := flag.Help
	if flag.Enum != "" {
		text += " One of: " + strings.ReplaceAll(flag.Enum, ",", ", ") + "."
	}
	if flag.HasDefault && flag.Default != "" {
		text += fmt.Sprintf(" Default: `%s`.", flag.Default)
	}
	if flag.Required {
		text += " Required."
	}
	if len(flag.Envs) > 0 {
		text += " Also by the variable `" + strings.Join(flag.Envs, "`, `") + "`."
	}
	return text
}

// cell keeps a text within its cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
