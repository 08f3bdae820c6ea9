// Package scenario plays readable stories of a host to the whole agent: what
// happens to its GPUs, its driver, EC2 and ECS, and what is to be seen of the
// agent at which moment. The time is a test's own.
//
//	gpus 4                        a host with four GPUs, before the story begins
//	mode protect                  observe, unless said
//	cluster 10                    instances of its cluster, itself among them
//	at 3s: gpu 2 xid 79           something happens
//	at 4s: expect gpu 2 IMPAIRED XID_79
//
// [Parse] lists all words that there are in its error for one it does not know.
// Sources that lie or hang are told to by words as well.
package scenario
