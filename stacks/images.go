package stacks

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"tandem/config"
)

// image turns the configuration's image into one that a task can name. Every
// image is linux/amd64: no NVIDIA GPU instance that is offered here has another
// processor.
func (p *Props) image(scope constructs.Construct, id string, image config.Image) awsecs.ContainerImage {
	if image.URI == "" {
		return builtImage(scope, id, p.path(image.Build), "Dockerfile", image, nil)
	}
	if private := privateRegistry.FindStringSubmatch(image.URI); private != nil {
		return ecrImage(scope, id, private)
	}
	return awsecs.ContainerImage_FromRegistry(&image.URI, nil)
}

// ownImage is one of this project's programs, built from the module's root with
// the Go sources of the packages that it imports and no others: its hash changes,
// and with it what runs for hours, only when the program does. Beside the
// Dockerfile lies the list, in the file that docker itself reads for it.
func (p *Props) ownImage(scope constructs.Construct, id, dockerfile string) awsecs.ContainerImage {
	image := config.Image{}
	if p.Version != "" {
		image.Args = map[string]string{"VERSION": p.Version}
	}
	ignored, err := os.ReadFile(p.path(dockerfile + ".dockerignore"))
	if err != nil {
		panic(fmt.Sprintf("%s/%s: reading what its build context leaves out: %v", *scope.Node().Path(), id, err))
	}
	return builtImage(scope, id, p.Root, dockerfile, image, jsii.Strings(ignorePatterns(string(ignored))...))
}

// ignorePatterns are the lines of a .dockerignore that are not comments.
func ignorePatterns(text string) []string {
	var patterns []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			patterns = append(patterns, line)
		}
	}
	return patterns
}

func builtImage(scope constructs.Construct, id, folder, dockerfile string, image config.Image, exclude *[]*string) awsecs.ContainerImage {
	options := &awsecrassets.DockerImageAssetProps{
		Directory: &folder,
		File:      &dockerfile,
		Platform:  awsecrassets.Platform_LINUX_AMD64(),
		Exclude:   exclude,
		// How docker reads a .dockerignore: the last pattern that matches wins.
		IgnoreMode: awscdk.IgnoreMode_DOCKER,
	}
	if image.Target != "" {
		options.Target = &image.Target
	}
	if len(image.Args) > 0 {
		arguments := map[string]*string{}
		for name, value := range image.Args {
			arguments[name] = jsii.String(value)
		}
		options.BuildArgs = &arguments
	}
	return awsecs.ContainerImage_FromDockerImageAsset(awsecrassets.NewDockerImageAsset(scope, &id, options))
}

// privateRegistry matches ACCOUNT.dkr.ecr.REGION.SUFFIX/NAME:TAG or @DIGEST.
var privateRegistry = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+/([^:@]+)(?::([^@]+)|@(.+))?$`)

// ecrImage lets the task's execution role pull from exactly that repository.
func ecrImage(scope constructs.Construct, id string, parts []string) awsecs.ContainerImage {
	account, region, name, tag := parts[1], parts[2], parts[3], parts[4]
	if parts[5] != "" {
		tag = parts[5]
	}
	if tag == "" {
		tag = "latest"
	}
	partition := "aws"
	if strings.HasPrefix(region, "cn-") {
		partition = "aws-cn"
	}
	repository := awsecr.Repository_FromRepositoryAttributes(scope, &id, &awsecr.RepositoryAttributes{
		RepositoryArn:  jsii.String(fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", partition, region, account, name)),
		RepositoryName: &name,
	})
	return awsecs.ContainerImage_FromEcrRepository(repository, &tag)
}
