//! Selectors over a large fleet.

use archipel_language::{Noun, Selector};

use crate::{
    frame::{Figures, Goal, Row, Table, Unit},
    invented::{self, Size},
    subjects::times,
};

/// Rows of [`selector`].
pub(super) const SELECTOR: &[Row] = &[
    Row {
        name: "selector-join",
        what: "selector with a join over 40,000 machines",
        goal: Goal::P99(20.0),
        unit: Unit::Milliseconds,
        place: "no server, 2,500 hypervisors",
        table: Table::Budgets,
    },
    Row {
        name: "selector-name",
        what: "selector `web*` over 40,000 machines",
        goal: Goal::None,
        unit: Unit::Milliseconds,
        place: "no server, 2,500 hypervisors",
        table: Table::Parts,
    },
];

/// From the text to the machines picked.
pub(super) async fn selector() -> Vec<Figures> {
    let fleet = invented::fleet(Size::FULL);
    let picks = |text: &str| {
        let found = Selector::exact(Noun::Vm, text).map(|selector| selector.select(&fleet).len());
        assert!(
            matches!(found, Ok(1..)),
            "`{text}` picks nothing: {found:?}"
        );
        times(100, || {
            let selector = Selector::exact(Noun::Vm, text).expect("a selector");
            selector.select(&fleet).len()
        })
    };
    vec![
        SELECTOR[0].values(picks(JOIN)),
        SELECTOR[1].values(picks("web*")),
    ]
}

const JOIN: &str =
    "state = running and tag = build and hypervisor.memory >= 200GiB sort by memory desc limit 20";
