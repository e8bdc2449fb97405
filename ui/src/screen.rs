//! The screens and tabs that there are.

/// What fills the space between the first and the last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The roster, and the detail of what is under its cursor.
    Fleet,
    /// All machines.
    Vms,
    /// All hypervisors.
    Hypervisors,
    /// Every message so far.
    Messages,
    /// What was carried out.
    Tasks,
    /// The agents' logs.
    Events,
}

/// A side of the detail pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tab {
    /// A hypervisor's figures.
    Health,
    /// The hypervisors of a group.
    Hypervisors,
    /// The machines of a hypervisor or a group.
    Vms,
    /// A hypervisor's log.
    Log,
    /// A machine's state and figures.
    Overview,
    /// A machine's definition.
    Definition,
    /// What a machine's next start will change.
    Pending,
    /// What was written about a machine.
    History,
    /// What a machine's screen shows.
    Picture,
    /// What may be done with a machine, and why.
    Access,
}

impl Tab {
    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Health => "Health",
            Self::Hypervisors => "Hypervisors",
            Self::Vms => "VMs",
            Self::Log => "Log",
            Self::Overview => "Overview",
            Self::Definition => "Definition",
            Self::Pending => "Pending",
            Self::History => "History",
            Self::Picture => "Screen",
            Self::Access => "Access",
        }
    }
}
