//! What `archipel bus` says to people.

use std::{fmt, path::Path};

use archipel_protocol::BareJid;
use archipel_servers::{Domain, Network, ServerKind, Standing};

/// Nodes that were made.
pub(super) struct Nodes<'a>(pub(super) &'a [&'static str]);

impl fmt::Display for Nodes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("the nodes were there already"),
            made => write!(f, "made the nodes {}", made.join(" and ")),
        }
    }
}

/// A file that is to be written.
pub(super) struct Change<'a> {
    pub(super) path: &'a Path,
    pub(super) standing: &'a Standing,
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.standing {
            Standing::New => write!(f, "  new      {path}"),
            Standing::Foreign => write!(
                f,
                "  replace  {path}   (not ours: a copy is kept beside it)"
            ),
            Standing::Outdated | Standing::Same => write!(f, "  update   {path}"),
        }
    }
}

/// Files of others in the way, and nobody to be asked.
pub(super) struct InTheWay<'a>(pub(super) Vec<&'a Path>);

impl fmt::Display for InTheWay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<String> = self
            .0
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        write!(
            f,
            "somebody else wrote or changed {}; nothing was written. --replace replaces it and keeps a copy",
            paths.join(" and ")
        )
    }
}

/// A server that has to be restarted, and was not.
pub(super) struct RestartFirst<'a> {
    pub(super) kind: ServerKind,
    /// What restarts it here.
    pub(super) restart: &'a str,
    pub(super) again: &'a str,
}

impl fmt::Display for RestartFirst<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            restart,
            again,
        } = self;
        writeln!(
            f,
            "The files are in place and {kind} accepts them. Two steps are left:"
        )?;
        writeln!(f, "  {restart}")?;
        write!(f, "  {again}      # makes account, groups and nodes")
    }
}

/// A bus that is ready.
pub(super) struct Ready<'a> {
    pub(super) domain: &'a Domain,
    pub(super) admin: &'a BareJid,
    /// The authority to trust; absent: the system's.
    pub(super) authority: Option<&'a Path>,
    pub(super) changed: bool,
}

impl fmt::Display for Ready<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            domain,
            admin,
            authority,
            changed,
        } = self;
        if !changed {
            return write!(
                f,
                "The bus of {domain} is as it shall be; nothing was changed."
            );
        }
        writeln!(f, "The bus of {domain} is ready. Next, at your desk:")?;
        writeln!(
            f,
            "  archipel config init        # then, in operator.toml: jid = \"{admin}\""
        )?;
        if let Some(authority) = authority {
            let shown = authority.display();
            writeln!(
                f,
                "                              # and under [bus]: ca_file = a copy of this host's {shown}"
            )?;
        }
        write!(
            f,
            "  archipel hypervisor invite hv01@{domain}      # for each host, which then joins"
        )
    }
}

/// Registration that is open to everybody.
pub(super) struct OpenToAll(pub(super) Network);

impl fmt::Display for OpenToAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "--agents {} is every address there is: strangers could make accounts. Name the networks of your hosts",
            self.0
        )
    }
}

/// A port that another program holds.
pub(super) struct PortTaken {
    pub(super) port: u16,
    pub(super) kind: ServerKind,
}

impl fmt::Display for PortTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, kind } = self;
        write!(
            f,
            "{kind} needs port {port}, and another program holds it; see which: sudo ss -ltnp 'sport = :{port}'"
        )
    }
}
