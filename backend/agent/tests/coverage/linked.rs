//! A linked copy through the bus, on QEMU: what it builds on is what another program than libvirt says, and its first is kept from harm.

use std::{fs, process::Command};

use archipel_lab::{Driver, ServerKind, skip, until};
use archipel_protocol::{Element, Failure, Iq, IqKind};

use crate::{
    row::Combination,
    world::{PATIENCE, World, lacking},
};

const CONTROL: &str = "archipel:hypervisor:control";

struct Linked(World);

impl Linked {
    async fn ask(&self, action: &str, said: &str) -> Result<Iq, Failure> {
        let text = format!("<query xmlns='{CONTROL}'><archipel action='{action}' {said}/></query>");
        self.send(&text).await
    }

    /// Asks for a change of a machine through its hypervisor.
    async fn change(&self, vm: &str, action: &str) -> Result<Iq, Failure> {
        let text = format!(
            "<query xmlns='archipel:vm:control'><archipel action='{action}' vm='{vm}'/></query>"
        );
        self.send(&text).await
    }

    async fn send(&self, text: &str) -> Result<Iq, Failure> {
        let payload: Element = self.0.fill(text).parse().unwrap();
        let host = self.0.host();
        let answer = self.0.ask("admin", IqKind::Set, &host, payload).await;
        let answer = answer.unwrap();
        match answer.kind {
            IqKind::Result => Ok(answer),
            _ => Err(Failure::parse(&answer)),
        }
    }

    async fn virsh(&self, command: &str) -> String {
        self.0.virsh(command).await.unwrap().trim().to_owned()
    }

    /// The file of a machine's disk `vda`.
    async fn disk(&self, name: &str) -> String {
        let list = self.virsh(&format!("domblklist {name}")).await;
        let line = list.lines().find(|line| line.trim().starts_with("vda"));
        let file = line.and_then(|line| line.split_whitespace().nth(1));
        file.unwrap_or_else(|| panic!("{list}")).to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_linked_copy_through_the_bus_builds_on_its_first() {
    let on = Combination {
        server: ServerKind::Prosody,
        driver: Driver::Qemu,
    };
    if let Some(reason) = lacking(on) {
        return skip("a linked copy through the bus", &reason);
    }
    let linked = Linked(World::start(on).await.unwrap());
    let one = linked.0.fill("{one}");
    linked
        .virsh("pool-create-as images dir --target {images}")
        .await;
    let first = linked.disk(&one).await;
    linked
        .ask("clone", "jid='{one}@{dc}' name='leaf' copy='linked'")
        .await
        .unwrap();
    let leaf = linked.virsh("domuuid leaf").await;
    let file = linked.disk("leaf").await;
    assert!(file.contains(&leaf), "{file}");
    let told = Command::new("qemu-img")
        .args(["info", &file])
        .output()
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains(&format!("backing file: {first}")), "{told}");

    for (vm, action) in [(&one, "create"), (&one, "free")] {
        let refused = linked.change(vm, action).await.unwrap_err();
        assert!(refused.text.contains("`leaf`"), "{action}: {refused}");
    }
    linked.change(&leaf, "create").await.unwrap();
    let state = async || {
        let state = linked.virsh("domstate leaf").await;
        (state == "running").then_some(())
    };
    until("the copy to run", PATIENCE, state).await.unwrap();
    linked
        .ask("free", &format!("jid='{leaf}@{{dc}}' disks='delete'"))
        .await
        .unwrap();
    assert!(!fs::exists(&file).unwrap() && fs::exists(&first).unwrap());
    linked.change(&one, "create").await.unwrap();
    assert_eq!(linked.virsh(&format!("domstate {one}")).await, "running");
}
