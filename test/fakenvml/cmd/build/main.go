// Command build makes the fake NVML library and prints its path.
package main

import (
	"context"
	"fmt"
	"os"

	"tandem/test/fakenvml"
)

func main() {
	library, err := fakenvml.Build(context.Background(), os.Args[1:]...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(library)
}
