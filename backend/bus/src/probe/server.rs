//! Which software the server is, and what is known of it.

use std::time::Duration;

use archipel_config::finding::{Fault, Finding, Severity};

use super::{Check, Inside};

pub(super) static CHECK: Check<Inside> = Check {
    id: "server",
    about: "Which software and version the server is",
    deadline: Duration::from_secs(20),
    alone: false,
    faults: &[&DEEP],
    run: |inside| Box::pin(run(inside)),
};

static DEEP: Fault = Fault {
    id: "server.deep-nesting",
    severity: Severity::Warning,
    title: "One deeply nested stanza can end this server",
    why: "Up to version 23.01 ejabberd can be brought down by any account that sends some thousand elements inside each other; every session is lost with it.",
    todo: "Update the server. Until then keep registration closed and accounts to people you trust.",
    prosody: "",
    ejabberd: "apt install -t bookworm-backports ejabberd",
};

/// The last version of ejabberd that was seen to fall.
const FALLS: (u32, u32) = (23, 1);

async fn run(inside: &Inside) -> Vec<Finding> {
    let on = inside.line.domain();
    let version = inside.version().await;
    if version.name.is_empty() {
        return vec![Finding::ok(CHECK.id, on, "it does not tell its software")];
    }
    let seen = format!("{} {}", version.name, version.version);
    let ejabberd = version.name.to_lowercase().contains("ejabberd");
    let falls = number(&version.version).is_some_and(|number| number <= FALLS);
    vec![if ejabberd && falls {
        Finding::of(&DEEP, on, seen)
    } else {
        Finding::ok(CHECK.id, on, seen)
    }]
}

/// The first two numbers of a version.
fn number(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(|c: char| !c.is_ascii_digit());
    let mut part = || parts.next()?.parse().ok();
    Some((part()?, part()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(number("23.01-6+deb12u2"), Some((23, 1)));
        assert!(number("24.12") > number("23.1"));
        assert_eq!(number("unknown"), None);
    }
}
