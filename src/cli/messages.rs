//! What the shell says to people.

use std::fmt;

use archipel_fleet::{Plan, Progress};
use archipel_language::{Noun, Selector, SelectorError};
use archipel_operator::Missing;

/// How many names a question shows.
const NAMES: usize = 12;

/// What a plan would do, in one line: `Power the machine off at once…: web01, web02 and 3 more`.
pub(crate) struct Asked<'a>(pub(crate) &'a Plan);

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ready: Vec<&str> = self.0.ready().map(|step| step.name.as_str()).collect();
        let shown = ready.len().min(NAMES);
        let names = ready.get(..shown).unwrap_or_default().join(", ");
        write!(f, "{}: {names}", self.0.verb.summary)?;
        match ready.len() - shown {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// How a confirmation that cannot be asked for is given.
pub(crate) struct Unconfirmed<'a> {
    pub(crate) plan: &'a Plan,
    /// The count that has to be given, if one has to.
    pub(crate) count: Option<usize>,
}

impl fmt::Display for Unconfirmed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.plan.verb.id;
        write!(
            f,
            "`{verb}` needs a confirmation and nothing was sent. {}\n  ",
            Asked(self.plan)
        )?;
        match self.count {
            Some(count) => write!(f, "confirm with --yes={count}"),
            None => write!(f, "confirm with --yes"),
        }?;
        f.write_str(", or look first with --plan")
    }
}

/// A count that is not the plan's.
pub(crate) struct OtherCount {
    pub(crate) given: usize,
    pub(crate) ready: usize,
    /// The first that is left out, and why.
    pub(crate) left_out: Option<String>,
}

impl fmt::Display for OtherCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            given,
            ready,
            left_out,
        } = self;
        let left_out = left_out.as_ref().map(|why| format!(" ({why})"));
        let left_out = left_out.unwrap_or_default();
        write!(
            f,
            "--yes={given} was given and the plan would change {ready}{left_out}; nothing was sent. Look first with --plan"
        )
    }
}

/// How far a run is.
pub(crate) struct HowFar(pub(crate) Progress);

impl fmt::Display for HowFar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress { all, done, failed } = self.0;
        write!(f, "{done} of {all} done")?;
        match failed {
            0 => Ok(()),
            failed => write!(f, ", {failed} failed"),
        }
    }
}

/// A selector that picked nothing.
pub(crate) struct NoMatch<'a> {
    pub(crate) noun: Noun,
    pub(crate) selector: &'a Selector,
}

impl fmt::Display for NoMatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, noun) = match self.noun {
            Noun::Vm => ("machine", "vm"),
            noun => (noun.word(), noun.word()),
        };
        write!(
            f,
            "no {what} matches `{}`; see: archipel {noun} list",
            self.selector
        )
    }
}

/// Logs of which nothing was had.
pub(crate) struct Silent {
    pub(crate) silent: usize,
    pub(crate) all: usize,
}

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { silent, all } = self;
        write!(
            f,
            "of {all} hypervisors {silent} did not answer; what happened there is not in this list"
        )
    }
}

/// A selector that picked several where one is shown.
pub(crate) struct Several {
    pub(crate) command: &'static str,
    pub(crate) names: Vec<String>,
}

impl fmt::Display for Several {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.names.len().min(NAMES);
        let names = self.names.get(..shown).unwrap_or_default().join(", ");
        let command = self.command;
        write!(
            f,
            "`{command}` is for one machine, and this picks {}: {names}",
            self.names.len()
        )?;
        f.write_str("\n  add `and hypervisor = NAME`, or give the id")
    }
}

/// A text that is no selector.
pub(crate) struct NotASelector<'a> {
    pub(crate) text: &'a str,
    pub(crate) error: SelectorError,
}

impl fmt::Display for NotASelector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointed = self.error.pointed(self.text).replace('\n', "\n  ");
        write!(f, "this is no selector\n  {pointed}")
    }
}

/// A selector of another noun.
pub(crate) struct OtherNoun<'a> {
    pub(crate) text: &'a str,
    pub(crate) noun: Noun,
}

impl fmt::Display for OtherNoun<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = match self.noun {
            Noun::Event => "events",
            noun => noun.word(),
        };
        write!(
            f,
            "`{}` does not pick what `archipel {noun}` acts on; write it without the noun in front",
            self.text
        )
    }
}

/// A verb that the profile or the flag forbids.
pub(crate) struct ReadOnly(pub(crate) &'static str);

impl fmt::Display for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.0;
        write!(
            f,
            "`{verb}` is not there in read-only use; `archipel config show` says who asked for it"
        )
    }
}

/// A login that did not come about.
pub(crate) struct NoSession<'a> {
    /// What the engine said last; empty: nothing.
    pub(crate) why: &'a str,
}

impl fmt::Display for NoSession<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            "" => {
                f.write_str("the server does not answer; see `bus.hosts` in: archipel config show")
            }
            why => f.write_str(why),
        }
    }
}

/// A picture that would be written to a terminal.
pub(crate) struct PictureForATerminal;

impl fmt::Display for PictureForATerminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a picture is nothing for a terminal; write it to a file: archipel vm screenshot NAME > screen.png")
    }
}

/// A picture that is none.
pub(crate) struct NoPicture;

impl fmt::Display for NoPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what the agent sent is no picture; nothing was written")
    }
}

/// A machine that an agent shows and that has no definition.
pub(crate) struct Undefined<'a>(pub(crate) &'a str);

impl fmt::Display for Undefined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has no definition on its hypervisor", self.0)
    }
}

/// Hypervisors that are shown as they were.
pub(crate) struct NotCurrent<'a>(pub(crate) &'a [Missing]);

impl fmt::Display for NotCurrent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.len().min(NAMES);
        let line = |host: &Missing| format!("{} ({})", host.name, host.reason);
        let names: Vec<String> = self.0.iter().take(shown).map(line).collect();
        write!(f, "not current: {}", names.join(", "))?;
        match self.0.len() - shown {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// One name for several machines.
pub(crate) struct OneName<'a> {
    pub(crate) name: &'a str,
    pub(crate) count: usize,
}

impl fmt::Display for OneName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` can be the name of one machine, and {} are meant; say which one",
            self.name, self.count
        )
    }
}
