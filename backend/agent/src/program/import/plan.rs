//! What the original's files come to.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use archipel_config::Secret;
use archipel_language::{
    Permission,
    permission::{self, Place},
};
use archipel_protocol::{BareJid, VmId, text::clean_line};

use super::{
    conf::Conf,
    databases::{self, Row},
};
use crate::access::Grant;

/// Characters of a name that is repeated.
const SHOWN: usize = 60;

const NO: &[&str] = &["0", "no", "false", "off"];
const YES: &[&str] = &["1", "yes", "true", "on"];

/// Settings of the original that this agent does not have: where they stand, what they usually say, and what decides here.
const ELSEWHERE: &[(&str, &str, &[&str], &str)] = &[
    (
        "VIRTUALMACHINE",
        "disable_screenshot",
        NO,
        "disable_screenshot: here nobody takes pictures of screens without the permission `screenshot`",
    ),
    (
        "VIRTUALMACHINE",
        "enable_block_device_access",
        YES,
        "enable_block_device_access: here only holders of `all` may give a machine a block device",
    ),
    (
        "VIRTUALMACHINE",
        "allow_blank_space_in_vm_name",
        YES,
        "allow_blank_space_in_vm_name: here names may hold blanks",
    ),
    (
        "GLOBAL",
        "machine_ip",
        &["auto", "gateway_interface"],
        "machine_ip: here the address is that of the host's route to others",
    ),
    (
        "GLOBAL",
        "migration_uri",
        &[],
        "migration_uri: here `migrationinfo` tells libvirt_uri with the host's address in it",
    ),
    (
        "GLOBAL",
        "stateless_node",
        NO,
        "stateless_node: here a host without a disk needs a state folder that outlives it",
    ),
];

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) id: VmId,
    pub(super) name: String,
}

/// What is to be imported.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) machines: Vec<Machine>,
    /// Of the hypervisor and of machines.
    pub(super) secrets: BTreeMap<BareJid, Secret>,
    pub(super) grants: BTreeSet<Grant>,
    pub(super) admins: BTreeSet<BareJid>,
    pub(super) libvirt: Option<String>,
    /// Where machines' files lie, as `machine_folders` says it.
    pub(super) folder: Option<String>,
    /// What was set and is decided otherwise here.
    pub(super) settings: Vec<&'static str>,
    /// What is left out, and why.
    pub(super) remarks: BTreeSet<String>,
}

impl Plan {
    /// Reads everything that `conf` names. `account` is the hypervisor's here.
    pub(super) fn of(conf: &Conf, account: &BareJid, host_wide: bool) -> Result<Self, String> {
        let mut plan = Self {
            libvirt: conf.get("GLOBAL", "libvirt_uri")?,
            folder: conf
                .get("VIRTUALMACHINE", "vm_base_path")?
                .map(|base| folder_of(&base)),
            ..Self::default()
        };
        plan.take_settings(conf)?;
        plan.take_admins(conf)?;
        plan.take_account(conf, account)?;
        for row in databases::machines(&needed(conf, "HYPERVISOR", "hypervisor_database_path")?)? {
            plan.take_machine(row, account);
        }
        plan.take_host_grants(conf, host_wide)?;
        plan.take_machine_grants(conf)?;
        Ok(plan)
    }

    fn take_admins(&mut self, conf: &Conf) -> Result<(), String> {
        let admins = conf
            .get("GLOBAL", "archipel_root_admins")?
            .unwrap_or_default();
        for text in admins.split_whitespace() {
            match person(text) {
                Some(jid) => drop(self.admins.insert(jid)),
                None => self.remark(format!("root admin `{}`: no address", shown(text))),
            }
        }
        Ok(())
    }

    fn take_settings(&mut self, conf: &Conf) -> Result<(), String> {
        for (section, option, usual, instead) in ELSEWHERE {
            let value = conf.get(section, option)?;
            let said = value.map(|value| value.to_lowercase());
            if said.is_some_and(|said| !usual.contains(&said.as_str())) {
                self.settings.push(instead);
            }
        }
        Ok(())
    }

    fn take_account(&mut self, conf: &Conf, account: &BareJid) -> Result<(), String> {
        let jid = conf.get("HYPERVISOR", "hypervisor_xmpp_jid")?;
        let password = conf.get("HYPERVISOR", "hypervisor_xmpp_password")?;
        match (jid.as_deref().and_then(person), password) {
            (Some(jid), Some(password)) if jid == *account => {
                self.secrets.insert(jid, Secret::new(password));
            }
            (Some(jid), _) => self.remark(format!("account {jid}: this host is {account} now")),
            _ => {}
        }
        Ok(())
    }

