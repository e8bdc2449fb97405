#![allow(clippy::unwrap_used)]
use archipel_protocol::VmState;
use proptest::prelude::*;

use super::*;

mod trees;

struct Machine {
    name: &'static str,
    state: VmState,
    tags: Vec<&'static str>,
    memory: f64,
    cpu: Option<f64>,
}

impl Record for Machine {
    fn value(&self, field: Field) -> Value<'_> {
        match field {
            Field::Name => Value::Text(self.name),
            Field::Id => Value::Text("7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01"),
            Field::State => Value::State(self.state),
            Field::Tag => Value::Texts(Box::new(self.tags.iter().copied())),
            Field::Hypervisor => Value::Texts(Box::new(["hv01", "hv01@dc.example"].into_iter())),
            Field::Memory => Value::Number(self.memory),
            Field::Cpu => self.cpu.map_or(Value::Missing, Value::Number),
            Field::Vcpus => Value::Number(2.0),
            Field::Managed => Value::Yes(true),
            _ => Value::Missing,
        }
    }
}

const GIB: f64 = 1_073_741_824.0;

fn web01() -> Machine {
    Machine {
        name: "web01",
        state: VmState::Running,
        tags: vec!["web", "site/munich"],
        memory: 4.0 * GIB,
        cpu: None,
    }
}

fn picks(text: &str) -> bool {
    Selector::exact(Noun::Vm, text).unwrap().matches(&web01())
}

fn filters(text: &str) -> bool {
    Selector::filter(Noun::Vm, text).unwrap().matches(&web01())
}

fn refused(text: &str) -> SelectorError {
    Selector::exact(Noun::Vm, text).unwrap_err()
}

#[test]
fn a_bare_word_is_a_name() {
    assert!(
        picks("web01")
            && picks("WEB*")
            && picks("\"web01\"")
            && picks("7d0c0d4e-0b6e-4f0e-9d5c-3f1c2a9b8e01")
    );
    assert!(!picks("web") && !picks("eb0") && !picks("\"web*\""));
    assert!(filters("eb0") && filters("EB0") && filters("web*") && filters("") && !filters("eb*"));
}

#[test]
fn a_plain_word_is_told_from_a_query() {
    let is_name = |text| Selector::exact(Noun::Vm, text).unwrap().is_name();
    assert!(is_name("web01") && is_name("\"a*\"") && !is_name("web*") && !is_name("name = web01"));
}

#[test]
fn fields_are_compared() {
    for text in [
        "state = running",
        "status = up",
        "State != down",
        "tag = web",
        "tag = site/**",
        "tag != db",
        "memory >= 4GiB",
        "memory = 4096MiB",
        "memory<8g",
        "vcpus = 2",
        "vcpus in (1, 2)",
        "managed = yes",
        "hypervisor = hv01",
        "host = HV01@dc.example",
        "state in (off, up)",
        "name not in (db01, db02)",
    ] {
        assert!(picks(text), "{text}");
    }
    for text in [
        "state = off",
        "tag = db",
        "tag != web",
        "memory > 4GiB",
        "managed = no",
        "tag = site",
    ] {
        assert!(!picks(text), "{text}");
    }
}

#[test]
fn a_missing_value_equals_nothing() {
    assert!(!picks("cpu > 0%") && !picks("cpu <= 100") && !picks("cpu = 0") && picks("cpu != 0"));
    assert!(!picks("group = *") && picks("not group = *"));
}

#[test]
fn and_binds_tighter_than_or_and_not_tightest() {
    assert!(picks("web01 or db01 and db01"));
    assert!(!picks("(web01 or db01) and db01"));
    assert!(picks("not db01 and web01") && !picks("not (db01 or web01)"));
    assert!(picks("NOT db01 AND Web01 Or x"));
}

#[test]
fn a_noun_may_stand_in_front() {
    let selector = Selector::exact(Noun::Vm, "Hosts: state = online and machines > 3").unwrap();
    assert_eq!(selector.noun(), Noun::Hypervisor);
    assert_eq!(
        selector.to_string(),
        "hypervisors: state = online and machines > 3"
    );
    assert_eq!(
        Selector::exact(Noun::Hypervisor, "vms: web*")
            .unwrap()
            .noun(),
        Noun::Vm
    );
    assert!(Selector::filter(Noun::Vm, " vms: ").unwrap().is_all());
}

#[test]
fn mistakes_point_at_the_character_and_suggest() {
    for (text, at, words) in [
        (
            "stat = up",
            0,
            "there is no field `stat`, did you mean `state`?",
        ),
        (
            "web* and colour = 3",
            9,
            "there is no field `colour`; there are name, id,",
        ),
        (
            "state = runing",
            8,
            "there is no state `runing`, did you mean `running`?",
        ),
        (
            "memory > 4",
            9,
            "`memory` is compared with a size with its unit",
        ),
        ("vcpus = many", 8, "a number such as 4, not `many`"),
        ("state > off", 6, "`state` has no order; use =, != or in"),
        ("name = ", 6, "a value is missing"),
        ("(web01", 6, "`)` is missing"),
        ("tag in (a b)", 10, "`,` or `)` expected instead of `b`"),
        ("tag in a", 7, "`(` after `in` expected"),
        (
            "web01 web02",
            6,
            "`and`, `or` or the end expected instead of `web02`",
        ),
        ("name = and", 7, "as a value write \"and\""),
        ("and web", 0, "`and` is a word of the language"),
        ("name = \"x", 7, "this \" is never closed"),
        (" lans: x", 1, "there is no noun `lans`"),
        (
            "hypervisor.cpus.x > 3",
            11,
            "no way leads from hypervisors to `cpus`",
        ),
        ("web* sort name", 10, "`by` expected instead of `name`"),
        ("über = 1", 0, "there is no field `über`"),
        (
            "ü* and [x",
            7,
            "a word, or a text in quotes, expected instead of `[`",
        ),
        ("name not x", 9, "`in` expected instead of `x`"),
    ] {
        let error = refused(text);
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(error.problem.to_string().contains(words), "{text}: {error}");
    }
}

