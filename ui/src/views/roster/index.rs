//! Which lines the tree has, recomputed when the fleet or the filter changes.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use archipel_fleet::{Fleet, Group, Hypervisor, VmRef};
use archipel_protocol::HypervisorId;

use crate::{
    command::Step,
    filter::Filter,
    subject::{GroupName, Subject},
    widgets::rows::Rows,
};

/// Hypervisors up to which all of them are open at the start.
const OPEN_UP_TO: u32 = 4;

/// A line of the tree. One hypervisor in two groups has two lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub(crate) group: GroupName,
    pub(crate) subject: Subject,
}

/// The tree.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    pub(crate) rows: Rows<Node>,
    pub(crate) filter: Filter,
    /// Whether the operator has moved the cursor; until then it stays on the first hypervisor.
    pub(crate) moved: bool,
    /// What the operator opened or closed.
    folds: HashMap<Node, bool>,
    /// Whether groups have lines: only where there is one.
    pub(super) grouped: bool,
    pub(super) groups: HashMap<GroupName, GroupCounts>,
}

/// The hypervisors of a group.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GroupCounts {
    pub(super) online: usize,
    pub(super) all: usize,
}

impl Roster {
    /// What the cursor is on.
    pub(crate) fn subject(&self) -> Subject {
        self.rows
            .cursor()
            .map_or(Subject::Fleet, |node| node.subject.clone())
    }

    pub(crate) fn step(&mut self, step: Step) {
        self.moved = true;
        self.rows.step(step);
    }

    /// Computes the lines anew.
    pub(crate) fn rebuild(&mut self, fleet: &Fleet) {
        let groups = fleet.groups();
        self.grouped = groups.iter().any(|group| group.name.is_some());
        self.count(&groups);
        let passing = Passing::of(&self.filter, fleet);
        let mut lines = Vec::new();
        for group in groups {
            let name: GroupName = group.name.map(Arc::from);
            self.add_group(fleet, (&name, &group.hypervisors), &passing, &mut lines);
        }
        self.rows.replace(lines);
        let first = self
            .rows
            .keys()
            .iter()
            .position(|node| matches!(node.subject, Subject::Host(_)));
        if let Some(first) = first.filter(|_| !self.moved) {
            self.rows.go_to(first);
        }
    }

    /// Counts anew who is there, where the lines are the same.
    pub(crate) fn recount(&mut self, fleet: &Fleet) {
        self.count(&fleet.groups());
    }

