// Package compare puts the production policy beside its peers on every trace:
// workloads (what is asked of the fleet), entrants (who sizes it), matrix (all
// with all), report (the table, and whether ours holds what it promises).
package compare
