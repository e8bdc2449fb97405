//! The shapes beside requests, each with how it is read and written again.

use archipel_protocol::{
    Element, ParseError,
    admins::Admin,
    audit,
    central_agent::Keepalive,
    chunks, commands,
    data_form::Form,
    disco, events,
    feed::{self, Page, Update, Watch},
    history, muc, platform, private_storage,
    push::Push,
    registration, rights,
    roles::Role,
    tags, task, time,
    vcard::Card,
    version::Version,
};

type Again = fn(&Element) -> Result<Element, ParseError>;

const SHAPES: &[(&str, Again)] = &[
    ("tag", |e| tags::Item::parse(e).map(|it| it.to_element())),
    ("role", |e| Role::parse(e).map(|it| it.to_element())),
    ("admin", |e| Admin::parse(e).map(|it| it.to_element())),
    ("keepalive", |e| {
        Keepalive::parse(e).map(|it| it.to_element())
    }),
    ("bid-request", |e| {
        platform::BidRequest::parse(e).map(|it| it.to_element())
    }),
    ("bid", |e| platform::Bid::parse(e).map(|it| it.to_element())),
    ("vcard", |e| Card::parse(e).map(|it| it.to_element())),
    ("version", |e| Version::parse(e).map(|it| it.to_element())),
    ("time", |e| time::parse(e).map(time::answer)),
    ("form", |e| Form::parse(e).map(|it| it.to_element())),
    ("command", |e| {
        commands::Command::parse(e).map(|it| it.to_element())
    }),
    ("command-answer", |e| {
        commands::Answer::parse(e).map(|it| it.to_element())
    }),
    ("registration", |e| {
        registration::Request::parse(e).map(|it| it.to_element())
    }),
    ("room-admin", |e| {
        muc::parse_items(e).map(|it| muc::administer(&it))
    }),
    ("room-settings", |e| {
        muc::parse_settings(e).map(|it| muc::configure(&it))
    }),
    ("delimiter", |e| {
        private_storage::parse_delimiter(e)
            .map(|it| private_storage::store_delimiter(&it.unwrap_or_default()))
    }),
    ("preferences", |e| {
        private_storage::parse_preferences(e)
            .map(|it| private_storage::store_preferences(&it.unwrap_or_default()))
    }),
    ("task", |e| task::Task::parse(e).map(|it| it.to_element())),
    ("tasks", |e| task::Page::parse(e).map(|it| it.to_element())),
    ("tasks-query", |e| {
        task::Query::parse(e).map(|it| it.to_element())
    }),
    ("task-cancel", |e| {
        task::parse_cancel(e).map(|it| task::cancel(&it))
    }),
    ("audit-query", |e| {
        audit::Query::parse(e).map(|it| it.to_element())
    }),
    ("audit", |e| audit::Page::parse(e).map(|it| it.to_element())),
    ("events-query", |e| {
        events::Query::parse(e).map(|it| it.to_element())
    }),
    ("events", |e| {
        events::Page::parse(e).map(|it| it.to_element())
    }),
    ("history-query", |e| {
        history::Query::parse(e).map(|it| it.to_element())
    }),
    ("history", |e| {
        history::Series::parse(e).map(|it| it.to_element())
    }),
    ("rights-query", |e| {
        rights::Query::parse(e).map(|it| it.to_element())
    }),
    ("rights", |e| {
        rights::Page::parse(e).map(|it| it.to_element())
    }),
    ("change-rights", |e| {
        rights::Changes::parse(e).map(|it| it.to_element())
    }),
    ("why-query", |e| {
        rights::Why::parse(e).map(|it| it.to_element())
    }),
    ("why", |e| {
        rights::Explained::parse(e).map(|it| it.to_element())
    }),
    ("feed", |e| Update::parse(e).map(|it| it.to_element())),
    ("page", |e| Page::parse(e).map(|it| it.to_element())),
    ("unwatch", |e| {
        feed::parse_unwatch(e).map(|it| feed::unwatch(&it))
    }),
    ("chunk", |e| {
        chunks::Chunk::parse(e).map(|it| it.to_element())
    }),
    ("services", |e| {
        disco::Info::parse(e).map(|it| it.to_element(None))
    }),
    ("watch", |e| Watch::parse(e).map(|it| it.to_element())),
    ("push", |e| Push::parse(e).map(|it| it.to_element())),
];

/// Reads a payload of this kind and writes it again.
pub(crate) fn again(kind: &str, element: &Element) -> Result<Element, ParseError> {
    let (_, again) = SHAPES.iter().find(|(known, _)| *known == kind).unwrap();
    again(element)
}

/// All kinds.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|(kind, _)| *kind)
}
