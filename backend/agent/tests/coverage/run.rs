//! Runs the rows in a world. What counts is what the tap heard.

use std::collections::BTreeSet;

use archipel_lab::{Exchange, until};
use archipel_protocol::{
    Element, Failure, IqKind, Stanza, chunks::Chunk, failure::FailureKind, push::parse_event,
};

use crate::{
    row::{Ask, Bad, Case, Of, Push, Row, Said, Shows, Step, Table},
    world::{PATIENCE, World, bare},
};

/// A case of an action that was seen.
pub type Cell = (&'static str, &'static str, Case);

/// What came of all rows.
#[derive(Debug, Default)]
pub struct Findings {
    /// Seen as expected.
    pub seen: BTreeSet<Cell>,
    /// Seen otherwise, for people.
    pub faults: Vec<String>,
}

/// A request on its way.
struct Request<'a> {
    by: &'a str,
    namespace: &'a str,
    action: &'a str,
    of: Of,
    asks: Said,
    /// Not the machine's own address, but its hypervisor's.
    through_host: bool,
}

/// Runs every row.
pub async fn run(world: &mut World, tables: &[&'static Table]) -> Findings {
    let mut findings = Findings::default();
    for table in tables {
        for row in table.rows {
            Runner {
                world,
                namespace: table.namespace,
                row,
                findings: &mut findings,
            }
            .run()
            .await;
        }
    }
    findings
}

struct Runner<'a> {
    world: &'a mut World,
    namespace: &'static str,
    row: &'static Row,
    findings: &'a mut Findings,
}

impl Runner<'_> {
    async fn run(&mut self) {
        for step in self.row.before {
            let done = self.step(step).await;
            self.note(None, done);
        }
        let denial = self.refused("eve", self.row.of, self.row.asks, "forbidden");
        let denial = denial.await;
        self.note(Some(Case::Denial), denial);
        let Bad { asks, of, gets } = self.row.bad;
        let bad = self.refused(self.row.by, of.unwrap_or(self.row.of), asks, gets);
        let bad = bad.await;
        self.note(Some(Case::BadInput), bad);
        self.success().await;
        for step in self.row.after {
            let done = self.step(step).await;
            self.note(None, done);
        }
    }

    /// Notes that a case was seen, or why it was not.
    fn note(&mut self, case: Option<Case>, result: Result<(), String>) {
        match (result, case) {
            (Ok(()), Some(case)) => {
                self.findings
                    .seen
                    .insert((self.namespace, self.row.action, case));
            }
            (Ok(()), None) => {}
            (Err(why), case) => {
                let case = case.map_or_else(|| "a step".to_owned(), |case| case.to_string());
                let (on, space, action) = (self.world.on, self.namespace, self.row.action);
                let fault = format!("{on}: `{action}` of `{space}`, {case}: {why}");
                self.findings.faults.push(fault);
            }
        }
    }

    async fn refused(&self, by: &str, of: Of, asks: Said, gets: &str) -> Result<(), String> {
        let request = Request {
            by,
            of,
            asks,
            through_host: true,
            ..self.request()
        };
        let exchange = self.world.exchange(&request).await?;
        outcome_is(&exchange, gets)
    }

    fn request(&self) -> Request<'static> {
        Request {
            by: self.row.by,
            namespace: self.namespace,
            action: self.row.action,
            of: self.row.of,
            asks: self.row.asks,
            through_host: false,
        }
    }

    async fn success(&mut self) {
        let mark = self.world.tap.count();
        let driver = self.world.on.driver;
        let except = self.row.exception(Case::Success, driver);
        let gets = except.map_or("result", |except| except.gets);
        let success = self.succeeds(gets).await;
        let is_done = success.is_ok() && gets == "result";
        self.note(Some(Case::Success), success);
        let Some(push) = &self.row.push else { return };
        if self.row.exception(Case::Push, driver).is_some() {
            return self.note(Some(Case::Push), Ok(()));
        }
        if is_done {
            let pushed = self.world.pushed(mark, push).await;
            self.note(Some(Case::Push), pushed);
        }
    }

    async fn succeeds(&mut self, gets: &str) -> Result<(), String> {
        let boots = self.world.boots().unwrap_or_default();
        let exchange = self.world.exchange_when_ready(&self.request()).await?;
        outcome_is(&exchange, gets)?;
        if gets != "result" {
            return Ok(());
        }
        let answer = exchange.reply.payload().cloned();
        for (word, element, attribute) in self.row.keeps {
            let held = answer.as_ref().and_then(|answer| found(answer, element));
            let value = held.and_then(|element| element.attr(*attribute));
            let value = value.ok_or_else(|| format!("no `{attribute}` of `{element}`"))?;
            self.world.learn(word, value.to_owned());
        }
        for shows in self.row.shows {
            self.world.shows(shows, answer.as_ref(), boots).await?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            // What is so already is an error to virsh, and none here: the case itself tells.
            Step::Virsh(command) => {
                let _ = self.world.virsh(command).await;
                Ok(())
            }
            Step::Asks(ask) => {
                let exchange = self.world.exchange(&Request::of(ask)).await?;
                outcome_is(&exchange, "result")
            }
            Step::Up => self.world.booted(1).await,
            Step::Piece(machine, title) => self.world.cut_piece(machine, title).await,
        }
    }
}

