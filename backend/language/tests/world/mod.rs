//! A small fleet: three hypervisors, six machines, two snapshots, three events.

use std::ops::ControlFlow;

use archipel_language::{
    Field, Noun, Record, Records, Value,
    noun::{self, Relation},
    selector::Visit,
};
use archipel_protocol::VmState;

enum Fact {
    Text(&'static str),
    Texts(&'static [&'static str]),
    Number(f64),
    State(VmState),
    Yes(bool),
}

use Fact::{Number, State, Text, Texts, Yes};

struct Row {
    noun: Noun,
    key: &'static str,
    facts: Vec<(Field, Fact)>,
    /// The keys of the records that it hangs on.
    hangs_on: Vec<&'static str>,
}

/// All of it.
pub(crate) struct World {
    rows: Vec<Row>,
}

struct Seen<'a> {
    world: &'a World,
    row: &'a Row,
}

impl Record for Seen<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        let fact = self.row.facts.iter().find(|(known, _)| *known == field);
        match fact.map(|(_, fact)| fact) {
            None => Value::Missing,
            Some(Text(text)) => Value::Text(text),
            Some(Texts(texts)) => Value::Texts(Box::new(texts.iter().copied())),
            Some(Number(number)) => Value::Number(*number),
            Some(State(state)) => Value::State(*state),
            Some(Yes(yes)) => Value::Yes(*yes),
        }
    }

    fn identity(&self) -> Option<usize> {
        Some(std::ptr::from_ref(self.row).addr())
    }

    fn related(
        &self,
        noun: Noun,
        each: &mut dyn FnMut(&dyn Record) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let known: Vec<&Relation> = noun::of(self.row.noun).collect();
        assert!(known.iter().any(|relation| relation.to == noun));
        let hangs = |row: &&Row| {
            row.hangs_on.contains(&self.row.key) || self.row.hangs_on.contains(&row.key)
        };
        let rows = self.world.rows.iter().filter(|row| row.noun == noun);
        let world = self.world;
        rows.filter(hangs)
            .try_for_each(|row| each(&Seen { world, row }))
    }
}

impl Records for World {
    type Key = &'static str;

    fn visit(&self, noun: Noun, each: &mut Visit<'_, Self::Key>) {
        for row in self.rows.iter().filter(|row| row.noun == noun) {
            each(&|| row.key, &Seen { world: self, row });
        }
    }
}

const GIB: f64 = 1_073_741_824.0;
const HOUR: f64 = 3_600.0;
/// 2026-11-21T00:00:00Z.
const MIDNIGHT: f64 = 1_795_219_200.0;

struct Machine {
    key: &'static str,
    id: &'static str,
    host: [&'static str; 2],
    state: VmState,
    tags: &'static [&'static str],
    gib: f64,
    vcpus: f64,
}

impl Machine {
    fn row(self, more: Vec<(Field, Fact)>) -> Row {
        let hosts: &'static [&'static str] = match self.host[0] {
            "hv01" => &["hv01", "hv01@dc.example"],
            "hv02" => &["hv02", "hv02@dc.example"],
            _ => &["hv03", "hv03@dc.example"],
        };
        let group: &'static [&'static str] = match self.host[1] {
            "rack-a" => &["rack-a"],
            _ => &["rack-b"],
        };
        let mut facts = vec![
            (Field::Name, Text(self.key)),
            (Field::Id, Text(self.id)),
            (Field::Hypervisor, Texts(hosts)),
            (Field::Group, Texts(group)),
            (Field::State, State(self.state)),
            (Field::Tag, Texts(self.tags)),
            (Field::Memory, Number(self.gib * GIB)),
            (Field::Vcpus, Number(self.vcpus)),
        ];
        facts.extend(more);
        Row {
            noun: Noun::Vm,
            key: self.key,
            facts,
            hangs_on: vec![self.host[0]],
        }
    }
}

impl World {
    /// The fleet as it is at 03:00.
    pub(crate) fn new() -> Self {
        let mut rows = hypervisors();
        rows.extend(machines());
        rows.extend(snapshots());
        rows.extend(events());
        Self { rows }
    }

    /// The keys of the machines that are meant.
    pub(crate) fn vms_where(&self, meant: impl Fn(&dyn Record) -> bool) -> Vec<&'static str> {
        let mut keys = Vec::new();
        self.visit(Noun::Vm, &mut |key, record| {
            if meant(record) {
                keys.push(key());
            }
        });
        keys
    }
}

fn hypervisors() -> Vec<Row> {
    let row = |key, id, group, state, more: Vec<(Field, Fact)>| Row {
        noun: Noun::Hypervisor,
        key,
        facts: [
            (Field::Name, Text(key)),
            (Field::Id, Text(id)),
            (Field::Group, Texts(group)),
            (Field::State, Text(state)),
        ]
        .into_iter()
        .chain(more)
        .collect(),
        hangs_on: Vec::new(),
    };
    let figures = |gib: f64, cpu: f64, machines: f64| {
        vec![
            (Field::Memory, Number(gib * GIB)),
            (Field::Cpu, Number(cpu)),
            (Field::Machines, Number(machines)),
            (Field::Driver, Text("QEMU")),
        ]
    };
    vec![
        row(
            "hv01",
            "hv01@dc.example",
            &["rack-a"],
            "online",
            figures(64.0, 90.0, 3.0),
        ),
        row(
            "hv02",
            "hv02@dc.example",
            &["rack-b"],
            "online",
            figures(128.0, 20.0, 2.0),
        ),
        row(
            "hv03",
            "hv03@dc.example",
            &["rack-b"],
            "offline",
            vec![(Field::Machines, Number(1.0))],
        ),
        row(
            "hv04",
            "hv04@dc.example",
            &["rack-c"],
            "online",
            figures(32.0, 1.0, 0.0),
        ),
    ]
}

