//! Simulated fleets: thousands of real agents in this process, the bus and the operator's program beside it.
//!
//! Everything shares the machine's processors: an agent's work for its login, its answer and its feed is in every figure.

mod back;
mod fleet;
mod keys;
mod mass;
mod rows;
mod sessions;
mod stock;
mod sync;

use back::{back_full, back_ten_times};
use keys::{keys_full, keys_large};
use mass::starts;
use sessions::{sessions_ejabberd, sessions_prosody};
use stock::{stock_ejabberd, stock_prosody};
use sync::{sync_full_ejabberd, sync_full_prosody, sync_large_ejabberd, sync_large_prosody};

use crate::frame::{Figures, Row, Scale, Subject};

/// All subjects with a simulated fleet. Each holds its repetitions within, for the fleet takes long to stand.
pub(super) fn all() -> Vec<Subject> {
    vec![
        prosody(rows::STOCK_ON_PROSODY, stock_prosody),
        ejabberd(rows::STOCK_ON_EJABBERD, stock_ejabberd),
        ejabberd(rows::SYNC_LARGE_EJABBERD, sync_large_ejabberd),
        prosody(rows::SYNC_LARGE_PROSODY, sync_large_prosody),
        ejabberd(rows::STARTS, starts),
        ejabberd(rows::KEYS_LARGE, keys_large),
        ejabberd(rows::SESSIONS_EJABBERD, sessions_ejabberd),
        prosody(rows::SESSIONS_PROSODY, sessions_prosody),
        ejabberd(rows::BACK_TEN_TIMES, back_ten_times).from(Scale::Full),
        ejabberd(rows::SYNC_FULL_EJABBERD, sync_full_ejabberd).from(Scale::Full),
        prosody(rows::SYNC_FULL_PROSODY, sync_full_prosody).from(Scale::Full),
        ejabberd(rows::BACK_FULL, back_full).from(Scale::Full),
        ejabberd(rows::KEYS_FULL, keys_full).from(Scale::Full),
    ]
}

fn prosody<F>(rows: &'static [Row], measure: fn() -> F) -> Subject
where
    F: Future<Output = Vec<Figures>> + 'static,
{
    on(&["prosody"], rows, measure)
}

fn ejabberd<F>(rows: &'static [Row], measure: fn() -> F) -> Subject
where
    F: Future<Output = Vec<Figures>> + 'static,
{
    on(&["ejabberdctl"], rows, measure)
}

fn on<F>(server: &'static [&'static str], rows: &'static [Row], measure: fn() -> F) -> Subject
where
    F: Future<Output = Vec<Figures>> + 'static,
{
    let subject = Subject::new(rows, measure).from(Scale::Large);
    subject.needs(server).at_most(1)
}
