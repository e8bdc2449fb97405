//! The password of the agent's account.

use archipel_config::Secret;

use crate::{
    agent::Credentials,
    settings::{Settings, SettingsError},
    store::{FILE, Store},
};

/// The password, or the secret that an agent has stored. A check makes no store: its owner would be the wrong user.
pub(super) async fn of(settings: &Settings) -> Result<Option<Secret>, SettingsError> {
    if let Credentials::Password(secret) = settings.credentials()? {
        return Ok(Some(secret));
    }
    if !settings.state_dir.join(FILE).exists() {
        return Ok(None);
    }
    // A store that cannot be read is told by another check.
    let Ok(store) = Store::open(&settings.state_dir) else {
        return Ok(None);
    };
    let stored = store.secret(&settings.jid).await.ok().flatten();
    let confirmed = stored.filter(|stored| stored.confirmed);
    Ok(confirmed.map(|stored| stored.secret))
}