fn machines() -> Vec<Row> {
    let machine = |key, id, host, state, tags| Machine {
        key,
        id,
        host,
        state,
        tags,
        gib: 1.0,
        vcpus: 1.0,
    };
    let (a, b, c) = (["hv01", "rack-a"], ["hv02", "rack-b"], ["hv03", "rack-b"]);
    vec![
        Machine {
            gib: 4.0,
            vcpus: 2.0,
            ..machine(
                "web01",
                "id-1",
                a,
                VmState::Running,
                &["web", "site/munich"],
            )
        }
        .row(vec![
            (Field::Cpu, Number(85.0)),
            (Field::Uptime, Number(HOUR)),
            (Field::Autostart, Yes(true)),
            (Field::Protected, Yes(true)),
            (Field::Managed, Yes(true)),
            (Field::Time, Number(MIDNIGHT + 2.0 * HOUR)),
            (Field::Description, Text("the shop")),
        ]),
        Machine {
            gib: 2.0,
            vcpus: 2.0,
            ..machine("web02", "id-2", a, VmState::Off, &["web"])
        }
        .row(vec![
            (Field::Autostart, Yes(false)),
            (Field::Managed, Yes(true)),
            (Field::Time, Number(MIDNIGHT - 4.0 * HOUR)),
        ]),
        Machine {
            gib: 16.0,
            vcpus: 8.0,
            ..machine("db01", "id-3", b, VmState::Running, &["db", "infra/net"])
        }
        .row(vec![
            (Field::Cpu, Number(10.0)),
            (Field::Uptime, Number(960.0 * HOUR)),
            (Field::Managed, Yes(true)),
            (Field::Description, Text("orders of the shop")),
        ]),
        Machine {
            gib: 8.0,
            vcpus: 4.0,
            ..machine("cache01", "id-4", b, VmState::Paused, &["infra/net/core"])
        }
        .row(vec![(Field::Managed, Yes(true))]),
        machine("my db", "id-5", a, VmState::Crashed, &[]).row(vec![(Field::Managed, Yes(true))]),
        Machine {
            gib: 0.5,
            ..machine("lab", "id-6", c, VmState::Suspended, &["munich-office"])
        }
        .row(vec![(Field::Managed, Yes(false))]),
    ]
}

fn snapshots() -> Vec<Row> {
    let row = |key, vm, state, current, hour: f64| Row {
        noun: Noun::Snapshot,
        key,
        facts: vec![
            (Field::Name, Text(key)),
            (Field::Vm, Text(vm)),
            (Field::State, State(state)),
            (Field::Current, Yes(current)),
            (Field::Time, Number(MIDNIGHT + hour * HOUR)),
        ],
        hangs_on: vec![vm],
    };
    vec![
        row("before-update", "web01", VmState::Running, true, 1.0),
        row("nightly", "db01", VmState::Off, true, -20.0),
        row("older", "db01", VmState::Off, false, -44.0),
    ]
}

fn events() -> Vec<Row> {
    let row = |key, hangs_on: [&'static str; 2], hour: f64, more: Vec<(Field, Fact)>| Row {
        noun: Noun::Event,
        key,
        facts: [
            (Field::Vm, Text(hangs_on[0])),
            (Field::Hypervisor, Text(hangs_on[1])),
            (Field::Time, Number(MIDNIGHT + hour * HOUR)),
        ]
        .into_iter()
        .chain(more)
        .collect(),
        hangs_on: hangs_on.to_vec(),
    };
    vec![
        row(
            "e1",
            ["web01", "hv01"],
            2.0,
            vec![
                (Field::Id, Number(1.0)),
                (Field::Sort, Text("state")),
                (Field::Severity, Text("info")),
                (Field::Description, Text("web01 started")),
            ],
        ),
        row(
            "e2",
            ["db01", "hv02"],
            2.75,
            vec![
                (Field::Id, Number(2.0)),
                (Field::Sort, Text("command")),
                (Field::Severity, Text("warning")),
                (Field::Who, Text("olga@dc.example")),
                (Field::Verb, Text("vm.pause")),
                (Field::Result, Text("refused")),
                (Field::Description, Text("olga may not suspend db01")),
            ],
        ),
        row(
            "e3",
            ["", "hv02"],
            -1.0,
            vec![
                (Field::Id, Number(3.0)),
                (Field::Sort, Text("alert")),
                (Field::Severity, Text("error")),
                (Field::Description, Text("pool images: disk full")),
            ],
        ),
    ]
}
