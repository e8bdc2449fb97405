//! `tags`: the record that counts, of the hypervisor and of its machines.

use archipel_protocol::{VmId, tags::Tags as Words};
use clap::Subcommand;

use super::{At, EXIT_SETTINGS, Failed, Local, block, reload, say};

/// Stands for the hypervisor itself.
const HOST: &str = "host";

#[derive(Debug, Subcommand)]
pub(in crate::program) enum Tags {
    /// List the tags of the host and of its machines
    List {
        #[command(flatten)]
        at: At,
    },
    /// Replace all tags of the host or of a machine
    Set {
        /// `host`, or the id or name of a machine
        of: String,
        /// All that it has from now on; none: it loses them
        tags: Vec<String>,
        #[command(flatten)]
        at: At,
    },
}

pub(in crate::program) fn run(wanted: &Tags) -> Result<(), Failed> {
    block(async {
        match wanted {
            Tags::List { at } => list(&Local::open(at)?).await,
            Tags::Set { of, tags, at } => set(&Local::open(at)?, of, tags).await,
        }
    })
}

async fn list(local: &Local) -> Result<(), Failed> {
    let tags = local.store.tags().await;
    for (of, tags) in tags.map_err(|error| Failed::of(&error))? {
        let of = of.map_or_else(|| HOST.to_owned(), |id| id.to_string());
        say(format_args!("{of}  {}", tags.join(" ")));
    }
    Ok(())
}

async fn set(local: &Local, of: &str, tags: &[String]) -> Result<(), Failed> {
    let id = entity(local, of).await?;
    let words = Words::new(tags);
    let kept: Vec<String> = words.iter().map(str::to_owned).collect();
    let written = local.store.set_tags([(id, kept)]).await;
    written.map_err(|error| Failed::of(&error))?;
    let text = format!("tags of {of}: {words}");
    let version = local.policy().await?.version;
    local
        .note("tags", version, std::slice::from_ref(&text))
        .await?;
    say(&text);
    reload();
    Ok(())
}

/// The machine that is meant; `None`: the host.
async fn entity(local: &Local, of: &str) -> Result<Option<VmId>, Failed> {
    if of == HOST {
        return Ok(None);
    }
    if let Ok(id) = of.parse() {
        return Ok(Some(id));
    }
    let managed = local.store.managed().await;
    let managed = managed.map_err(|error| Failed::of(&error))?;
    let named: Vec<VmId> = managed
        .iter()
        .filter(|machine| machine.name == of)
        .map(|machine| machine.id)
        .collect();
    match named[..] {
        [id] => Ok(Some(id)),
        _ => Err(Failed::new(format!(
            "`{of}` names {} managed machines: give the id, as `archipel vm list -o json` shows it",
            named.len()
        ))
        .with_code(EXIT_SETTINGS)),
    }
}
