// Counter is a job for the chain's tests: it counts to a number, a tick each
// 100 ms, and goes on from its checkpoint where it has been stopped.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const last = 60

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	resumed := 0
	if status, body := call(http.MethodGet, "/checkpoint", nil); status == http.StatusOK {
		resumed, _ = strconv.Atoi(string(body))
	}
	for count := resumed; count < last; count++ {
		select {
		case <-stop:
			if status, body := call(http.MethodPut, "/checkpoint", []byte(strconv.Itoa(count))); status >= 300 {
				fmt.Fprintln(os.Stderr, "checkpoint refused:", status, string(body))
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
		call(http.MethodPut, "/progress", fmt.Appendf(nil, `{"percent":%d}`, 100*count/last))
	}
	fmt.Printf(`{"resumedAt":%d,"count":%d}`, resumed, last)
}

func call(method, path string, body []byte) (int, []byte) {
	request, err := http.NewRequest(method, os.Getenv("TANDEM_API")+path, bytes.NewReader(body)) //nolint:noctx // a command that is stopped by a signal
	if err != nil {
		return 0, []byte(err.Error())
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	return response.StatusCode, answer
}