impl Request<'_> {
    fn of(ask: &Ask) -> Request<'_> {
        Request {
            by: ask.by,
            namespace: ask.namespace,
            action: ask.action,
            of: ask.of,
            asks: ask.asks,
            through_host: true,
        }
    }

    fn payload(&self, world: &World) -> Element {
        let vm = match self.of {
            Of::Machine(machine) if self.through_host => format!(" vm='{{{machine}}}'"),
            _ => String::new(),
        };
        let Said {
            attributes,
            children,
        } = self.asks;
        let text = format!(
            "<query xmlns='{}'><archipel action='{}'{vm} {attributes}>{children}</archipel></query>",
            self.namespace, self.action
        );
        let text = world.fill(&text);
        text.parse().unwrap_or_else(|why| panic!("{why}: {text}"))
    }
}

impl World {
    /// How a request is answered: the outcome, and the text of a refusal.
    pub async fn answer(&self, ask: &Ask) -> (String, String) {
        let exchange = self.exchange(&Request::of(ask)).await.expect("an answer");
        (outcome(&exchange), refusal(&exchange))
    }

    /// Keeps an attribute of an element in the answer as a word.
    pub async fn keep(&mut self, ask: &Ask, word: &'static str, element: &str, attribute: &str) {
        let exchange = self.exchange(&Request::of(ask)).await.expect("an answer");
        let held = exchange
            .reply
            .payload()
            .and_then(|answer| found(answer, element));
        let value = held
            .and_then(|held| held.attr(attribute))
            .expect("an attribute");
        self.learn(word, value.to_owned());
    }

    /// Asks until the agent is there to hear it: while it finds its way back to the bus the server answers for it.
    async fn exchange(&self, request: &Request<'_>) -> Result<Exchange, String> {
        let asked = until("a request that reaches the agent", PATIENCE, async || {
            self.heard(request).await.transpose()
        });
        asked.await.map_err(|error| error.to_string())?
    }

    /// Asks, and finds the exchange among what the tap heard; `None`: nobody else than the server has answered.
    async fn heard(&self, request: &Request<'_>) -> Result<Option<Exchange>, String> {
        let to = match request.of {
            Of::Machine(word) if !request.through_host => self.machine(word),
            _ => self.host(),
        };
        let kind = if is_change(request) {
            IqKind::Set
        } else {
            IqKind::Get
        };
        let answer = self
            .ask(request.by, kind, &to, request.payload(self))
            .await?;
        let Some(exchange) = self.tap.exchange(&answer.id, &bare(request.by)) else {
            return Ok(None);
        };
        let payload = exchange.request.payload();
        let action = payload.and_then(|query| found(query, "archipel")?.attr("action"));
        let same = payload.is_some_and(|query| query.ns() == request.namespace)
            && action == Some(request.action)
            && exchange.reply.kind == answer.kind;
        same.then_some(Some(exchange))
            .ok_or_else(|| "the tap heard something else".to_owned())
    }

    /// Asks again while the agent is busy, as with its first sample.
    async fn exchange_when_ready(&self, request: &Request<'_>) -> Result<Exchange, String> {
        let asked = until("an answer other than `busy`", PATIENCE, async || {
            let exchange = self.exchange(request).await;
            let busy = matches!(&exchange, Ok(exchange) if outcome(exchange) == "busy");
            (!busy).then_some(exchange)
        });
        asked.await.map_err(|error| error.to_string())?
    }

