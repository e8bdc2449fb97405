#![allow(clippy::unwrap_used)]
use std::{collections::BTreeSet, sync::LazyLock};

use archipel_protocol::{VmId, failure::FailureKind};
use proptest::prelude::*;

use super::*;
use crate::state::Identity;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

static HOST: LazyLock<Identity> = LazyLock::new(|| Identity {
    account: jid("hv01"),
    full: jid("hv01").with_resource_str("x").unwrap(),
    node: "hv01".into(),
});

fn jid(text: &str) -> BareJid {
    format!("{text}@dc.example").parse().unwrap()
}

fn grant(who: &str, permission: &str, scope: Option<&str>) -> Grant {
    Grant {
        jid: jid(who),
        permission: permission.into(),
        scope: scope.map(str::to_owned),
        expires: None,
    }
}

fn access(grants: impl IntoIterator<Item = Grant>) -> Access {
    let policy = Policy {
        grants: grants.into_iter().collect(),
        ..Policy::default()
    };
    Access::new([jid("admin")], policy)
}

fn vm() -> VmId {
    "8a7f5f9e-7c0e-4c0e-9d5c-3f1c2a9b8e01".parse().unwrap()
}

fn tagged(tags: &[String]) -> Target<'_> {
    Target::Machine(Subject {
        hypervisor: &HOST,
        id: vm(),
        tags,
    })
}

