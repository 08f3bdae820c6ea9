// Package settings holds the environment variables between a construct and
// the program that it deploys: one struct a program. It is the only place
// where a variable's name is written. The construct fills the struct, whose
// strings may be CDK tokens, and hands [Encode]'s map to the function or the
// container; the program calls [Load] with the same struct and stops at start,
// naming the variable, when one is missing.
//
// What the values mean for a program, and how they are chosen, is not decided
// here.
package settings
