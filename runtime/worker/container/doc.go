// Package container runs one job in the model container: over HTTP, by the
// contract of SageMaker's containers (GET /ping, POST /invocations;
// https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html, 2026-11-24),
// or as a command of its own for each job.
//
// It knows nothing of leases, attempts or storage: it streams an input in, a
// result out, and says whether the container failed or was gone.
package container
