//! Rights over the fleet wire: who may do what on a hypervisor and its machines (`urn:archipel:fleet:1`).
//!
//! `archipel:permissions` knows permissions of one entity. This wire adds roles, scopes and an end in time: `<rights/>` lists,
//! `<change-rights/>` changes, `<why/>` explains a decision.

use jid::BareJid;
use jiff::Timestamp;
use minidom::Element;

use crate::{
    ids::VmId,
    ns,
    text::clean_line,
    xml::{Build, ParseError, expect, name, optional, required, shown},
};

/// The most changes in one request: all are made, or none.
pub const CHANGES_LIMIT: usize = 100;
/// The longest scope, in characters.
const SCOPE_LIMIT: usize = 1_000;
/// The longest name of a permission or role, in characters.
const NAME_LIMIT: usize = 64;
/// The longest line of an explanation, in characters.
const LINE_LIMIT: usize = 1_200;
/// The most lines of an explanation.
const LINES_LIMIT: usize = 10;

/// What is granted to somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// `who`: the account.
    pub who: BareJid,
    /// `what`: a permission, or `role/` and the name of a role.
    pub what: String,
    /// `in`: the machines that it is about, as a scope; absent: the whole host with its machines.
    pub scope: Option<String>,
    /// `until`: when it ends by itself (UTC); absent: never.
    pub until: Option<Timestamp>,
}

impl Grant {
    fn write(&self, build: Build) -> Build {
        build
            .attr(name!("who"), &self.who)
            .attr(name!("what"), &self.what)
            .maybe(name!("in"), self.scope.as_ref())
            .maybe(name!("until"), self.until)
    }

    fn read(element: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            who: required(element, "who")?,
            what: word(element, "what")?,
            scope: element.attr("in").map(scope).transpose()?,
            until: optional(element, "until")?,
        })
    }
}

/// A scope is kept whole or refused: cut, it would mean something else.
fn scope(text: &str) -> Result<String, ParseError> {
    let clean = clean_line(text, SCOPE_LIMIT);
    if clean != text || text.is_empty() {
        return Err(ParseError::invalid(
            "in",
            format!("no scope ({})", shown(text)),
        ));
    }
    Ok(clean)
}

fn word(element: &Element, field: &'static str) -> Result<String, ParseError> {
    let text: String = required(element, field)?;
    if text.is_empty() || clean_line(&text, NAME_LIMIT) != text {
        return Err(ParseError::invalid(
            field,
            format!("no name ({})", shown(&text)),
        ));
    }
    Ok(text)
}

/// A permission of a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RolePart {
    /// `role`: the role's name.
    pub role: String,
    /// `what`: the permission.
    pub what: String,
}

impl RolePart {
    fn write(&self, build: Build) -> Build {
        build
            .attr(name!("role"), &self.role)
            .attr(name!("what"), &self.what)
    }

    fn read(element: &Element) -> Result<Self, ParseError> {
        Ok(Self {
            role: word(element, "role")?,
            what: word(element, "what")?,
        })
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// `<give/>`: somebody gets something, or keeps it until another time.
    Give(Grant),
    /// `<take/>`: somebody loses what has the same name and scope.
    Take(Grant),
    /// `<add/>`: a role of this host holds a permission from now on.
    Add(RolePart),
    /// `<drop/>`: a role of this host holds a permission no more.
    Drop(RolePart),
}

impl Change {
    fn to_element(&self) -> Element {
        let build = |name| Build::new(name, ns::FLEET);
        match self {
            Self::Give(grant) => grant.write(build("give")).done(),
            Self::Take(grant) => grant.write(build("take")).done(),
            Self::Add(part) => part.write(build("add")).done(),
            Self::Drop(part) => part.write(build("drop")).done(),
        }
    }

    fn parse(element: &Element) -> Result<Self, ParseError> {
        match element.name() {
            "give" => Grant::read(element).map(Self::Give),
            "take" => Grant::read(element).map(Self::Take),
            "add" => RolePart::read(element).map(Self::Add),
            "drop" => RolePart::read(element).map(Self::Drop),
            other => Err(ParseError::invalid(
                "rights",
                format!("no change ({})", shown(other)),
            )),
        }
    }
}

/// `<change-rights/>` (IQ `set`): all are made, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes(pub Vec<Change>);

impl Changes {
    /// As an element.
    pub fn to_element(&self) -> Element {
        let build = Build::new("change-rights", ns::FLEET);
        build.children(self.0.iter().map(Change::to_element)).done()
    }