#[test]
fn the_pointer_stands_below_the_character() {
    let error = refused("web* and stat = up");
    assert_eq!(
        error.pointed("web* and stat = up"),
        "web* and stat = up\n         ^ there is no field `stat`, did you mean `state`?"
    );
    assert!(error.to_string().starts_with("character 10: "));
}

#[test]
fn length_and_depth_are_bounded() {
    assert_eq!(
        refused(&"x".repeat(LENGTH_LIMIT + 1)).problem,
        Problem::TooLong
    );
    let nested = |n| format!("{}x{}", "(".repeat(n), ")".repeat(n));
    assert!(Selector::exact(Noun::Vm, &nested(DEPTH_LIMIT)).is_ok());
    assert_eq!(refused(&nested(DEPTH_LIMIT + 1)).problem, Problem::TooDeep);
    assert_eq!(refused(&"not ".repeat(900)).problem, Problem::TooDeep);
    let long: Vec<&str> = std::iter::repeat_n("a", 600).collect();
    assert!(Selector::exact(Noun::Vm, &long.join(" or ")).is_ok());
}

#[test]
fn a_selector_says_since_when() {
    let now = Now::utc(1_795_230_000);
    let since = |text| Selector::exact(Noun::Event, text).unwrap().since(now);
    assert_eq!(since("since 2h and vm.tag = web"), Some(1_795_222_800.0));
    assert_eq!(since("since 2h and time > 1h"), Some(1_795_226_400.0));
    assert_eq!(since("since 2h or since 1h"), None);
    assert_eq!(since("not since 2h"), None);
    assert_eq!(since("until 2h"), None);
}

struct Names(Vec<Machine>);

impl Records for Names {
    type Key = &'static str;

    fn visit(&self, noun: Noun, each: &mut Visit<'_, Self::Key>) {
        for machine in self.0.iter().filter(|_| noun == Noun::Vm) {
            each(&|| machine.name, machine);
        }
    }
}

#[test]
fn a_selector_picks_keys_in_order() {
    let names = Names(vec![
        web01(),
        Machine {
            name: "db01",
            ..web01()
        },
        Machine {
            name: "web02",
            ..web01()
        },
    ]);
    let picked = Selector::exact(Noun::Vm, "web*").unwrap().select(&names);
    assert_eq!(picked, ["web01", "web02"]);
}

/// Texts of well-formed selectors with redundant spaces, capitals and parentheses.
fn sound() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z][a-z0-9*?._-]{0,6}"
            .prop_filter("a word", |word| !lexer::RESERVED.contains(&word.as_str())),
        "\"[a-z *\\\\\\\\(ü]{0,4}\""
            .prop_filter("closed", |text| Selector::exact(Noun::Vm, text).is_ok()),
        Just("state = UP".to_owned()),
        Just("tag  in ( web,infra/** , \"a b\" )".to_owned()),
        Just("vcpus not in (1,2)".to_owned()),
        Just("Vcpus in 2..8".to_owned()),
        Just("vcpus not in ( 1..1 ,  4..8, 16)".to_owned()),
        Just("host.cpu>80%".to_owned()),
        Just("hypervisor.vms.status not in (up)".to_owned()),
        Just("host.status.online".to_owned()),
        Just("since  02:30".to_owned()),
        Just("changed in 2026-11-20..2026-11-21T01:00:00Z".to_owned()),
        "/[a-z\\\\/()\\[\\]|]{0,5}/"
            .prop_map(|regex| format!("name!~{regex}"))
            .prop_filter("an expression", |text| Selector::exact(Noun::Vm, text)
                .is_ok()),
        Just("text has \"disk full\"".to_owned()),
        (0_u32..5000, 0_u32..10).prop_map(|(whole, tenth)| format!("memory >= {whole}.{tenth}g")),
        (0_u32..100).prop_map(|percent| format!("cpu<{percent}%")),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| format!("not {part}")),
            inner.clone().prop_map(|part| format!("( {part})")),
            inner
                .clone()
                .prop_map(|part| format!("ALL ( host : any(vms:{part}))")),
            inner
                .clone()
                .prop_map(|part| format!("count(hypervisor:none(vms: {part})) in 2..3")),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" AND "))),
            prop::collection::vec(inner, 2..4).prop_map(|parts| parts.join(" or ")),
        ]
    })
}

proptest! {
    #[test]
    fn a_printed_selector_is_the_same_selector(
        text in sound(),
        tail in prop::sample::select(vec!["", " sortby name", " sort by host.cpu desc , memory asc limit 3", " limit 1"]),
    ) {
        let text = format!("{text}{tail}");
        let selector = Selector::exact(Noun::Vm, &text).unwrap();
        let printed = selector.to_string();
        prop_assert_eq!(Selector::exact(Noun::Vm, &printed).unwrap(), selector, "{}", printed);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[a-z=<>!(),\"'* %0-9.:~/\\\\ü\u{1b}]{0,60}") {
        match Selector::filter(Noun::Vm, &text) {
            Ok(selector) => {
                selector.matches(&web01());
                let printed = selector.to_string();
                prop_assert_eq!(Selector::filter(Noun::Vm, &printed).unwrap(), selector, "{}", printed);
            }
            Err(error) => {
                prop_assert!(error.at <= text.chars().count());
                error.pointed(&text);
            }
        }
    }
}