fn tags(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn may(access: &Access, who: &str, permission: &str, target: Target<'_>) -> bool {
    access.allows(&jid(who), permission, target, NOW)
}

#[test]
fn strangers_may_nothing_and_admins_everything() {
    let access = access([]);
    assert!(may(&access, "admin", "destroy", Target::Host));
    assert!(!access.allows(
        &"admin@evil.example".parse().unwrap(),
        "destroy",
        Target::Host,
        NOW
    ));
    assert!(!may(&access, "eve", "presence", Target::Anything));
    let denied = access
        .check(None, "info", "info", Target::Host, NOW)
        .unwrap_err();
    assert_eq!(denied.kind, FailureKind::Forbidden);
    assert_eq!(denied.text, "Cannot use 'info': permission denied");
}

#[test]
fn grants_count_by_name_and_all_covers_everything() {
    let access = access([grant("olga", "info", None), grant("bob", "all", None)]);
    assert!(may(&access, "olga", "info", Target::Host));
    assert!(!may(&access, "olga", "infos", Target::Host));
    assert!(may(&access, "bob", "anything", tagged(&[])));
}

#[test]
fn a_scope_decides_machine_by_machine() {
    let access = access([
        grant("olga", "create", Some("tag = web/** and not tag = prod")),
        grant("bob", "create", Some("hypervisor = hv01")),
        grant(
            "pat",
            "create",
            Some("hypervisor in (hv02, \"hv03@dc.example\")"),
        ),
    ]);
    let (web, prod) = (tags(&["web/front"]), tags(&["web/front", "prod"]));
    assert!(may(&access, "olga", "create", tagged(&web)));
    assert!(!may(&access, "olga", "create", tagged(&prod)));
    assert!(!may(&access, "olga", "create", tagged(&[])));
    assert!(!may(&access, "olga", "create", Target::Host));
    assert!(may(&access, "olga", "create", Target::Anything));
    assert!(may(&access, "bob", "create", tagged(&[])));
    assert!(!may(&access, "pat", "create", tagged(&[])));
    assert!(access.guards("web/front/1") && access.guards("PROD") && !access.guards("db"));
}

#[test]
fn a_grant_that_cannot_be_understood_gives_nothing() {
    let access = access([
        grant("olga", "create", Some("name = web01")),
        grant("olga", "role/nobody-knows", None),
    ]);
    assert!(!may(&access, "olga", "create", Target::Anything));
    let (allowed, grounds) = access.why(&jid("olga"), "create", Target::Host, NOW);
    assert!(
        !allowed
            && matches!(
                grounds[..],
                [why::Ground::Meaningless(_), why::Ground::Meaningless(_)]
            )
    );
}

#[test]
fn a_grant_ends_at_its_moment() {
    let mut ending = grant("olga", "info", None);
    ending.expires = Some(NOW);
    let access = access([ending]);
    assert!(!may(&access, "olga", "info", Target::Host));
    let before = NOW - jiff::SignedDuration::from_secs(1);
    assert!(access.allows(&jid("olga"), "info", Target::Host, before));
}

#[test]
fn roles_stand_for_their_permissions() {
    let mut policy = Policy::default();
    policy.grants.insert(grant("olga", "role/auditor", None));
    policy
        .grants
        .insert(grant("bob", "role/night", Some("tag = web")));
    policy
        .roles
        .insert("night".into(), BTreeSet::from(["create".into()]));
    let access = Access::new([], policy);
    assert!(may(&access, "olga", "xmldesc", Target::Host));
    assert!(!may(&access, "olga", "destroy", Target::Host));
    assert!(may(&access, "bob", "create", tagged(&tags(&["web"]))));
    assert!(!may(&access, "bob", "create", tagged(&tags(&["db"]))));
}

#[test]
fn rights_are_told_as_they_are_decided() {
    let access = access([
        grant("bob", "all", None),
        grant("olga", "info", None),
        grant("olga", "create", Some("tag = web")),
    ]);
    assert_eq!(access.rights(&jid("bob"), NOW), (Rights::All, vec![]));
    let (whole, scoped) = access.rights(&jid("olga"), NOW);
    assert_eq!(whole, Rights::Only(vec!["info".into()]));
    let create = ScopedRights {
        scope: "tag = web".into(),
        rights: Rights::Only(vec!["create".into()]),
    };
    assert_eq!(scoped, [create]);
    let changed = access.with_admins([jid("olga")]);
    assert_eq!(changed.rights(&jid("olga"), NOW).0, Rights::All);
}

#[test]
fn nobody_gives_what_they_do_not_hold() {
    let access = access([
        grant("bob", "permission_set", None),
        grant("bob", "create", None),
        grant("team", "all", Some("tag = web")),
    ]);
    let give = |who: &str, what: Grant, machine| {
        access
            .may_change(&jid(who), &PolicyChange::Give(what), machine, NOW)
            .is_ok()
    };
    assert!(give("bob", grant("eve", "create", None), None));
    assert!(
        !give("bob", grant("bob", "destroy", None), None),
        "self-promotion"
    );
    assert!(!give("bob", grant("bob", "all", None), None));
    assert!(!give("bob", grant("bob", "role/operator", None), None));
    assert!(give(
        "team",
        grant("eve", "create", Some("tag = web")),
        None
    ));
    assert!(!give("team", grant("eve", "create", None), None));
    assert!(!give(
        "team",
        grant("eve", "create", Some("tag = web or tag = db")),
        None
    ));
    let (web, db) = (tags(&["web"]), tags(&["db"]));
    let one = format!("id = {}", vm());
    assert!(give(
        "team",
        grant("eve", "create", Some(&one)),
        Some(tagged(&web))
    ));
    assert!(!give(
        "team",
        grant("eve", "create", Some(&one)),
        Some(tagged(&db))
    ));
    assert!(!give("eve", grant("eve", "create", None), None));
}

#[test]
fn who_holds_for_an_hour_gives_for_an_hour() {
    let hour = NOW + jiff::SignedDuration::from_hours(1);
    let until = |who: &str, expires| Grant {
        expires,
        ..grant(who, "all", None)
    };
    let access = access([until("bob", Some(hour))]);
    let give = |expires| {
        let change = PolicyChange::Give(until("eve", expires));
        access.may_change(&jid("bob"), &change, None, NOW).is_ok()
    };
    assert!(give(Some(hour)) && !give(None));
    assert!(!give(Some(hour + jiff::SignedDuration::from_secs(1))));
    let take = PolicyChange::Take(grant("eve", "all", None));
    assert!(access.may_change(&jid("bob"), &take, None, NOW).is_ok());
}

#[test]
fn names_must_mean_something() {
    let access = access([]);
    let refused = |change| {
        access
            .may_change(&jid("admin"), &change, None, NOW)
            .is_err()
    };
    assert!(refused(PolicyChange::Give(grant("eve", "creat", None))));
    assert!(refused(PolicyChange::Give(grant(
        "eve",
        "role/nobody",
        None
    ))));
    let add = |role: &str, permission: &str| PolicyChange::Add {
        role: role.into(),
        permission: permission.into(),
    };
    assert!(refused(add("admin", "create")), "shipped");
    assert!(refused(add("night", "role/admin")), "roles do not nest");
    assert!(!refused(add("night", "create")));
    assert!(!refused(PolicyChange::Take(grant(
        "eve",
        "forgotten",
        None
    ))));
}

#[test]
fn a_policy_counts_its_changes() {
    let give = |expires| {
        PolicyChange::Give(Grant {
            expires,
            ..grant("eve", "info", None)
        })
    };
    let policy = Policy::default().changed(&[give(None)]);
    assert_eq!((policy.version, policy.grants.len()), (1, 1));
    assert_eq!(policy.changed(&[give(None)]).version, 1);
    let shorter = policy.changed(&[give(Some(NOW))]);
    assert_eq!((shorter.version, shorter.grants.len()), (2, 1));
    let taken = shorter.changed(&[PolicyChange::Take(grant("eve", "info", None))]);
    assert_eq!((taken.version, taken.grants.len()), (3, 0));
}

#[test]
fn why_says_what_decides_and_what_almost_does() {
    let access = access([
        grant("olga", "create", Some("tag = web")),
        grant("olga", "role/auditor", None),
    ]);
    let db = tags(&["db"]);
    let (allowed, grounds) = access.why(&jid("olga"), "create", tagged(&db), NOW);
    assert!(!allowed);
    assert_eq!(
        grounds[0].to_string(),
        "not for this: `create` for `tag = web`"
    );
    let (allowed, grounds) = access.why(&jid("olga"), "xmldesc", tagged(&db), NOW);
    assert!(allowed);
    assert_eq!(
        grounds[0].to_string(),
        "allowed by `role/auditor` for the whole host"
    );
    let (_, grounds) = access.why(&jid("eve"), "create", tagged(&db), NOW);
    assert_eq!(grounds, [why::Ground::Nothing]);
}

fn any_grant() -> impl Strategy<Value = Grant> {
    let who = prop::sample::select(vec!["bob", "olga", "eve"]);
    let what = prop::sample::select(vec![
        "all",
        "create",
        "info",
        "permission_set",
        "role/operator",
    ]);
    let scope = prop::sample::select(vec![None, Some("tag = web"), Some("tag = db")]);
    (who, what, scope).prop_map(|(who, what, scope)| grant(who, what, scope))
}

proptest! {
    /// Whatever somebody may give to themselves they could do before.
    #[test]
    fn no_change_of_ones_own_making_promotes(
        held in prop::collection::vec(any_grant(), 0..8),
        wanted in any_grant(),
    ) {
        let before = access(held);
        let who = wanted.jid.clone();
        let change = PolicyChange::Give(wanted);
        if before.may_change(&who, &change, None, NOW).is_err() {
            return Ok(());
        }
        let after = before.with_policy(before.policy().changed(&[change]));
        for names in [&["web"][..], &["db"], &["web", "db"], &[]] {
            let machine = tags(names);
            for row in PERMISSIONS {
                prop_assert_eq!(
                    before.allows(&who, row.name.0, tagged(&machine), NOW),
                    after.allows(&who, row.name.0, tagged(&machine), NOW)
                );
            }
        }
    }
}
