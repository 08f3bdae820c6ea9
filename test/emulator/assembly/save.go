package assembly

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// save writes the templates and their asset manifests. A template is an asset
// that is named by its hash, and the CDK's command line uploads no asset that
// it finds uploaded, so a changed template needs its new name everywhere.
func (a *Assembly) save() error {
	for _, stack := range a.Stacks {
		raw, err := encode(stack.Template)
		if err != nil {
			return fmt.Errorf("writing the template of %s: %w", stack.ID, err)
		}
		if err := os.WriteFile(filepath.Join(a.Folder, stack.templateFile), raw, 0o600); err != nil {
			return fmt.Errorf("writing the template of %s: %w", stack.ID, err)
		}
		sum := sha256.Sum256(raw)
		stack.renameTemplateAsset(hex.EncodeToString(sum[:]))
		if stack.assets == nil {
			continue
		}
		if raw, err = encode(stack.assets); err != nil {
			return fmt.Errorf("writing the assets of %s: %w", stack.ID, err)
		}
		if err := os.WriteFile(filepath.Join(a.Folder, stack.assetsFile), raw, 0o600); err != nil {
			return fmt.Errorf("writing the assets of %s: %w", stack.ID, err)
		}
	}
	raw, err := encode(a.manifest)
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	if err := os.WriteFile(filepath.Join(a.Folder, "manifest.json"), raw, 0o600); err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	return nil
}

func (s *Stack) renameTemplateAsset(hash string) {
	files := object(s.assets["files"])
	for before, asset := range files {
		if text(object(object(asset)["source"])["path"]) != s.templateFile {
			continue
		}
		for _, destination := range object(object(asset)["destinations"]) {
			target := object(destination)
			target["objectKey"] = strings.ReplaceAll(text(target["objectKey"]), before, hash)
		}
		properties := object(s.artifact["properties"])
		properties["stackTemplateAssetObjectUrl"] = strings.ReplaceAll(text(properties["stackTemplateAssetObjectUrl"]), before, hash)
		delete(files, before)
		files[hash] = asset
		return
	}
}
