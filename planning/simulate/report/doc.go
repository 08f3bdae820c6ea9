// Package report draws an experiment.Result for whoever has to decide: one HTML
// file that needs neither a network nor JavaScript ([WriteHTML]), and the same
// charts as PNG files ([WritePNG]).
//
// It reads in the order of the page: report (the two ways out), page (what is on
// it), verdict (the sentence at its top), table and measures (the figures),
// charts (what is drawn) with a file for each, then how anything is drawn: panel
// (one plot with its heading), axis, palette, chart (SVG and PNG), units.
//
// It computes nothing that a simulation should have: every figure is in the
// Result, or is a share or a difference of two that are. Values that are not
// finite are shown as unknown. The same Result gives the same bytes.
package report
