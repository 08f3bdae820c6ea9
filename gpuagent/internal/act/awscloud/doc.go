// Package awscloud acts on ECS and on EC2 Auto Scaling. It makes four calls, which
// constructs/healthagent grants for one cluster and its groups.
package awscloud
