// Package synth turns an environment's name into cdk.out: it reads the
// configuration, builds the stacks, writes the templates, and then checks what
// was written. Its error decides the program's exit status, with or without
// the CDK's command line around it.
package synth
