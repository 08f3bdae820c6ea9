package wire

import (
	"net/http"
	"strconv"
)

// answer is what AWS says.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func jsonAnswer(status int, body string) answer {
	return answer{status: status, body: []byte(body), header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}}
}

func (a answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if w.Header().Get("Content-Length") == "" { // that of an answer to HEAD is not its own
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// throttled is how each service says that there are too many calls
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html,
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html,
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, 2026-11-24).
func throttled(c Call, rare bool) answer {
	switch {
	case c.Operation == "TransactWriteItems" && rare:
		return jsonAnswer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",`+
			`"Message":"Transaction cancelled, please refer cancellation reasons for specific reasons [ThrottlingError, None]",`+
			`"CancellationReasons":[{"Code":"ThrottlingError","Message":"Throughput exceeds the current capacity"},{"Code":"None"}]}`)
	case c.Service == DynamoDB && rare:
		return jsonAnswer(400, `{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}`)
	case c.Service == DynamoDB:
		return jsonAnswer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",`+
			`"message":"The level of configured provisioned throughput for the table was exceeded"}`)
	case c.Service == SQS:
		a := jsonAnswer(403, `{"__type":"com.amazonaws.sqs#RequestThrottled","message":"Request is throttled."}`)
		a.header.Set("X-Amzn-Query-Error", "RequestThrottled;Sender")
		return a
	default:
		return xmlError(503, "SlowDown", "Please reduce your request rate.")
	}
}

// failing is how each service says that it failed.
func failing(c Call, rare bool) answer {
	switch {
	case rare: // what stands before a service, and knows nothing of it
		return answer{status: 503, header: http.Header{"Content-Type": {"text/html"}}, body: []byte("<html><body>Service Unavailable</body></html>")}
	case c.Service == DynamoDB:
		return jsonAnswer(500, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Internal server error"}`)
	case c.Service == SQS:
		return jsonAnswer(500, `{"__type":"com.amazonaws.sqs#InternalFailure","message":"We encountered an internal error. Please try again."}`)
	default:
		return xmlError(500, "InternalError", "We encountered an internal error. Please try again.")
	}
}

func xmlError(status int, code, message string) answer {
	return answer{status: status, header: http.Header{"Content-Type": {"application/xml"}},
		body: []byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>` + code + `</Code><Message>` + message + `</Message><RequestId>0</RequestId></Error>`)}
}
