//! `archipel whoami`: logs in and says as whom.

use archipel_fleet::Link;

use super::{
    failure::Failure,
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};

const WHOAMI: &[Column] = &[
    Column::shown("jid", "account"),
    Column::shown("session", "session"),
    Column::shown("profile", "profile"),
    Column::shown("read_only", "read-only"),
];

/// Logs in and prints.
pub(super) async fn run(session: &mut Session, format: Format) -> Result<(), Failure> {
    session.connect().await?;
    let bound = match session.fleet().link() {
        Link::Online { jid } => Cell::text(jid.to_string()),
        _ => Cell::None,
    };
    let profile = &session.profile;
    let mut sheet = Sheet::new(WHOAMI);
    sheet.rows.push(vec![
        Cell::text(profile.jid.to_string()),
        bound,
        Cell::text(profile.name.as_str()),
        Cell::Yes(profile.read_only),
    ]);
    sheet.print_one(format)
}