    /// Reads a request. What is not understood is an error: half a change of rights would be another one.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "change-rights")?;
        let changes: Vec<_> = element
            .children()
            .map(Change::parse)
            .collect::<Result<_, _>>()?;
        match changes.len() {
            0 => Err(ParseError::invalid("change-rights", "no change")),
            1..=CHANGES_LIMIT => Ok(Self(changes)),
            more => Err(ParseError::invalid(
                "rights",
                format!("{more} changes; at most {CHANGES_LIMIT} at once"),
            )),
        }
    }
}

/// Asks who holds what (IQ `get`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// `of`: one account; absent: all.
    pub of: Option<BareJid>,
    /// `after`: how many rows the asker has; absent: none.
    pub after: u64,
}

impl Query {
    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("rights", ns::FLEET)
            .maybe(name!("of"), self.of.as_ref())
            .maybe(name!("after"), (self.after > 0).then_some(self.after))
            .done()
    }

    /// Reads a request.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "rights")?;
        Ok(Self {
            of: optional(element, "of")?,
            after: optional(element, "after")?.unwrap_or_default(),
        })
    }
}

/// A row of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// `<grant/>`.
    Grant(Grant),
    /// `<role/>`: one permission of a role of this host.
    Role(RolePart),
}

impl Row {
    fn to_element(&self) -> Element {
        match self {
            Self::Grant(grant) => grant.write(Build::new("grant", ns::FLEET)).done(),
            Self::Role(part) => part.write(Build::new("role", ns::FLEET)).done(),
        }
    }
}

/// The answer to [`Query`] and [`Changes`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// `pv`: the version of the policy; grows with every change.
    pub version: u64,
    /// `next`: ask again with this `after`; absent: that was all.
    pub next: Option<u64>,
    /// Grants, then the roles of this host.
    pub rows: Vec<Row>,
}

impl Page {
    /// Takes from `rows`, all that there are, as many as one stanza holds after the first `after`.
    pub fn fill(version: u64, after: u64, rows: impl IntoIterator<Item = Row>) -> Self {
        let mut room = crate::feed::LIMIT - 1_024;
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        let mut rest = rows.into_iter().skip(skipped).peekable();
        let mut taken = Vec::new();
        while let Some(row) = rest.peek() {
            let size = crate::feed::wire_size(&row.to_element());
            if size > room {
                break;
            }
            room -= size;
            taken.extend(rest.next());
        }
        let next = rest.peek().map(|_| after + taken.len() as u64);
        Self {
            version,
            next,
            rows: taken,
        }
    }

    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("rights", ns::FLEET)
            .attr(name!("pv"), self.version)
            .maybe(name!("next"), self.next)
            .children(self.rows.iter().map(Row::to_element))
            .done()
    }

    /// Reads an answer. Rows of later versions are left out.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "rights")?;
        let rows = element.children().filter_map(|child| match child.name() {
            "grant" => Some(Grant::read(child).map(Row::Grant)),
            "role" => Some(RolePart::read(child).map(Row::Role)),
            _ => None,
        });
        Ok(Self {
            version: required(element, "pv")?,
            next: optional(element, "next")?,
            rows: rows.collect::<Result<_, _>>()?,
        })
    }
}

/// Asks why somebody may do something, or may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// `who`: the account.
    pub who: BareJid,
    /// `what`: the permission.
    pub what: String,
    /// `vm`: on this machine; absent: on the host.
    pub vm: Option<VmId>,
}

impl Why {
    /// As an element.
    pub fn to_element(&self) -> Element {
        Build::new("why", ns::FLEET)
            .attr(name!("who"), &self.who)
            .attr(name!("what"), &self.what)
            .maybe(name!("vm"), self.vm)
            .done()
    }

    /// Reads a request.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "why")?;
        Ok(Self {
            who: required(element, "who")?,
            what: word(element, "what")?,
            vm: optional(element, "vm")?,
        })
    }
}

/// The answer to [`Why`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// `allowed`.
    pub allowed: bool,
    /// `<ground/>`: what decides first, then what almost does; for people.
    pub grounds: Vec<String>,
}

