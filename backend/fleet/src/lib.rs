//! The operator's model of the fleet: inventory, changes, plans.
