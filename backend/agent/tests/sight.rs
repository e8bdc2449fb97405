//! Who may no longer see something no longer sees it: not only requests are refused, presence ends, too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use archipel_bus::Event;
use archipel_lab::ServerKind;
use archipel_protocol::{
    BareJid, IqKind, PresenceKind, Stanza, VmId,
    rights::{self, Change},
    roster,
};
use common::{
    Client, DOMAIN,
    contacts::{begin, machine, site, subscribe},
    jid,
    team::{asked, change, grant, settags},
    vm,
};
use jiff::{SignedDuration, Timestamp};

fn only(id: VmId) -> String {
    format!("id = {id}")
}

fn presence(scope: Option<&str>) -> rights::Grant {
    asked(grant("olga", "presence", scope))
}

/// Waits until presence of all of these has ended, in any order.
async fn end(client: &mut Client, what: &str, entities: &[&BareJid]) {
    let mut left: Vec<BareJid> = entities.iter().copied().cloned().collect();
    client
        .wait(what, |event| {
            if let Event::Stanza(Stanza::Presence(one)) = event
                && one.kind == PresenceKind::Unsubscribed
            {
                let from = one.from.map(|from| from.to_bare());
                left.retain(|entity| Some(entity) != from.as_ref());
            }
            left.is_empty().then_some(())
        })
        .await;
}

async fn sight(kind: ServerKind, test: &str) {
    let Some(site) = site(kind, test).await else {
        return;
    };
    let (agent, admin) = begin(&site).await;
    let mut olga = site.client("olga").await;
    // Who asked for the roster is told of changes to it.
    olga.iq(IqKind::Get, jid("olga"), roster::query())
        .await
        .unwrap();
    let (first, second) = (machine(vm(1)).to_bare(), machine(vm(2)).to_bare());
    let host: BareJid = format!("hv01@{DOMAIN}").parse().unwrap();
    let own = only(vm(1));

    // Taken away.
    let give = Change::Give(presence(Some(&own)));
    change(&admin, vec![give]).await.unwrap();
    subscribe(&mut olga, &first).await;
    subscribe(&mut olga, &host).await;
    let take = Change::Take(presence(Some(&own)));
    change(&admin, vec![take]).await.unwrap();
    end(&mut olga, "what was taken", &[&first, &host]).await;

    // Out of the scope.
    let give = Change::Give(presence(Some("tag = web")));
    change(&admin, vec![give]).await.unwrap();
    settags(&admin, Some(vm(2)), &["web"]).await.unwrap();
    subscribe(&mut olga, &second).await;
    settags(&admin, Some(vm(2)), &["db"]).await.unwrap();
    end(&mut olga, "what left the scope", &[&second]).await;

    // Over.
    let soon = rights::Grant {
        until: Some(Timestamp::now() + SignedDuration::from_secs(10)),
        ..presence(None)
    };
    let take = Change::Take(presence(Some("tag = web")));
    change(&admin, vec![take, Change::Give(soon)])
        .await
        .unwrap();
    subscribe(&mut olga, &host).await;
    subscribe(&mut olga, &first).await;
    end(&mut olga, "the end of the grant", &[&first, &host]).await;

    // Taken away while the agent was not there.
    let give = vec![Change::Give(presence(None))];
    change(&admin, give).await.unwrap();
    subscribe(&mut olga, &first).await;
    subscribe(&mut olga, &host).await;
    agent.stop().await;
    let store = site.store();
    let taken = archipel_agent::PolicyChange::Take(grant("olga", "presence", None));
    store.change_policy(vec![taken]).await.unwrap();
    drop(store);
    let (_again, _) = begin(&site).await;
    end(&mut olga, "what was taken meanwhile", &[&first, &host]).await;
}

#[tokio::test]
async fn a_lost_right_ends_presence_on_prosody() {
    sight(ServerKind::Prosody, "lost rights and presence on Prosody").await;
}

#[tokio::test]
async fn a_lost_right_ends_presence_on_ejabberd() {
    sight(ServerKind::Ejabberd, "lost rights and presence on ejabberd").await;
}
