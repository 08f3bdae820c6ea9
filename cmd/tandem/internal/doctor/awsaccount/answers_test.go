package awsaccount_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/cloud"
	"tandem/cmd/tandem/internal/doctor"
	"tandem/cmd/tandem/internal/doctor/awsaccount"
)

const emulatorLimit, tick = 30 * time.Second, 50 * time.Millisecond

// answers are what AWS would say to an action, for services that the emulator
// lacks. A body that begins with "!" is an error of that code.
type answers map[string]string

// account asks a server that gives the answers, and shows the bodies it was asked with.
func account(t *testing.T, given answers) (*awsaccount.Account, map[string][]string) {
	t.Helper()
	asked := map[string][]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		body := string(raw)
		form, _ := url.ParseQuery(body)
		action := actionOf(r, form)
		asked[action] = append(asked[action], body)
		answer, known := given[action]
		switch {
		case !known:
			t.Errorf("nobody expected %s", action)
		case strings.HasPrefix(answer, "!"):
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]string{"__type": answer[1:]})
		case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
			w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
			_, _ = w.Write([]byte(answer))
		default:
			_, _ = w.Write([]byte(answer))
		}
	}))
	t.Cleanup(server.Close)
	return awsaccount.New(cloud.FromConfig(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "")})), asked
}

// actionOf finds it in a header, as JSON has it, in the form, as the query
// protocol has it, or at the end of the path, as CBOR has it.
func actionOf(r *http.Request, form url.Values) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:]
	}
	if action := form.Get("Action"); action != "" {
		return action
	}
	return path.Base(r.URL.Path)
}

func TestAQuotaThatWasNeverChangedHasItsDefault(t *testing.T) {
	a, _ := account(t, answers{"GetServiceQuota": `{"Quota": {"Value": 64}}`})
	value, err := a.Quota(t.Context(), "ec2", "L-1")
	require.NoError(t, err)
	require.InDelta(t, 64, value, 0)
	a, _ = account(t, answers{"GetServiceQuota": "!NoSuchResourceException", "GetAWSDefaultServiceQuota": `{"Quota": {"Value": 5}}`})
	value, err = a.Quota(t.Context(), "ec2", "L-1")
	require.NoError(t, err)
	require.InDelta(t, 5, value, 0)
	a, _ = account(t, answers{"GetServiceQuota": "!AccessDeniedException"})
	_, err = a.Quota(t.Context(), "ec2", "L-1")
	require.True(t, cloud.Denied(err), "%v", err)
}

func TestOfferingsAreReadToTheLastPage(t *testing.T) {
	a, asked := account(t, answers{"DescribeInstanceTypeOfferings": `<R><instanceTypeOfferingSet>
		<item><instanceType>g6.xlarge</instanceType><location>us-east-1a</location></item>
		<item><instanceType>g6.xlarge</instanceType><location>us-east-1b</location></item></instanceTypeOfferingSet></R>`})
	offered, err := a.Offerings(t.Context(), []string{"g6.xlarge", "g5.xlarge"})
	require.NoError(t, err)
	require.Equal(t, map[string][]string{"g6.xlarge": {"us-east-1a", "us-east-1b"}}, offered)
	require.Contains(t, asked["DescribeInstanceTypeOfferings"][0], "Filter.1.Value.2=g5.xlarge")
}