    fn count(&mut self, groups: &[Group<'_>]) {
        let counts = groups.iter().map(|group| {
            let hosts = group.hypervisors.iter();
            let counts = GroupCounts {
                online: hosts.filter(|host| host.reach.is_online()).count(),
                all: group.hypervisors.len(),
            };
            (group.name.map(Arc::from), counts)
        });
        self.groups = counts.collect();
    }

    fn add_group(
        &self,
        fleet: &Fleet,
        (name, hosts): (&GroupName, &[&Hypervisor]),
        passing: &Passing,
        lines: &mut Vec<Node>,
    ) {
        let node = Node {
            group: name.clone(),
            subject: Subject::Group(name.clone()),
        };
        let open = !self.grouped || self.is_open(fleet, &node);
        let at = lines.len();
        if open || !self.filter.is_empty() {
            for host in hosts {
                self.add_host(fleet, (name, host), passing, lines);
            }
        }
        if self.grouped && (self.filter.is_empty() || lines.len() > at) {
            lines.insert(at, node);
        }
    }

    fn add_host(
        &self,
        fleet: &Fleet,
        (group, host): (&GroupName, &Hypervisor),
        passing: &Passing,
        lines: &mut Vec<Node>,
    ) {
        let node = Node {
            group: group.clone(),
            subject: Subject::Host(host.id.clone()),
        };
        let whole = passing.host(&host.id);
        let open = self.is_open(fleet, &node);
        let at = lines.len();
        // A closed one is not looked into: there are thousands.
        if open || !whole {
            let vms = fleet
                .vms_of(&host.id)
                .filter(|vm| whole || passing.vm(&vm.at));
            lines.extend(vms.map(|vm| Node {
                group: group.clone(),
                subject: Subject::Vm(vm.at.clone()),
            }));
        }
        if whole || lines.len() > at {
            lines.insert(at, node);
        }
    }

    /// Whether what is inside `node` is shown.
    pub(super) fn is_open(&self, fleet: &Fleet, node: &Node) -> bool {
        let default = match node.subject {
            Subject::Group(_) => true,
            _ => fleet.counts().hypervisors <= OPEN_UP_TO,
        };
        self.folds.get(node).copied().unwrap_or(default)
    }

    /// Opens the line under the cursor; the answer says whether it was closed.
    pub(crate) fn expand(&mut self, fleet: &Fleet) -> bool {
        self.moved = true;
        let Some(node) = self.rows.cursor().cloned() else {
            return false;
        };
        if matches!(node.subject, Subject::Vm(_)) || self.is_open(fleet, &node) {
            return false;
        }
        self.fold(fleet, node, true);
        true
    }

    /// Closes the line under the cursor; where it is closed or a machine, goes to its parent.
    pub(crate) fn collapse(&mut self, fleet: &Fleet) {
        self.moved = true;
        let Some(node) = self.rows.cursor().cloned() else {
            return;
        };
        let closes = !matches!(node.subject, Subject::Vm(_)) && self.is_open(fleet, &node);
        if closes {
            self.fold(fleet, node, false);
        } else if let Some(parent) = parent(&node) {
            self.rows.select(&parent);
        }
    }

    /// Opens or closes the line under the cursor.
    pub(crate) fn toggle(&mut self, fleet: &Fleet) {
        if let Some(node) = self.rows.cursor().cloned() {
            let open = self.is_open(fleet, &node);
            self.fold(fleet, node, !open);
        }
    }

    fn fold(&mut self, fleet: &Fleet, node: Node, open: bool) {
        self.moved = true;
        self.folds.insert(node, open);
        self.rebuild(fleet);
    }

    /// Puts the cursor on `subject`, opening what it is in and clearing a filter that hides it.
    pub(crate) fn reveal(&mut self, fleet: &Fleet, subject: &Subject) -> bool {
        self.moved = true;
        if self.select(subject) {
            return true;
        }
        self.filter = Filter::default();
        let Some(host) = subject.host().and_then(|id| fleet.hypervisor(id)) else {
            self.rebuild(fleet);
            return self.select(subject);
        };
        let group: GroupName = host.groups.first().map(|name| Arc::from(name.as_str()));
        self.folds.insert(
            Node {
                group: group.clone(),
                subject: Subject::Group(group.clone()),
            },
            true,
        );
        if matches!(subject, Subject::Vm(_)) {
            self.folds.insert(
                Node {
                    group,
                    subject: Subject::Host(host.id.clone()),
                },
                true,
            );
        }
        self.rebuild(fleet);
        self.select(subject)
    }

    fn select(&mut self, subject: &Subject) -> bool {
        if self.subject() == *subject {
            return true;
        }
        let found = self
            .rows
            .keys()
            .iter()
            .find(|node| node.subject == *subject)
            .cloned();
        found.is_some_and(|node| self.rows.select(&node))
    }

    /// Forgets the folds of what is gone.
    pub(crate) fn prune(&mut self, fleet: &Fleet) {
        let known: HashSet<_> = fleet.hypervisors().map(|host| &host.id).collect();
        self.folds
            .retain(|node, _| node.subject.host().is_none_or(|id| known.contains(id)));
    }
}

/// What passes the filter, as of now; `None`: all.
struct Passing {
    vms: Option<HashSet<VmRef>>,
    hosts: Option<HashSet<HypervisorId>>,
}

impl Passing {
    fn of(filter: &Filter, fleet: &Fleet) -> Self {
        Self {
            vms: filter.vms(fleet).map(HashSet::from_iter),
            hosts: filter.hosts(fleet),
        }
    }

    fn vm(&self, vm: &VmRef) -> bool {
        self.vms.as_ref().is_none_or(|vms| vms.contains(vm))
    }

    fn host(&self, host: &HypervisorId) -> bool {
        self.hosts.as_ref().is_none_or(|hosts| hosts.contains(host))
    }
}

fn parent(node: &Node) -> Option<Node> {
    let subject = match &node.subject {
        Subject::Vm(vm) => Subject::Host(vm.hypervisor.clone()),
        Subject::Host(_) => Subject::Group(node.group.clone()),
        Subject::Group(_) | Subject::Fleet => return None,
    };
    Some(Node {
        group: node.group.clone(),
        subject,
    })
}