impl Explained {
    /// As an element; at most ten grounds.
    pub fn to_element(&self) -> Element {
        let ground = |text: &String| {
            Build::new("ground", ns::FLEET)
                .text(&clean_line(text, LINE_LIMIT))
                .done()
        };
        Build::new("why", ns::FLEET)
            .attr(name!("allowed"), u8::from(self.allowed))
            .children(self.grounds.iter().take(LINES_LIMIT).map(ground))
            .done()
    }

    /// Reads an answer.
    pub fn parse(element: &Element) -> Result<Self, ParseError> {
        expect(element, "why")?;
        let grounds = element.children().filter(|child| child.name() == "ground");
        Ok(Self {
            allowed: required::<u8>(element, "allowed")? == 1,
            grounds: grounds
                .take(LINES_LIMIT)
                .map(|ground| clean_line(&ground.text(), LINE_LIMIT))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn grant(scope: Option<&str>) -> Grant {
        Grant {
            who: BareJid::new("olga@dc.example").unwrap(),
            what: "role/operator".into(),
            scope: scope.map(str::to_owned),
            until: Some("2026-11-20T10:00:00Z".parse().unwrap()),
        }
    }

    fn part() -> RolePart {
        RolePart {
            role: "night".into(),
            what: "create".into(),
        }
    }

    #[test]
    fn all_of_it_comes_back() {
        let changes = Changes(vec![
            Change::Give(grant(Some("tag = web"))),
            Change::Take(grant(None)),
            Change::Add(part()),
            Change::Drop(part()),
        ]);
        assert_eq!(Changes::parse(&changes.to_element()).unwrap(), changes);
        let query = Query {
            of: Some(grant(None).who),
            after: 60,
        };
        assert_eq!(Query::parse(&query.to_element()).unwrap(), query);
        let page = Page::fill(7, 0, [Row::Grant(grant(None)), Row::Role(part())]);
        assert_eq!(page.next, None);
        assert_eq!(Page::parse(&page.to_element()).unwrap(), page);
        let why = Why {
            who: grant(None).who,
            what: "create".into(),
            vm: None,
        };
        assert_eq!(Why::parse(&why.to_element()).unwrap(), why);
        let explained = Explained {
            allowed: true,
            grounds: vec!["root admin".into()],
        };
        assert_eq!(
            Explained::parse(&explained.to_element()).unwrap(),
            explained
        );
    }

    #[test]
    fn pages_stay_under_the_bound_and_miss_nothing() {
        let scope = format!("tag in ({})", "x".repeat(900));
        let rows: Vec<Row> = (0..50).map(|_| Row::Grant(grant(Some(&scope)))).collect();
        let (mut after, mut seen) = (0, 0);
        loop {
            let page = Page::fill(1, after, rows.clone());
            assert!(String::from(&page.to_element()).len() < crate::feed::LIMIT);
            seen += page.rows.len();
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        assert_eq!(seen, rows.len());
    }

    #[test]
    fn half_a_change_is_none() {
        for refused in [
            "<change-rights xmlns='x'/>",
            "<change-rights xmlns='x'><grant who='a@b' what='info'/></change-rights>",
            "<change-rights xmlns='x'><give what='info'/></change-rights>",
            "<change-rights xmlns='x'><give who='a@b' what=''/></change-rights>",
            "<change-rights xmlns='x'><give who='a@b' what='info' in=''/></change-rights>",
            "<change-rights xmlns='x'><give who='a@b' what='info' in='tag = a&#10;b'/></change-rights>",
            "<change-rights xmlns='x'><give who='a@b' what='info' until='soon'/></change-rights>",
            "<change-rights xmlns='x'><add role='r'/></change-rights>",
        ] {
            assert!(
                Changes::parse(&refused.parse().unwrap()).is_err(),
                "{refused}"
            );
        }
        let long = format!(
            "<change-rights xmlns='x'><give who='a@b' what='info' in='{}'/></change-rights>",
            "x".repeat(1_001)
        );
        assert!(Changes::parse(&long.parse().unwrap()).is_err());
        let many = Changes(vec![Change::Add(part()); CHANGES_LIMIT + 1]);
        assert!(Changes::parse(&many.to_element()).is_err());
    }
}