    /// `boots`: how often the first guest had come up before.
    async fn shows(
        &self,
        shows: &Shows,
        answer: Option<&Element>,
        boots: usize,
    ) -> Result<(), String> {
        match shows {
            Shows::Answer(text) => {
                let said = answer
                    .map(String::from)
                    .unwrap_or_default()
                    .replace('"', "'");
                let text = self.fill(text);
                said.contains(&text)
                    .then_some(())
                    .ok_or_else(|| format!("no `{text}` in the answer: {said}"))
            }
            Shows::Virsh(command, text) => self.virsh_says(command, text, true).await,
            Shows::Gone(command, text) => self.virsh_says(command, text, false).await,
            Shows::Boots => self.booted(boots + 1).await,
            Shows::Feed(word, what, holds) => {
                let id = self.fill(&format!("{{{word}}}"));
                let told = until(what, PATIENCE, async || {
                    let rows = self.feed().await;
                    let row = rows.iter().find(|row| row.id.to_string() == id)?;
                    holds(row).then_some(())
                });
                told.await.map_err(|error| error.to_string())
            }
            Shows::Later(_) => Ok(()),
            Shows::Then(ask, gets) => outcome_is(&self.exchange(&Request::of(ask)).await?, gets),
        }
    }

    async fn virsh_says(&self, command: &str, text: &str, wanted: bool) -> Result<(), String> {
        let text = self.fill(text);
        let mut last = String::new();
        let said = until(&text, PATIENCE, async || {
            last = self.virsh(command).await.unwrap_or_else(|error| error);
            (last.contains(&text) == wanted).then_some(())
        });
        said.await
            .map_err(|error| format!("{error}; `virsh {command}` said: {last}"))
    }

    async fn booted(&self, times: usize) -> Result<(), String> {
        let what = format!("boot {times}");
        let booted = until(&what, PATIENCE, async || {
            let boots = self.boots();
            boots.is_none_or(|boots| boots >= times).then_some(())
        });
        booted
            .await
            .map_err(|error| format!("{error}; its serial line ends: {}", self.serial()))
    }

    /// Whether the administrator was told, as the original's clients are.
    async fn pushed(&self, mark: usize, push: &Push) -> Result<(), String> {
        let entity = self.jid(match push.of {
            Of::Host => "host",
            Of::Machine(word) => word,
        });
        let change = self.fill(push.change);
        let told = until("the push", PATIENCE, async || {
            self.tap.find(mark, |heard| {
                let Stanza::Message(message) = &heard.stanza else {
                    return None;
                };
                let pushes = parse_event(message);
                let mut all = pushes.iter().filter(|_| !heard.to_server);
                all.any(|(of, said)| {
                    *of == entity && said.family == push.family && said.change == change
                })
                .then_some(())
            })
        });
        told.await
            .map_err(|error| format!("{error}: `{}` `{change}` of {entity}", push.family))
    }

    async fn cut_piece(&mut self, machine: &str, title: &str) -> Result<(), String> {
        let text = self
            .virsh(&format!("dumpxml --inactive {{{machine}}}"))
            .await?;
        let (before, rest) = text.split_once("<title>").ok_or("no title")?;
        let (_, after) = rest.split_once("</title>").ok_or("no end of the title")?;
        let text = format!("{before}<title>{title}</title>{after}");
        let piece = Chunk::cut(&text, 0).filter(|piece| piece.text.len() == text.len());
        let piece = piece.ok_or("the definition does not fit into one piece")?;
        self.learn("whole", piece.digest.to_string());
        self.learn("piece", String::from(&piece.to_element()));
        Ok(())
    }
}

/// Whether it is sent as `set`; a word that is not known is read.
fn is_change(request: &Request<'_>) -> bool {
    let tables = archipel_protocol::Request::TABLE.iter();
    let mut rows = tables
        .filter(|family| family.namespace == request.namespace)
        .flat_map(|family| family.actions);
    rows.any(|row| row.word == request.action && row.is_change)
}

/// The element of this name in a tree.
fn found<'a>(tree: &'a Element, name: &str) -> Option<&'a Element> {
    if tree.name() == name {
        return Some(tree);
    }
    tree.children().find_map(|child| found(child, name))
}

/// `result`, or the refusal with the field that it names.
fn outcome(exchange: &Exchange) -> String {
    if exchange.reply.kind == IqKind::Result {
        return "result".to_owned();
    }
    let failure = Failure::parse(&exchange.reply);
    match &failure.kind {
        FailureKind::Invalid { field } => format!("invalid {field}"),
        kind => kind.word().to_owned(),
    }
}

fn outcome_is(exchange: &Exchange, gets: &str) -> Result<(), String> {
    let outcome = outcome(exchange);
    if outcome == gets {
        return Ok(());
    }
    let why = refusal(exchange);
    Err(format!("answered `{outcome}` in place of `{gets}`: {why}"))
}

fn refusal(exchange: &Exchange) -> String {
    let error = exchange.reply.error();
    error.map_or_else(String::new, |_| Failure::parse(&exchange.reply).text)
}
