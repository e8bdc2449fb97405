//! What happens to the machines of a fleet by itself: guests boot, stop and crash, hosts hand machines to each other.
//!
//! A script is a pure function of the fleet, the seed and the rates. It keeps its own account of what every machine does; where an
//! operator interferes, [`super::stage`] leaves out what cannot be done any more.

use std::collections::BTreeMap;
use std::time::Duration;

use archipel_protocol::{VmId, VmState};

use super::{Blueprint, scenario::Rates, seed::Random};

/// A machine's host as the script sees it: the number in the blueprint.
pub type HostNumber = usize;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// When, from the beginning of the script.
    pub at: Duration,
    /// To which machine.
    pub vm: VmId,
    /// What.
    pub what: What,
}

/// What happens to a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Somebody on the host starts it.
    Boot(HostNumber),
    /// Its guest shuts down.
    ShutDown(HostNumber),
    /// Its guest crashes.
    Crash(HostNumber),
    /// Somebody on the host pauses it.
    Pause(HostNumber),
    /// It goes on.
    Resume(HostNumber),
    /// A migration begins: the definition goes, the machine runs on.
    Leave(HostNumber),
    /// The migration ends: the machine stops on one host and runs on another.
    Move {
        /// Where it was.
        from: HostNumber,
        /// Where it is now.
        to: HostNumber,
    },
}

/// How long a migration takes. The host's agent sees in between that the machine will not stay.
const MIGRATION: Duration = Duration::from_secs(5);

/// After a crash, a watchdog starts the machine anew within this time.
const RECOVERY: Duration = Duration::from_secs(20);

/// A pause ends within this time.
const PAUSED: Duration = Duration::from_secs(30);

/// How often a machine in the wanted state is looked for.
const TRIES: usize = 32;

/// The events of a fleet in order, without an end.
#[derive(Debug, Clone)]
pub struct Script {
    random: Random,
    machines: Vec<Shadow>,
    hosts: usize,
    rates: Rates,
    now: Duration,
    /// The next event that chance brings.
    next: Option<Duration>,
    /// What follows from earlier events.
    due: BTreeMap<(Duration, u64), (usize, Kind)>,
    count: u64,
}

/// What the script knows of a machine.
#[derive(Debug, Clone, Copy)]
struct Shadow {
    id: VmId,
    host: HostNumber,
    state: VmState,
    /// An event that follows an earlier one is to come: until then nothing else happens to it.
    busy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boot,
    ShutDown,
    Crash,
    Pause,
    Resume,
    Leave,
    Move(HostNumber),
}

impl Script {
    /// Nothing happens until rates are set.
    pub fn new(fleet: &Blueprint, seed: u64) -> Script {
        let machines = fleet.hosts.iter().enumerate().flat_map(|(host, plan)| {
            plan.machines.iter().map(move |machine| Shadow {
                id: machine.domain.id,
                host,
                state: machine.domain.state,
                busy: false,
            })
        });
        Script {
            random: Random::stream(seed, "events"),
            machines: machines.collect(),
            hosts: fleet.hosts.len(),
            rates: Rates::default(),
            now: Duration::ZERO,
            next: None,
            due: BTreeMap::new(),
            count: 0,
        }
    }

    /// From `at` on events come this often.
    pub fn set_rates(&mut self, rates: Rates, at: Duration) {
        self.rates = rates;
        self.now = at;
        self.draw();
    }

    /// The next event before `end`, if there is one.
    pub fn next_before(&mut self, end: Duration) -> Option<Happening> {
        loop {
            let chance = self.next.unwrap_or(Duration::MAX);
            let due = self
                .due
                .first_key_value()
                .map_or(Duration::MAX, |((at, _), _)| *at);
            if chance.min(due) >= end {
                return None;
            }
            self.now = chance.min(due);
            let happening = if due <= chance {
                self.due
                    .pop_first()
                    .map(|(_, (machine, kind))| self.happen(machine, kind))
            } else {
                let picked = self.pick();
                self.draw();
                picked.map(|(machine, kind)| self.happen(machine, kind))
            };
            if happening.is_some() {
                return happening;
            }
        }
    }

    /// When chance brings the next event.
    fn draw(&mut self) {
        let machines = f64::from(u32::try_from(self.machines.len()).unwrap_or(u32::MAX));
        let per_second = self.rates.sum() * machines / 3_600.0;
        self.next =
            (per_second > 0.0).then(|| self.now.saturating_add(self.random.pause(per_second)));
    }

