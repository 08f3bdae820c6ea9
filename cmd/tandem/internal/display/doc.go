// Package display writes what commands found: tables and lists for people,
// JSON for programs, and progress bars on a terminal. What is shown is the
// commands' business.
package display
