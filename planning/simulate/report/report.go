package report

import (
	"bufio"
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"

	"tandem/planning/simulate/experiment"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// WriteHTML writes the report as one HTML file.
func WriteHTML(w io.Writer, r *experiment.Result) error {
	parsed, err := template.New("page.html").Parse(pageText)
	if err != nil {
		return fmt.Errorf("writing the report of %q: %w", r.Name, err)
	}
	page, err := pageOf(r)
	if err != nil {
		return fmt.Errorf("writing the report of %q: %w", r.Name, err)
	}
	buffered := bufio.NewWriter(w)
	if err := parsed.Execute(buffered, page); err != nil {
		return fmt.Errorf("writing the report of %q: %w", r.Name, err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("writing the report of %q: %w", r.Name, err)
	}
	return nil
}

// WritePNG writes the report's charts into a folder, which is made if there is
// none, and returns the paths of the files in the order of the page. They are
// 1,600 pixels wide, on white.
func WritePNG(dir string, r *experiment.Result) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("writing the charts of %q: %w", r.Name, err)
	}
	var paths []string
	for _, c := range charts(r) {
		path := filepath.Join(dir, c.name+".png")
		if err := writeFile(path, c.png); err != nil {
			return paths, fmt.Errorf("writing the charts of %q: %w", r.Name, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(file)
	if err := write(buffered); err != nil {
		file.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := buffered.Flush(); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
