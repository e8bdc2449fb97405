//! A crowd as a text of ejabberd's database (`ejabberdctl load`): the tables' shapes, then a term per row.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::super::{
    crowd::{Contact, Crowd},
    scram,
};

/// The tables that are filled. Both exist: the shapes only say which they are.
const TABLES: &str = "{tables,[\
{passwd,[{record_name,passwd},{attributes,[us,password]}]},\
{roster,[{record_name,roster},{attributes,[usj,us,jid,name,subscription,ask,groups,askmessage,xs]}]}\
]}.\n";

/// All accounts with their rosters.
pub(super) fn of_crowd(crowd: &Crowd, domain: &str, keys: &scram::Keys) -> String {
    let mut text = TABLES.to_owned();
    let password = password(keys);
    for (_, name) in crowd.members() {
        let _ = writeln!(
            text,
            "{{passwd,{{<<\"{name}\">>,<<\"{domain}\">>}},{password}}}."
        );
    }
    for (name, contacts) in crowd
        .rosters_of_members()
        .chain(crowd.rosters_of_watchers())
    {
        for contact in contacts {
            text.push_str(&row(name, &contact, domain));
        }
    }
    text
}

/// ejabberd's record `scram`.
fn password(keys: &scram::Keys) -> String {
    format!(
        "{{scram,<<\"{}\">>,<<\"{}\">>,<<\"{}\">>,sha,{}}}",
        STANDARD.encode(&keys.stored),
        STANDARD.encode(&keys.server),
        STANDARD.encode(&keys.salt),
        scram::ITERATIONS,
    )
}

/// ejabberd's record `roster`, subscribed both ways.
fn row(owner: &str, contact: &Contact<'_>, domain: &str) -> String {
    let Contact { name, group } = contact;
    let groups = group.map_or_else(String::new, |group| format!("<<\"{group}\">>"));
    let jid = format!("{{<<\"{name}\">>,<<\"{domain}\">>,<<>>}}");
    let us = format!("{{<<\"{owner}\">>,<<\"{domain}\">>}}");
    format!(
        "{{roster,{{<<\"{owner}\">>,<<\"{domain}\">>,{jid}}},{us},{jid},<<\"{name}\">>,both,none,[{groups}],<<>>,[]}}.\n"
    )
}
