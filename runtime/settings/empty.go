package settings

// EmptyRequest is what the custom resource that empties Auto Scaling groups
// hands to its function, as ResourceProperties of CloudFormation's event.
//
// On create and update the function suspends SuspendProcesses in all groups, as
// CloudFormation has no property for that. On delete it turns off the capacity
// providers' managed scaling and protection, takes the instances' protection and
// the groups' lifecycle hooks away, sets the groups to zero, drains the
// instances, stops tasks that outlast [EmptyGroups.Limit], and answers when the
// groups are empty. A group that is gone already is empty.
type EmptyRequest struct {
	// Cluster is the name of the ECS cluster.
	Cluster string `json:"Cluster"`
	// AutoScalingGroups by name.
	AutoScalingGroups []string `json:"AutoScalingGroups"`
	// CapacityProviders on those groups, by name.
	CapacityProviders []string `json:"CapacityProviders"`
	// SuspendProcesses of Auto Scaling, such as AZRebalance.
	SuspendProcesses []string `json:"SuspendProcesses"`
}
