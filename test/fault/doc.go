// Package fault runs jobs through real processes while these are killed and
// everything between them goes wrong, and tells whether the promises held: no
// accepted job is lost and none is committed twice.
//
//	make fault JOBS=10000 KILLS=500 SEED=1
//
// The processes are the binaries that are deployed: the worker, and the Lambda
// functions of the API and of the sweeper, which are handed events as Lambda
// does. Only every other worker is another program: the same with a clock that
// is wrong by minutes. The container is a program that does what each job's
// input tells it to (model). AWS is the emulator, and each process reaches it by
// a link of its own on which things go wrong (wire).
//
// What happens when is drawn from the seed (plan). What happened is judged from
// outside (history), by these rules:
//
//   - every accepted job reaches exactly one terminal state, a right one;
//   - its result is what the container answered at the fence that was committed,
//     and nothing was committed twice;
//   - no container is given a job twice at one fence, or one that its worker has
//     not claimed;
//   - no step runs again once it is stored, and no checkpoint goes back;
//   - no job of a dead worker waits longer than a lease and a poll while another
//     worker is idle;
//   - the writes to each job are linearizable (porcupine);
//   - a worker that is told to end does so by itself, in time.
//
// Leases, heartbeats, polls and sweeps have the times of production; in a short
// run, sweeps come more often.
package fault
