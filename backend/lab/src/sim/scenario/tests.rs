#![allow(clippy::unwrap_used)]
use super::*;

fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse(Path::new("mine.toml"), text)
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn all_that_are_shipped_are_sound_and_say_what_they_do() {
    for shipped in SHIPPED {
        let scenario = Scenario::find(shipped.name).unwrap();
        assert!(!scenario.summary.is_empty(), "{}", shipped.name);
        assert!(
            scenario.lasts() <= Duration::from_mins(5),
            "{}",
            shipped.name
        );
    }
}

#[test]
fn a_document_is_read_as_written() {
    let scenario = parse(
        "summary = 'x'\n[[phase]]\nname = 'a'\nlasts = '2s'\nevents = { boots = 1.5 }\n\
         line = { latency = '80ms', bytes_per_second = 3000, sites = 0.5 }\nserver = { end = 'kill', away = '1s' }",
    )
    .unwrap();
    let phase = &scenario.phases[0];
    assert!((phase.events.sum() - 1.5).abs() < 1e-9);
    let line = phase.line.unwrap().line();
    assert_eq!(line.latency, Duration::from_millis(80));
    assert_eq!(line.bytes_per_second, NonZeroU32::new(3000));
    assert_eq!(phase.server.unwrap().end, End::Kill);
    assert!(scenario.needs_lines() && scenario.needs_own_server());
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let unknown = refusal("summary = 'x'\n[[phase]]\nname = 'a'\nlasts = '2s'\nevnts = {}");
    assert!(
        unknown.contains("mine.toml") && unknown.contains("evnts") && unknown.contains('5'),
        "{unknown}"
    );
    let time = refusal("summary = 'x'\n[[phase]]\nname = 'a'\nlasts = '2 weeks'");
    assert!(time.contains("90s"), "{time}");
    let rate =
        refusal("summary = 'x'\n[[phase]]\nname = 'a'\nlasts = '2s'\nevents = { boots = -1 }");
    assert!(
        rate.contains("phase `a`") && rate.contains("3600"),
        "{rate}"
    );
    let share =
        refusal("summary = 'x'\n[[phase]]\nname = 'a'\nlasts = '2s'\nline = { sites = 1.5 }");
    assert!(share.contains("line.sites"), "{share}");
    assert!(refusal("summary = 'x'\nphase = []").contains("no phase"));
}

#[test]
fn an_unknown_name_lists_those_that_are_known() {
    let said = Scenario::find("strom").unwrap_err().to_string();
    assert!(
        said.contains("strom") && said.contains("storm") && said.contains("partition"),
        "{said}"
    );
}
