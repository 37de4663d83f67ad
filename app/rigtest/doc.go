// Package rigtest tests Parley with the devices of a kernel: vivid's cameras and snd-aloop's sound cards, which come and go, are denied,
// and are taken by other programs, as real ones are.
//
// It consists of tests alone, for a machine that is made for them: `make test-devices` starts it in a guest (.ci/rig) as root, and
// each test runs the app as one of the guest's users, "member" of the groups that may use devices, and "outsider". Elsewhere
// the tests are left out.
package rigtest
