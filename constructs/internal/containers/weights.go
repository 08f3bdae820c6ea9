package containers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/constructs/internal/hostpaths"
	"tandem/runtime/settings"
)

// DefaultWeightsMount is where a container sees its weights.
const DefaultWeightsMount = "/models"

// Weights are model files that are brought onto the host before a container starts.
type Weights struct {
	// URI is an S3 prefix, such as s3://bucket/models/llama-8b/.
	//
	// Required.
	URI string
	// Path at which the container sees them, read-only.
	//
	// Default: /models.
	Path string
}

// FetchProps of [AddFetch].
type FetchProps struct {
	// Weights to fetch.
	Weights Weights
	// Image of the worker, which can fetch.
	Image awsecs.ContainerImage
	// Cache is a folder on the host that hostpaths.User owns.
	Cache string
	// Logging of the container.
	Logging awsecs.LogDriver
	// MemoryMiB that ECS counts when it places the task.
	MemoryMiB int
	// LimitMiB that the container may use.
	LimitMiB int
	// CPU units that ECS counts; 0 counts none.
	CPU int
}

// AddFetch makes a container wait until the host's cache holds its weights, and
// mounts them into it, read-only. The cache has a folder for each URI, so tasks
// of several models share a host and tasks of one model share a download.
func AddFetch(scope constructs.Construct, task awsecs.TaskDefinition, model awsecs.ContainerDefinition, props FetchProps) awsecs.ContainerDefinition {
	folder := path.Join(props.Cache, weightsKey(props.Weights.URI))
	addHostVolume(task, "weights-cache", props.Cache)
	addHostVolume(task, "weights", folder)
	fetch := task.AddContainer(jsii.String("fetch"), &awsecs.ContainerDefinitionOptions{
		Image:                  props.Image,
		Command:                jsii.Strings(settings.WorkerFetch),
		Environment:            Environment(scope, settings.Encode(settings.Fetch{URI: props.Weights.URI, Path: folder})),
		Essential:              jsii.Bool(false),
		Cpu:                    positive(props.CPU),
		MemoryReservationMiB:   jsii.Number(float64(props.MemoryMiB)),
		MemoryLimitMiB:         jsii.Number(float64(props.LimitMiB)),
		User:                   jsii.String(fmt.Sprintf("%[1]d:%[1]d", hostpaths.User)),
		ReadonlyRootFilesystem: jsii.Bool(true),
		LinuxParameters:        Unprivileged(scope, "FetchLinux"),
		DockerSecurityOptions:  jsii.Strings(NoNewPrivileges),
		Logging:                props.Logging,
	})
	fetch.AddMountPoints(Mount("weights-cache", props.Cache, false))
	model.AddMountPoints(Mount("weights", orElse(props.Weights.Path, DefaultWeightsMount), true))
	model.AddContainerDependencies(&awsecs.ContainerDependency{Container: fetch, Condition: awsecs.ContainerDependencyCondition_SUCCESS})
	return fetch
}

// weightsKey names the cache's folder of a URI.
func weightsKey(uri string) string {
	sum := sha256.Sum256([]byte(uri))
	return hex.EncodeToString(sum[:8])
}

func addHostVolume(task awsecs.TaskDefinition, name, source string) {
	task.AddVolume(&awsecs.Volume{Name: &name, Host: &awsecs.Host{SourcePath: &source}})
}

// Mount is a mount point.
func Mount(volume, at string, readOnly bool) *awsecs.MountPoint {
	return &awsecs.MountPoint{SourceVolume: &volume, ContainerPath: &at, ReadOnly: &readOnly}
}

// NoNewPrivileges keeps programs from gaining rights by setuid; Fargate does not know it.
const NoNewPrivileges = "no-new-privileges"

// Unprivileged are Linux parameters without any capability.
func Unprivileged(scope constructs.Construct, id string) awsecs.LinuxParameters {
	parameters := awsecs.NewLinuxParameters(scope, &id, nil)
	parameters.DropCapabilities(awsecs.Capability_ALL)
	return parameters
}

func positive(value int) *float64 {
	if value <= 0 {
		return nil
	}
	return jsii.Number(float64(value))
}

func orElse(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
