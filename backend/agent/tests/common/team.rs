//! A hypervisor whose machines belong to teams, and people with some rights.

use std::sync::Arc;

use archipel_agent::{Agent, Grant, PolicyChange};
use archipel_hypervisor::SimulatedDriver;
use archipel_lab::ServerKind;
use archipel_protocol::{
    Command, Failure, IqKind, Request, VmId, rights,
    tags::{self, Tags},
    vm_control::Action,
};

use super::*;

pub const PEOPLE: [&str; 5] = ["other", "revoked", "expired", "scoped", "olga"];

/// A hypervisor of three machines: the first is of the team `web`, the second of `db`.
pub struct Fixture {
    pub site: Site,
    pub driver: Arc<SimulatedDriver>,
    _agent: Agent,
}

impl Fixture {
    pub async fn start(test: &str, grants: Vec<Grant>) -> Option<Self> {
        Self::on(ServerKind::Prosody, test, grants).await
    }

    pub async fn on(kind: ServerKind, test: &str, grants: Vec<Grant>) -> Option<Self> {
        Self::with(kind, test, grants, |parts| parts).await
    }

    pub async fn with(
        kind: ServerKind,
        test: &str,
        grants: Vec<Grant>,
        change: impl FnOnce(Parts) -> Parts,
    ) -> Option<Self> {
        let people = |options: archipel_lab::ServerOptions| {
            let new = PEOPLE.iter().filter(|name| **name != "olga");
            new.fold(options, |options, name| options.account(*name, PASSWORD))
        };
        let site = Site::with(kind, test, people).await?;
        let driver = driver(3);
        let parts = change(site.parts(&driver));
        let changes = grants.into_iter().map(PolicyChange::Give).collect();
        parts.store.change_policy(changes).await.unwrap();
        let agent = online(Agent::start(parts)).await;
        let fixture = Self {
            site,
            driver,
            _agent: agent,
        };
        let admin = fixture.site.client("admin").await;
        eventually("the machines to be known", async || {
            admin.vm(vm(3), Action::Info).await.is_ok()
        })
        .await;
        settags(&admin, Some(vm(1)), &["web"]).await.unwrap();
        settags(&admin, Some(vm(2)), &["db"]).await.unwrap();
        Some(fixture)
    }
}

pub fn grant(who: &str, permission: &str, scope: Option<&str>) -> Grant {
    Grant {
        jid: jid(who),
        permission: permission.into(),
        scope: scope.map(str::to_owned),
        expires: None,
    }
}

pub async fn settags(client: &Client, of: Option<VmId>, tags: &[&str]) -> Result<(), Failure> {
    let tags = Tags::new(tags);
    let mut command = Command::new(Request::Tags(tags::Action::Set { tags }));
    command.vm = of;
    client
        .iq(IqKind::Set, hypervisor(), command.to_element())
        .await
        .map(drop)
}

pub async fn change(
    client: &Client,
    changes: Vec<rights::Change>,
) -> Result<rights::Page, Failure> {
    let element = rights::Changes(changes).to_element();
    let answer = client.ask(IqKind::Set, element).await?;
    Ok(rights::Page::parse(&answer).unwrap())
}

pub fn asked(grant: Grant) -> rights::Grant {
    rights::Grant {
        who: grant.jid,
        what: grant.permission,
        scope: grant.scope,
        until: grant.expires,
    }
}
