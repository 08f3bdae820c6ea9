// Package query calls AWS services of the query protocol, EC2 and IAM, without
// their packages of the SDK. Those would make up half of the time that
// everybody waits at the first 'go run': EC2's alone takes over a minute of
// processor time to compile, for two calls of the doctor's. Signing and
// credentials are the SDK's.
package query

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
)

// Service is a service of the query protocol.
type Service struct {
	// Name by which requests are signed, and that begins the host's name.
	Name string
	// Version of its API.
	Version string
	// Global is whether it has one endpoint for all regions of a partition.
	Global bool
}

// Call asks a service and decodes its answer, which must be XML. Errors that
// the service answers are smithy.APIErrors.
func Call(ctx context.Context, config aws.Config, service Service, action string, parameters url.Values, answer any) error {
	endpoint, region := service.endpoint(config.Region)
	if config.BaseEndpoint != nil {
		endpoint = *config.BaseEndpoint
	}
	form := url.Values{"Action": {action}, "Version": {service.Version}}
	for name, values := range parameters {
		form[name] = values
	}
	request, err := sign(ctx, config, service.Name, region, endpoint, form.Encode())
	if err != nil {
		return fmt.Errorf("calling %s of %s: %w", action, service.Name, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("calling %s of %s: %w", action, service.Name, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("reading the answer of %s to %s: %w", service.Name, action, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("calling %s of %s: %w", action, service.Name, refused(response.StatusCode, body))
	}
	if err := xml.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("reading the answer of %s to %s: %w", service.Name, action, err)
	}
	return nil
}

// endpoint is where a service is reached from a region, and the region that
// its requests are signed for
// (https://docs.aws.amazon.com/general/latest/gr/iam-service.html, 2026-11-24).
func (s Service) endpoint(region string) (at, signed string) {
	suffix := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		suffix = "amazonaws.com.cn"
	}
	if !s.Global {
		return "https://" + s.Name + "." + region + "." + suffix, region
	}
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "https://" + s.Name + ".cn-north-1." + suffix, "cn-north-1"
	case strings.HasPrefix(region, "us-gov-"):
		return "https://" + s.Name + ".us-gov." + suffix, "us-gov-west-1"
	default:
		return "https://" + s.Name + "." + suffix, "us-east-1"
	}
}

func sign(ctx context.Context, config aws.Config, service, region, endpoint, form string) (*http.Request, error) {
	credentials, err := config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(endpoint, "/")+"/", bytes.NewReader([]byte(form)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	sum := sha256.Sum256([]byte(form))
	return request, v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), service, region, time.Now())
}

// refused reads the error that EC2 or IAM answered.
func refused(status int, body []byte) error {
	type told struct {
		Code    string
		Message string
	}
	var ec2 struct {
		Errors []told `xml:"Errors>Error"`
	}
	var iam struct{ Error told }
	failure := told{Code: fmt.Sprint(status), Message: http.StatusText(status)}
	if xml.Unmarshal(body, &ec2) == nil && len(ec2.Errors) > 0 {
		failure = ec2.Errors[0]
	} else if xml.Unmarshal(body, &iam) == nil && iam.Error.Code != "" {
		failure = iam.Error
	}
	return &smithy.GenericAPIError{Code: failure.Code, Message: failure.Message}
}
