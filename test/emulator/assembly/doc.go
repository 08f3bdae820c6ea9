// Package assembly changes a synthesised cloud assembly (cdk.out) so that the
// AWS emulator can take it, and says what it changed:
//
//   - resources of types that the emulator lacks are left out, and so is what
//     cannot live without them;
//   - API Gateway integrations that stream are made buffered ones, with a shim
//     before the functions that answer in a stream;
//   - container images are not published, as there may be no Docker engine;
//   - functions built for another processor are built again for this one.
//
// Nothing else is touched. Starting the emulator and deploying to it are left
// to the packages around this one.
package assembly