    /// A machine's account is its uuid and nothing else: anything else has never been one, or is an attempt to be more.
    fn take_machine(&mut self, row: Row, account: &BareJid) {
        let jid = BareJid::new(&row.jid).ok();
        let id = jid.as_ref().and_then(machine_of);
        let (Some(jid), Some(id)) = (jid, id) else {
            return self.remark(format!(
                "machine `{}`: its account is no uuid",
                shown(&row.jid)
            ));
        };
        if self.machines.iter().any(|known| known.id == id) {
            return self.remark(format!("machine {id}: it stands there twice"));
        }
        let name = clean_line(&row.name, 200);
        let name = if name.is_empty() {
            id.to_string()
        } else {
            name
        };
        self.machines.push(Machine { id, name });
        if jid.domain() != account.domain() {
            self.remark(format!(
                "account {jid}: it is on another server than {account}"
            ));
        } else if row.password.expose().is_empty() {
            self.remark(format!("account {jid}: without a password"));
        } else {
            self.secrets.insert(jid, row.password);
        }
    }

    /// On the original a right on the hypervisor said nothing about its machines; here it would, where machines know it too.
    fn take_host_grants(&mut self, conf: &Conf, host_wide: bool) -> Result<(), String> {
        let path = needed(conf, "HYPERVISOR", "hypervisor_permissions_database_path")?;
        let Some(grants) = databases::grants(&path)? else {
            self.remark(format!("`{}` is not there", path.display()));
            return Ok(());
        };
        for (who, what) in grants {
            let place = permission::find(&what).map(|meaning| meaning.place);
            let wide = place == Some(Place::Both) || what == Permission::ALL.0;
            if wide && !host_wide {
                let (who, what) = (shown(&who), shown(&what));
                self.remark(format!(
                    "`{what}` of {who} on the hypervisor: here it would count for every machine, too (--host-wide)"
                ));
            } else {
                self.grant((&who, &what), None);
            }
        }
        Ok(())
    }

    fn take_machine_grants(&mut self, conf: &Conf) -> Result<(), String> {
        let base = conf.get("VIRTUALMACHINE", "vm_perm_path")?;
        let base = match base {
            Some(base) => base,
            None => text(conf, "VIRTUALMACHINE", "vm_base_path")?,
        };
        let file = text(conf, "VIRTUALMACHINE", "vm_permissions_database_path")?;
        let file = file.trim_start_matches('/');
        if Path::new(file).components().count() != 1 {
            return Err("vm_permissions_database_path names no file beside a machine's".to_owned());
        }
        for id in self
            .machines
            .iter()
            .map(|machine| machine.id)
            .collect::<Vec<_>>()
        {
            let path = Path::new(&base).join(id.to_string()).join(file);
            match databases::grants(&path) {
                Ok(grants) => grants
                    .unwrap_or_default()
                    .iter()
                    .for_each(|(who, what)| self.grant((who, what), Some(id))),
                // The others are no worse for it.
                Err(why) => self.remark(format!("rights on machine {id}: {why}")),
            }
        }
        Ok(())
    }

    fn grant(&mut self, (who, what): (&str, &str), vm: Option<VmId>) {
        let known = permission::find(what).is_some();
        let Some(jid) = person(who).filter(|_| known) else {
            let why = if known {
                "no address"
            } else {
                "no such permission here"
            };
            let (who, what) = (shown(who), shown(what));
            return self.remark(format!("`{what}` of `{who}`: {why}"));
        };
        self.grants.insert(Grant {
            jid,
            permission: what.to_owned(),
            scope: vm.map(|id| format!("id = {id}")),
            expires: None,
        });
    }

    fn remark(&mut self, text: String) {
        self.remarks.insert(text);
    }
}

fn text(conf: &Conf, section: &str, option: &str) -> Result<String, String> {
    conf.get(section, option)?
        .ok_or_else(|| format!("archipel.conf says no `{option}` in [{section}]"))
}

/// As `machine_folders` has it: each machine's files in a folder of its id.
fn folder_of(base: &str) -> String {
    let base: PathBuf = Path::new(base).components().collect();
    base.join("{vm}").display().to_string()
}

fn needed(conf: &Conf, section: &str, option: &str) -> Result<PathBuf, String> {
    text(conf, section, option).map(PathBuf::from)
}

/// A full bare address.
fn person(text: &str) -> Option<BareJid> {
    BareJid::new(text.trim())
        .ok()
        .filter(|jid| jid.node().is_some())
}

/// The machine whose account it is: written as uuids are, and no other way.
fn machine_of(jid: &BareJid) -> Option<VmId> {
    let node = jid.node()?.to_string();
    let id: VmId = node.parse().ok()?;
    (id.to_string() == node).then_some(id)
}

fn shown(text: &str) -> String {
    clean_line(text, SHOWN)
}
