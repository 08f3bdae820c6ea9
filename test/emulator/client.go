package emulator

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// The emulator checks no signature, so any key will do; this one is nobody's.
const accessKey, secretKey = "test", "test"

// Endpoint is the base URL of every service. It names the IP address, with
// which S3 clients put the bucket into the path.
func (e *Emulator) Endpoint() string {
	return "http://127.0.0.1:" + strconv.Itoa(e.options.Port)
}

// Region is where everything is.
func (e *Emulator) Region() string { return e.options.Region }

// Account is whose everything is, 12 digits.
func (e *Emulator) Account() string { return e.options.Account }

// Config is what clients of the AWS SDK are made from.
func (e *Emulator) Config() aws.Config {
	return aws.Config{
		Region:       e.options.Region,
		BaseEndpoint: aws.String(e.Endpoint()),
		Credentials:  credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
	}
}

// Environ is what points a process at the emulator, in the form of [os.Environ].
// A process that gets nothing else of AWS's can reach nothing else of AWS.
func (e *Emulator) Environ() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + e.Endpoint(),
		"AWS_REGION=" + e.options.Region,
		"AWS_DEFAULT_REGION=" + e.options.Region,
		"AWS_ACCESS_KEY_ID=" + accessKey,
		"AWS_SECRET_ACCESS_KEY=" + secretKey,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
}

// LogFile is where the emulator, and the functions that it runs, write to.
func (e *Emulator) LogFile() string { return filepath.Join(e.options.Folder, "ministack.log") }

// LogTail returns the last lines of the log, for a failed test to show.
func (e *Emulator) LogTail(lines int) string {
	file, err := os.Open(e.LogFile())
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	var tail []string
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		tail = append(tail, scanner.Text())
		if len(tail) > lines {
			tail = tail[1:]
		}
	}
	return strings.Join(tail, "\n")
}
