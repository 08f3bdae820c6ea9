// Package start is what every Lambda function does first: read its settings,
// make its logger, find AWS. It calls nobody, because the time until the first
// answer is what a caller waits for after a cold start.
package start

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"tandem/runtime/settings"
)

// Settings reads a program's settings from its environment, or ends the
// program, naming what is missing.
func Settings[T any]() T {
	loaded, err := settings.Load[T](os.Environ())
	if err != nil {
		Fail("settings are incomplete", err)
	}
	return loaded
}

// Logger writes JSON to standard output, where Lambda collects it. A level that
// it does not know is info.
func Logger(log settings.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(log.Level)); err != nil {
		level = slog.LevelInfo
	}
	logger := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level}))
	slog.SetDefault(logger)
	return logger
}

// AWS is the configuration of all clients, from the environment. Credentials
// are fetched when the first call needs them.
func AWS() aws.Config {
	loaded, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		Fail("AWS configuration is unusable", err)
	}
	return loaded
}

// File reads a file that was packed beside the program, or ends it.
func File(name string) []byte {
	program, err := os.Executable()
	if err != nil {
		Fail("the program's folder is unknown", err)
	}
	content, err := os.ReadFile(filepath.Join(filepath.Dir(program), name))
	if err != nil {
		Fail("a file of the function's package is missing", err)
	}
	return content
}

// Fail ends a program that cannot start, with the reason in its log.
func Fail(what string, err error) {
	slog.New(slog.NewJSONHandler(os.Stdout, nil)).Error("program cannot start", "reason", what, "error", err.Error())
	os.Exit(1)
}

// Must returns what a constructor made, or ends the program with its error.
func Must[T any](made T, err error) T {
	if err != nil {
		Fail("a part of it cannot be made", err)
	}
	return made
}
