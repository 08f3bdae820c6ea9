package fleetreport

import (
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"strings"
)

// Owner is who holds a lease: the task, its revision, and marks of the family
// and of the service that it belongs to, of which ECS tells the service only to
// tasks on EC2. It has 56 characters at most, as a task's id has 32.
type Owner struct {
	Task            string
	Revision        int
	Family, Service string
}

// Mark is a short name for a long one, equal for equal names: 8 hexadecimal
// digits, and "" for "".
func Mark(name string) string {
	if name == "" {
		return ""
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name))
	return hex.EncodeToString(hash.Sum(nil))
}

// String renders what [ParseOwner] reads.
func (o Owner) String() string {
	return o.Task + "/" + strconv.Itoa(o.Revision) + "/" + o.Family + "/" + o.Service
}

// ParseOwner reads an owner; what is missing stays empty.
func ParseOwner(owner string) Owner {
	parts := append(strings.SplitN(owner, "/", 4), "", "", "")
	revision, _ := strconv.Atoi(parts[1])
	return Owner{Task: parts[0], Revision: revision, Family: parts[2], Service: parts[3]}
}
