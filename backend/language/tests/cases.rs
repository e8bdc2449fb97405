//! What selectors and scopes pick from a small fleet, or which error they end in: the table is `cases.txt`.
//!
//! `UPDATE=1 cargo test -p archipel-language --test cases` writes what comes out; read the difference before you keep it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Tests may read files; the crate may not.
#![allow(clippy::disallowed_methods)]

mod world;

use std::{fmt::Write, fs, path::Path};

use archipel_language::{Noun, Now, Scope, Selector, SelectorError};
use world::World;

/// 2026-11-21T03:00:00Z.
const NOW: Now = Now::utc(1_795_230_000);

/// How the lines of a section are read.
#[derive(Debug, Clone, Copy)]
enum Mode {
    Exact(Noun),
    Filter(Noun),
    Scope,
}

impl Mode {
    fn of(title: &str) -> Self {
        match title.split_once(' ') {
            Some(("exact", noun)) => Self::Exact(Noun::by_word(noun).unwrap()),
            Some(("filter", noun)) => Self::Filter(Noun::by_word(noun).unwrap()),
            _ => Self::Scope,
        }
    }

    fn outcome(self, text: &str, world: &World) -> String {
        let picked = match self {
            Self::Exact(noun) => selected(|text| Selector::exact(noun, text), text, world),
            Self::Filter(noun) => selected(|text| Selector::filter(noun, text), text, world),
            Self::Scope => scoped(text, world),
        };
        match picked {
            Ok(keys) => format!("=> {}", keys.join(" ")).trim_end().to_owned(),
            Err(error) => format!("!! {}: {}", error.at, error.problem),
        }
    }
}

type Picked = Result<Vec<&'static str>, SelectorError>;

fn selected(
    read: impl Fn(&str) -> Result<Selector, SelectorError>,
    text: &str,
    world: &World,
) -> Picked {
    let selector = read(text)?;
    let printed = selector.to_string();
    assert_eq!(
        read(&printed).unwrap(),
        selector,
        "{text} is printed as {printed}"
    );
    Ok(selector.select_at(world, NOW))
}

fn scoped(text: &str, world: &World) -> Picked {
    let scope = Scope::parse(text)?;
    let printed = scope.to_string();
    assert_eq!(
        Scope::parse(&printed).unwrap(),
        scope,
        "{text} is printed as {printed}"
    );
    let wider = Selector::exact(Noun::Vm, text)
        .unwrap()
        .select_at(world, NOW);
    let picked = world.vms_where(|record| scope.holds(record));
    assert_eq!(picked, wider, "{text}");
    Ok(picked)
}

#[test]
fn every_case_comes_out_as_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases.txt");
    let table = fs::read_to_string(&path).unwrap();
    let world = World::new();
    let mut mode = Mode::Scope;
    let (mut found, mut cases) = (String::new(), 0);
    for line in table.lines() {
        let title = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'));
        mode = title.map_or(mode, Mode::of);
        if line.is_empty() || line.starts_with('#') || title.is_some() {
            found.push_str(line);
        } else {
            let text = line
                .split(" => ")
                .next()
                .unwrap()
                .split(" !! ")
                .next()
                .unwrap();
            let text = text.trim_end_matches(" =>").trim_end();
            cases += 1;
            write!(found, "{text} {}", mode.outcome(text, &world)).unwrap();
        }
        found.push('\n');
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &found).unwrap();
        return;
    }
    for (found, wanted) in found.lines().zip(table.lines()) {
        assert_eq!(found, wanted);
    }
    assert!(cases >= 300, "{cases} cases");
}
