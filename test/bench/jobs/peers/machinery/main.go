// Command machinery submits tasks with machinery v2 (SQS broker, DynamoDB
// backend), its own code and nothing of ours, and prints how many it submitted
// a second. make bench-jobs runs it beside our own submit.
package main

import (
	"flag"
	"fmt"
	"io"
	stdlog "log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/RichardKnop/machinery/v2"
	backend "github.com/RichardKnop/machinery/v2/backends/dynamodb"
	broker "github.com/RichardKnop/machinery/v2/brokers/sqs"
	"github.com/RichardKnop/machinery/v2/config"
	"github.com/RichardKnop/machinery/v2/locks/eager"
	"github.com/RichardKnop/machinery/v2/log"
	"github.com/RichardKnop/machinery/v2/tasks"
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	"github.com/aws/aws-sdk-go/service/sqs"
)

// The clients of its own SDK keep two idle connections a host: it is given as
// many as it has clients, or else it would mostly be measured connecting.
func main() {
	endpoint := flag.String("endpoint", "", "of the emulator")
	queues := flag.String("queues", "", "URL of the queues, without the name")
	queue := flag.String("queue", "", "name of the queue")
	states := flag.String("states", "", "table of task states")
	groups := flag.String("groups", "", "table of group metas")
	input := flag.String("input", "", "argument of the task")
	clients := flag.Int("clients", 8, "goroutines that submit")
	count := flag.Int("tasks", 1000, "tasks to submit")
	flag.Parse()
	log.Set(stdlog.New(io.Discard, "", 0))
	sess := session.Must(session.NewSession(&aws.Config{Endpoint: endpoint, HTTPClient: client(*clients)}))
	settings := &config.Config{
		Broker: *queues, DefaultQueue: *queue, ResultsExpireIn: 3600,
		SQS:      &config.SQSConfig{Client: sqs.New(sess)},
		DynamoDB: &config.DynamoDBConfig{Client: dynamodb.New(sess), TaskStatesTable: *states, GroupMetasTable: *groups},
	}
	server := machinery.NewServer(settings, broker.New(settings), backend.New(settings), eager.New())
	var left atomic.Int64
	left.Store(int64(*count))
	var group sync.WaitGroup
	began := time.Now()
	for range *clients {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				_, err := server.SendTask(&tasks.Signature{Name: "analyse", Args: []tasks.Arg{{Type: "string", Value: *input}}})
				if err != nil {
					fmt.Fprintln(os.Stderr, "submitting:", err)
					os.Exit(1)
				}
			}
		})
	}
	group.Wait()
	fmt.Printf("%.1f\n", float64(*count)/time.Since(began).Seconds())
}