    /// A kind of event by its rate, and a machine to which it can happen.
    fn pick(&mut self) -> Option<(usize, Kind)> {
        let kind = self.kind();
        let wanted: &[VmState] = match kind {
            Kind::Boot => &[VmState::Off, VmState::Crashed],
            _ => &[VmState::Running],
        };
        (0..TRIES).find_map(|_| {
            let number = self.random.below(self.machines.len());
            let machine = self.machines.get(number)?;
            (!machine.busy && wanted.contains(&machine.state)).then_some((number, kind))
        })
    }

    fn kind(&mut self) -> Kind {
        let rates = &self.rates;
        let kinds = [
            (rates.boots, Kind::Boot),
            (rates.stops, Kind::ShutDown),
            (rates.crashes, Kind::Crash),
            (rates.pauses, Kind::Pause),
            (rates.migrations, Kind::Leave),
        ];
        let mut left = self.random.fraction() * rates.sum();
        for (rate, kind) in kinds {
            if left < rate {
                return kind;
            }
            left -= rate;
        }
        Kind::Boot
    }

    fn happen(&mut self, number: usize, kind: Kind) -> Happening {
        let Shadow { id, host, .. } = self.machines[number];
        let (state, what, then) = match kind {
            Kind::Boot => (VmState::Running, What::Boot(host), None),
            Kind::ShutDown => (VmState::Off, What::ShutDown(host), None),
            Kind::Resume => (VmState::Running, What::Resume(host), None),
            Kind::Crash => (
                VmState::Crashed,
                What::Crash(host),
                Some((self.within(RECOVERY), Kind::Boot)),
            ),
            Kind::Pause => (
                VmState::Paused,
                What::Pause(host),
                Some((self.within(PAUSED), Kind::Resume)),
            ),
            Kind::Leave => {
                let step = 1 + self.random.below(self.hosts.saturating_sub(1));
                let to = (host + step) % self.hosts;
                (
                    VmState::Running,
                    What::Leave(host),
                    Some((MIGRATION, Kind::Move(to))),
                )
            }
            Kind::Move(to) => (VmState::Running, What::Move { from: host, to }, None),
        };
        let machine = &mut self.machines[number];
        machine.state = state;
        machine.busy = then.is_some();
        if let Kind::Move(to) = kind {
            machine.host = to;
        }
        if let Some((after, next)) = then {
            self.count += 1;
            self.due
                .insert((self.now + after, self.count), (number, next));
        }
        Happening {
            at: self.now,
            vm: id,
            what,
        }
    }

    fn within(&mut self, longest: Duration) -> Duration {
        longest.mul_f64(0.2 + 0.8 * self.random.fraction())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::FleetSize;

    const BUSY: Rates = Rates {
        boots: 2.0,
        stops: 2.0,
        crashes: 1.0,
        pauses: 1.0,
        migrations: 1.0,
    };

    fn events(seed: u64) -> Vec<Happening> {
        let size = FleetSize {
            hosts: 20,
            machines: 20,
        };
        let mut script = Script::new(&Blueprint::new(size, 1), seed);
        script.set_rates(BUSY, Duration::ZERO);
        let mut all = Vec::new();
        while let Some(happening) = script.next_before(Duration::from_mins(10)) {
            all.push(happening);
        }
        all
    }

    #[test]
    fn a_seed_gives_one_sequence_of_events() {
        assert_eq!(events(3), events(3));
        assert_ne!(events(3), events(4));
    }

    #[test]
    fn events_come_in_order_and_about_as_often_as_wanted() {
        let all = events(1);
        assert!(all.is_sorted_by_key(|happening| happening.at));
        // 400 machines, seven an hour each, for ten minutes, and what follows from them.
        assert!((400..900).contains(&all.len()), "{}", all.len());
        let kinds = all
            .iter()
            .map(|happening| std::mem::discriminant(&happening.what));
        assert_eq!(kinds.collect::<std::collections::HashSet<_>>().len(), 7);
    }

    #[test]
    fn without_rates_nothing_happens() {
        let size = FleetSize {
            hosts: 2,
            machines: 2,
        };
        let mut script = Script::new(&Blueprint::new(size, 1), 1);
        assert_eq!(script.next_before(Duration::MAX), None);
    }
}
