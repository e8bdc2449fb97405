//! Invitations: an account and a join code for a new host, kept in a list until the host has joined or the time is over.
//!
//! The account is made with the operator's own session (XEP-0133), so the operator must be an admin of the bus; nothing of that right
//! goes to the host. Whether a host has joined is seen on the roster: joining, it lets the inviter see its presence.

mod error;
mod list;
mod server;

use std::{collections::HashSet, time::Duration};

use archipel_bus::{Account, End, Event, Options, TlsClient, connect};
use archipel_config::{
    Certificate, Endpoint, JoinCode, Profile, ProfilePaths, Secret, ServerTrust,
};
use archipel_protocol::HypervisorId;
use jiff::Timestamp;
use rand::TryRngCore as _;

use crate::handle::Handle;
pub use error::InviteError;
use list::{Entry, List};

/// How long the trial of a new account may take.
const TRIAL: Duration = Duration::from_secs(40);

/// What a new host is invited with.
#[derive(Debug, Clone)]
pub struct Invite {
    /// The account that is made for it.
    pub hypervisor: HypervisorId,
    /// When the invitation ends.
    pub expires: Timestamp,
    /// Where the host finds the bus; empty: where the operator does.
    pub servers: Vec<Endpoint>,
    /// The password of an account that somebody has made already; absent: the account is made.
    pub prepared: Option<Secret>,
}

/// An invitation that has not been taken yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The account.
    pub hypervisor: HypervisorId,
    /// When it ends.
    pub expires: Timestamp,
    /// Whether the account was made by hand.
    pub prepared: bool,
}

/// What has become of invitations since somebody looked last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Hosts that have joined.
    pub joined: Vec<HypervisorId>,
    /// Hosts that did not join in time: their accounts are gone, or were never ours.
    pub over: Vec<HypervisorId>,
}

/// The invitations of a profile, through the session of a [`Handle`].
#[derive(Debug, Clone)]
pub struct Invitations {
    handle: Handle,
    profile: Profile,
    list: List,
}

impl Invitations {
    /// Those of `profile`, whose session `handle` has.
    pub fn new(handle: Handle, profile: &Profile, places: &ProfilePaths) -> Self {
        Self {
            handle,
            profile: profile.clone(),
            list: List::at(places.invitations_file()),
        }
    }

    /// Makes the account, tries it, trusts the host and puts it on the roster. What comes back is a secret.
    pub async fn invite(&self, invite: Invite) -> Result<Secret, InviteError> {
        let id = &invite.hypervisor;
        if let Some(open) = self.list.find(id)? {
            let (id, expires) = (id.clone(), open.expires);
            return Err(InviteError::Open { id, expires });
        }
        let code = self.code(&invite).await?;
        // Before anything is made: what cannot be written need not be cleaned up.
        let text = code.to_text()?;
        if !code.prepared {
            server::add_user(self.handle.bus(), id, &code.secret).await?;
        }
        self.try_account(&code).await?;
        let entry = Entry {
            hypervisor: id.clone(),
            expires: code.expires,
            prepared: code.prepared,
            // Where a group of the server shows everybody to everybody, presence says nothing about joining.
            visible: self.visible().await?.contains(id),
        };
        if let Err(error) = self.list.add(entry) {
            self.take_back(id, code.prepared).await?;
            return Err(error);
        }
        self.handle.add(id.clone()).await?;
        Ok(text)
    }

    /// Ends an invitation: its code is worth nothing any more.
    pub async fn revoke(&self, id: &HypervisorId) -> Result<Invitation, InviteError> {
        let entry = self.list.find(id)?;
        let entry = entry.ok_or_else(|| InviteError::Unknown(id.clone()))?;
        if !entry.visible && self.visible().await?.contains(id) {
            self.list.remove(id)?;
            return Err(InviteError::Joined(id.clone()));
        }
        self.end(&entry).await?;
        Ok(entry.into())
    }

    /// The open ones, the first to end first.
    pub fn open(&self) -> Result<Vec<Invitation>, InviteError> {
        let mut open: Vec<Invitation> = self.list.read()?.into_iter().map(Entry::into).collect();
        open.sort_by_key(|invitation| invitation.expires);
        Ok(open)
    }

    /// Those whose hosts have not joined, ended or not. Asks the server only if there are any, and changes nothing.
    pub async fn waiting(&self) -> Result<Vec<Invitation>, InviteError> {
        let mut entries = self.list.read()?;
        if !entries.is_empty() {
            let visible = self.visible().await?;
            entries.retain(|entry| entry.visible || !visible.contains(&entry.hypervisor));
        }
        Ok(entries.into_iter().map(Entry::into).collect())
    }