func TestTheKeyOfVolumesAndWhoMayUseIt(t *testing.T) {
	for name, test := range map[string]struct {
		answers answers
		key     doctor.VolumeKey
		mayUse  bool
	}{
		"AWS's own": {answers{"GetEbsDefaultKmsKeyId": `<R><kmsKeyId>alias/aws/ebs</kmsKeyId></R>`}, doctor.VolumeKey{ARN: "alias/aws/ebs", Enabled: true}, false},
		"one with a grant": {answers{"GetEbsDefaultKmsKeyId": `<R><kmsKeyId>arn:key</kmsKeyId></R>`,
			"DescribeKey": `{"KeyMetadata": {"KeyId": "k", "Arn": "arn:key", "KeyManager": "CUSTOMER", "Enabled": true}}`,
			"ListGrants":  `{"Grants": [{"GrantId": "g"}]}`}, doctor.VolumeKey{ARN: "arn:key", Customer: true, Enabled: true}, true},
		"one whose policy names the role": {answers{"GetEbsDefaultKmsKeyId": `<R><kmsKeyId>arn:key</kmsKeyId></R>`,
			"DescribeKey":  `{"KeyMetadata": {"KeyId": "k", "Arn": "arn:key", "KeyManager": "CUSTOMER"}}`,
			"ListGrants":   `{"Grants": []}`,
			"GetKeyPolicy": `{"Policy": "{\"Principal\": {\"AWS\": [\"arn:role\"]}}"}`}, doctor.VolumeKey{ARN: "arn:key", Customer: true}, true},
		"one that nobody was let use": {answers{"GetEbsDefaultKmsKeyId": `<R><kmsKeyId>arn:key</kmsKeyId></R>`,
			"DescribeKey":  `{"KeyMetadata": {"KeyId": "k", "Arn": "arn:key", "KeyManager": "CUSTOMER", "Enabled": true}}`,
			"ListGrants":   `{"Grants": []}`,
			"GetKeyPolicy": `{"Policy": "{\"Principal\": {\"AWS\": \"arn:aws:iam::1:root\"}}"}`}, doctor.VolumeKey{ARN: "arn:key", Customer: true, Enabled: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := account(t, test.answers)
			key, err := a.VolumeKey(t.Context())
			require.NoError(t, err)
			require.Equal(t, test.key, key)
			if key.Customer {
				may, err := a.MayUse(t.Context(), key.ARN, "arn:role")
				require.NoError(t, err)
				require.Equal(t, test.mayUse, may)
			}
		})
	}
}

func TestRolesAreFoundOrNot(t *testing.T) {
	a, _ := account(t, answers{"GetRole": `<R><GetRoleResult><Role><Arn>arn:role</Arn></Role></GetRoleResult></R>`})
	arn, err := a.Role(t.Context(), "AWSServiceRoleForEC2Spot")
	require.NoError(t, err)
	require.Equal(t, "arn:role", arn)
}

func TestServicesAreFoundByARNOrName(t *testing.T) {
	a, asked := account(t, answers{"DescribeServices": `{"services": [
		{"serviceArn": "arn:aws:ecs:us-east-1:1:service/c/one", "serviceName": "one", "desiredCount": 2, "runningCount": 1},
		{"serviceArn": "arn:other", "serviceName": "two", "desiredCount": 3}]}`})
	ids := []string{"arn:aws:ecs:us-east-1:1:service/c/one", "two", "3", "4", "5", "6", "7", "8", "9", "10", "11"}
	found, err := a.Services(t.Context(), "c", ids)
	require.NoError(t, err)
	require.Equal(t, []doctor.Service{{ID: ids[0], Desired: 2, Running: 1}, {ID: "two", Desired: 3}}, found)
	require.Len(t, asked["DescribeServices"], 2, "ten a call")
}

func TestScalingActivitiesAreRead(t *testing.T) {
	a, _ := account(t, answers{"DescribeScalingActivities": `<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities>
		<member><StartTime>2026-11-24T12:00:00Z</StartTime><StatusCode>Failed</StatusCode><StatusMessage>VcpuLimitExceeded</StatusMessage></member>
		<member><StartTime>2026-11-24T11:00:00Z</StartTime><StatusCode>Successful</StatusCode></member>
		</Activities></DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>`})
	found, err := a.Activities(t.Context(), "group")
	require.NoError(t, err)
	require.Equal(t, []doctor.Activity{
		{At: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Failed: true, Message: "VcpuLimitExceeded"},
		{At: time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)},
	}, found)
}

func TestCallsAndErrorsOfAFunctionAreSummedUp(t *testing.T) {
	series := func(id string, values ...float64) cbor.Value {
		list := cbor.List{}
		for _, value := range values {
			list = append(list, cbor.Float64(value))
		}
		return cbor.Map{"Id": cbor.String(id), "Values": list}
	}
	a, _ := account(t, answers{"GetMetricData": string(cbor.Encode(cbor.Map{"MetricDataResults": cbor.List{
		series("calls", 40, 20), series("failures", 3),
	}}))})
	calls, failures, err := a.Errors(t.Context(), "sweeper", time.Now())
	require.NoError(t, err)
	require.Equal(t, [2]int{60, 3}, [2]int{calls, failures})
}
