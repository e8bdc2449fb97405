//! Facts about the host itself, read aside: the first look at QEMU's abilities takes libvirt many seconds on a busy host, and the
//! machines must not wait for it.

use std::{sync::Arc, time::Duration};

use archipel_hypervisor::{Driver, Node};
use tokio::sync::Semaphore;

use super::{Done, Host, libvirt::Complaint};
use crate::calls::CallError;

/// How long libvirt may take.
const DEADLINE: Duration = Duration::from_mins(1);

/// How the reading of these facts stands.
#[derive(Debug)]
pub(super) struct Facts {
    unread: Complaint,
    /// Held by the one call that reads, for as long as it blocks.
    reader: Arc<Semaphore>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            unread: Complaint::default(),
            reader: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Host {
    /// Reads them anew, unless an earlier reading still hangs in libvirt.
    pub(super) fn read_node(&mut self) {
        let Ok(alone) = self.facts.reader.clone().try_acquire_owned() else {
            return;
        };
        let calls = self.tools.calls.clone();
        self.jobs.spawn(async move {
            let read = move |driver: &dyn Driver| {
                let _alone = alone;
                driver.node()
            };
            Done::Node(Box::new(calls.read_within(DEADLINE, read).await))
        });
    }

    /// What was read, or why not. That libvirt is out of reach others find out sooner.
    pub(super) fn node_read(&mut self, node: Result<Node, CallError>) {
        match node {
            Ok(node) => {
                self.facts.unread.forget();
                self.take_node(node);
            }
            Err(error) if error.is_outage() => {}
            Err(error) => self
                .facts
                .unread
                .say("the host's facts cannot be read", &error),
        }
    }

    fn take_node(&mut self, node: Node) {
        if self.state.node == node {
            return;
        }
        let on_cards = |node: &Node| (node.driver.clone(), node.hostname.clone());
        let other_cards = on_cards(&self.state.node) != on_cards(&node);
        self.state.node = node;
        self.feed.host_changed();
        if other_cards {
            self.check_card();
            self.follow_machines();
        }
    }
}
