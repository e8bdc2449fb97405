//! From nothing to everything, and from yesterday's knowledge to today's.

use std::time::Instant;

use archipel_lab::ServerKind;

use super::{
    fleet::{Desk, login, online},
    rows::{SYNC_FULL_EJABBERD, SYNC_FULL_PROSODY, SYNC_LARGE_EJABBERD, SYNC_LARGE_PROSODY},
};
use crate::frame::{Figures, Row};

pub(crate) async fn sync_large_ejabberd() -> Vec<Figures> {
    sync("1000x16", ServerKind::Ejabberd, SYNC_LARGE_EJABBERD).await
}

pub(crate) async fn sync_large_prosody() -> Vec<Figures> {
    sync("1000x16", ServerKind::Prosody, SYNC_LARGE_PROSODY).await
}

pub(crate) async fn sync_full_ejabberd() -> Vec<Figures> {
    sync("2500x16", ServerKind::Ejabberd, SYNC_FULL_EJABBERD).await
}

pub(crate) async fn sync_full_prosody() -> Vec<Figures> {
    sync("2500x16", ServerKind::Prosody, SYNC_FULL_PROSODY).await
}

/// Three operators begin with nothing, and come back with what they knew.
async fn sync(size: &str, kind: ServerKind, rows: &'static [Row]) -> Vec<Figures> {
    let sim = online(size, kind).await;
    let (mut first, mut warm) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let desk = Desk::new();
        for times in [&mut first, &mut warm] {
            let begun = Instant::now();
            let mut operator = desk.open(&login(&sim));
            let synced = operator.synced(&sim).await;
            times.push(synced.duration_since(begun).as_secs_f64());
            operator.close().await;
        }
    }
    sim.stop().await;
    vec![rows[0].values(first), rows[1].values(warm)]
}