    /// Forgets the invitations of hosts that have joined, and ends those whose time is over. Asks the server only if there are any.
    pub async fn tidy(&self, now: Timestamp) -> Result<Tidied, InviteError> {
        let entries = self.list.read()?;
        let mut tidied = Tidied::default();
        if entries.is_empty() {
            return Ok(tidied);
        }
        let visible = self.visible().await?;
        for entry in entries {
            let id = entry.hypervisor.clone();
            if !entry.visible && visible.contains(&id) {
                self.list.remove(&id)?;
                tidied.joined.push(id);
            } else if !entry.visible && entry.expires <= now {
                self.end(&entry).await?;
                tidied.over.push(id);
            }
        }
        Ok(tidied)
    }

    async fn end(&self, entry: &Entry) -> Result<(), InviteError> {
        self.take_back(&entry.hypervisor, entry.prepared).await?;
        self.handle.remove(entry.hypervisor.clone()).await?;
        self.list.remove(&entry.hypervisor)
    }

    /// Removes an account of ours; one that was made by hand is removed by hand.
    async fn take_back(&self, id: &HypervisorId, prepared: bool) -> Result<(), InviteError> {
        if prepared {
            return Ok(());
        }
        server::delete_user(self.handle.bus(), id).await
    }

    async fn visible(&self) -> Result<Vec<HypervisorId>, InviteError> {
        server::visible(self.handle.bus()).await
    }

    async fn code(&self, invite: &Invite) -> Result<JoinCode, InviteError> {
        let bus = &self.profile.bus;
        let servers = if invite.servers.is_empty() {
            &bus.hosts
        } else {
            &invite.servers
        };
        Ok(JoinCode {
            hypervisor: invite.hypervisor.jid().clone(),
            inviter: self.profile.jid.clone(),
            secret: invite.prepared.clone().map_or_else(new_secret, Ok)?,
            expires: invite.expires,
            servers: servers.clone(),
            tls: bus.tls,
            trust: self.trust().await?,
            allow_plain: bus.allow_plain,
            prepared: invite.prepared.is_some(),
        })
    }

    /// The host knows the server by what the operator knows it by.
    async fn trust(&self) -> Result<ServerTrust, InviteError> {
        let bus = &self.profile.bus;
        if let Some(pin) = bus.pinned {
            return Ok(ServerTrust::Pinned(pin));
        }
        let Some(path) = bus.ca_file.clone() else {
            return Ok(ServerTrust::System);
        };
        let unread = |why: String| InviteError::Authorities(path.clone(), why);
        let pem = tokio::fs::read(&path).await;
        let pem = pem.map_err(|error| unread(error.to_string()))?;
        let all = Certificate::all_of_pem(&pem).map_err(|error| unread(error.to_string()))?;
        Ok(ServerTrust::Authorities(all))
    }

    /// Logs in as the host will. A server may say that it made an account that was there before: its password is another one.
    async fn try_account(&self, code: &JoinCode) -> Result<(), InviteError> {
        let account = Account {
            jid: code.hypervisor.clone(),
            resource: None,
            secret: code.secret.clone(),
        };
        let tls = TlsClient::new(&self.profile.bus)?;
        let options = Options {
            resume: false,
            give_up_on_first_failure: true,
            ..Options::new(account, self.profile.bus.clone(), tls)
        };
        let (session, mut events) = connect(options);
        let first = tokio::time::timeout(TRIAL, events.next()).await;
        session.stop();
        // It ends faster if nobody has to take its events.
        drop(events);
        session.closed().await;
        match first {
            Ok(Some(Event::Reset { .. })) => Ok(()),
            Ok(Some(Event::Ended(End::WrongPassword { .. }))) if !code.prepared => {
                Err(InviteError::Taken(code.hypervisor.clone().into()))
            }
            Ok(Some(Event::Ended(end))) => Err(InviteError::Login(end)),
            _ => Err(InviteError::NoTrial(code.hypervisor.clone().into())),
        }
    }
}

/// Whose invitation is open, and who cannot be seen before joining. A list that cannot be read names nobody.
pub(crate) fn invited(places: &ProfilePaths) -> HashSet<HypervisorId> {
    let entries = List::at(places.invitations_file()).read();
    let entries = entries.unwrap_or_default().into_iter();
    let hidden = entries.filter(|entry| !entry.visible);
    hidden.map(|entry| entry.hypervisor).collect()
}

fn new_secret() -> Result<Secret, InviteError> {
    let mut bytes = [0; 24];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| InviteError::NoRandomness(error.to_string()))?;
    Ok(Secret::from_random(bytes))
}
