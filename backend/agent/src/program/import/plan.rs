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
    /// What is left out, and why.
    pub(super) remarks: BTreeSet<String>,
}

impl Plan {
    /// Reads everything that `conf` names. `account` is the hypervisor's here.
    pub(super) fn of(conf: &Conf, account: &BareJid, host_wide: bool) -> Result<Self, String> {
        let mut plan = Self {
            libvirt: conf.get("GLOBAL", "libvirt_uri")?,
            ..Self::default()
        };
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
