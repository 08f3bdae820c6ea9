// Package constructstest is what the tests of constructs share: one jsii
// kernel for a test binary, stacks with the feature flags of cdk.json, and
// synthesised templates as plain Go values. It asserts nothing about any
// construct; that is left to the construct's own tests.
//
// A test package has, once:
//
//	func TestMain(m *testing.M) { constructstest.Main(m) }
package constructstest
