// Package dynamofleet keeps what is known of the fleet in the state table, all
// of it in one partition, so that the capacity controller reads it in one call:
//
//	pk            sk                          written by
//	fleet#state   controller                  the controller, each run, conditional on its version
//	fleet#state   jobs                        the sweeper, each minute: deadlines, busy tasks, ages
//	fleet#state   durations#<worker>#<week>   workers, once a minute at most: a histogram
//	fleet#state   wake#<worker>               the API: whose turn it is to wake a worker
//
// Histograms are written by fleetreport/dynamoreport, and only read here. What the
// parts mean is told in runtime/fleetstate; what is done with them is
// decided elsewhere, by runtime/capacity and capacity/ecsfleet.
package dynamofleet
