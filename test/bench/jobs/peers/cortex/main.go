// Command cortex runs the async gateway or the dequeuer of Cortex
// (github.com/cortexlabs/cortex), which it starts as Cortex's own commands do,
// but at another endpoint than AWS's: Cortex itself has no option for one. The
// folder "source" is a checkout of Cortex, which git ignores; make bench-jobs
// builds this where there is one.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	gateway "github.com/cortexlabs/cortex/pkg/async-gateway"
	"github.com/cortexlabs/cortex/pkg/dequeuer"
	awslib "github.com/cortexlabs/cortex/pkg/lib/aws"
	"github.com/cortexlabs/cortex/pkg/lib/logging"
	"github.com/cortexlabs/cortex/pkg/probe"
	"github.com/gorilla/mux"
	"go.uber.org/zap"
)

const cluster = "bench"

func main() {
	kind := flag.String("run", "gateway", "gateway or dequeuer")
	endpoint := flag.String("endpoint", "", "of the emulator")
	bucket := flag.String("bucket", "", "for payloads and states")
	address := flag.String("address", "", "that the gateway listens on")
	queue := flag.String("queue", "", "URL of the queue that the dequeuer empties")
	api := flag.String("api", "", "name of the API")
	target := flag.String("target", "", "URL of the container")
	workers := flag.Int("workers", 1, "messages at once")
	flag.Parse()
	sess := session.Must(session.NewSession(&aws.Config{Endpoint: endpoint, S3ForcePathStyle: aws.Bool(true)}))
	log := logging.GetLogger()
	var err error
	if *kind == "gateway" {
		calls := gateway.NewEndpoint(gateway.NewService(cluster, gateway.NewS3(sess, *bucket), log, *sess), log)
		router := mux.NewRouter()
		router.HandleFunc("/", calls.CreateWorkload).Methods(http.MethodPost)
		router.HandleFunc("/{id}", calls.GetWorkload).Methods(http.MethodGet)
		err = http.ListenAndServe(*address, router)
	} else {
		err = drain(sess, *bucket, *queue, *api, *target, *workers, log)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func drain(sess *session.Session, bucket, queue, api, target string, workers int, log *zap.SugaredLogger) error {
	client, err := awslib.NewForSession(sess)
	if err != nil {
		return err
	}
	probes := []*probe.Probe{probe.NewDefaultProbe(target, log)}
	handler := dequeuer.NewAsyncMessageHandler(dequeuer.AsyncMessageHandlerConfig{
		ClusterUID: cluster, Bucket: bucket, APIName: api, TargetURL: target,
	}, client, dequeuer.NewAsyncPrometheusStatsReporter(), log)
	d, err := dequeuer.NewSQSDequeuer(dequeuer.SQSDequeuerConfig{Region: client.Region, QueueURL: queue, Workers: workers}, client, log)
	if err != nil {
		return err
	}
	probes[0].StartProbing()
	return d.Start(handler, func() bool { return probe.AreProbesHealthy(probes) })
}
