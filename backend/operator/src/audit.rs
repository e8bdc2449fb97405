//! The audits of hypervisors as an operator sees them: the ends that were seen, and whether the agents still have what led to them.

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use archipel_config::write_private;
use archipel_protocol::{
    BareJid, HypervisorId,
    audit::{Broken, Head, PAGE_LIMIT, Query, Walk},
};
use serde::{Deserialize, Serialize};

use crate::{error::OperatorError, handle::Handle};

/// Another number means another shape.
const VERSION: u32 = 1;
/// How many ends of one hypervisor are kept: the oldest, and the newest.
const KEPT: usize = 32;
/// No file is larger, bytes.
const SIZE_LIMIT: u64 = 64 << 20;

/// The content of the file.
#[derive(Debug, Serialize, Deserialize)]
struct File {
    version: u32,
    account: String,
    seen: BTreeMap<String, Vec<String>>,
}

/// The ends that were seen, by hypervisor; a file of the profile.
#[derive(Debug)]
pub struct Anchors {
    path: PathBuf,
    account: BareJid,
    seen: BTreeMap<HypervisorId, Vec<Head>>,
}

impl Anchors {
    /// Reads the file; without one nothing was seen. Blocks.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is none: it is evidence, so nobody writes over it.
    pub fn load(path: PathBuf, account: &BareJid) -> io::Result<Self> {
        let seen = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
            Ok(found) if found.len() > SIZE_LIMIT => {
                return Err(damaged(&path, "it is larger than any"));
            }
            Ok(_) => {
                let file: File = serde_json::from_slice(&fs::read(&path)?)
                    .map_err(|error| damaged(&path, error))?;
                if file.version != VERSION {
                    return Err(damaged(&path, "it is of another version"));
                }
                // Another account may see other hosts under the same names.
                let own = file.account == account.as_str();
                let seen = if own { file.seen } else { BTreeMap::new() };
                parse(seen).map_err(|error| damaged(&path, error))?
            }
        };
        Ok(Self {
            path,
            account: account.clone(),
            seen,
        })
    }

    /// What was seen of a hypervisor.
    pub fn of(&self, id: &HypervisorId) -> &[Head] {
        self.seen.get(id).map_or(&[], Vec::as_slice)
    }

    /// Keeps what is seen now, and writes the file if that is news. Blocks.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn see(&mut self, now: impl IntoIterator<Item = (HypervisorId, Head)>) -> io::Result<()> {
        let mut news = false;
        for (id, head) in now {
            let seen = self.seen.entry(id).or_default();
            if seen.contains(&head) {
                continue;
            }
            if seen.len() >= KEPT {
                seen.remove(1);
            }
            seen.push(head);
            news = true;
        }
        if news { self.write() } else { Ok(()) }
    }

    /// Forgets what was seen before: what a hypervisor has now counts from here on. Blocks.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn accept(&mut self, id: HypervisorId, head: Head) -> io::Result<()> {
        self.seen.insert(id, vec![head]);
        self.write()
    }

    fn write(&self) -> io::Result<()> {
        let seen = self.seen.iter().map(|(id, seen)| {
            let texts = seen.iter().map(ToString::to_string).collect();
            (id.to_string(), texts)
        });
        let file = File {
            version: VERSION,
            account: self.account.to_string(),
            seen: seen.collect(),
        };
        let content = serde_json::to_vec(&file).map_err(io::Error::other)?;
        write_private(&self.path, &content)
    }
}

fn parse(seen: BTreeMap<String, Vec<String>>) -> Result<BTreeMap<HypervisorId, Vec<Head>>, String> {
    let host = |(id, heads): (String, Vec<String>)| {
        let id = id.parse::<HypervisorId>().map_err(|why| why.to_string())?;
        let heads = heads.iter().map(|head| head.parse::<Head>());
        let heads: Result<_, _> = heads.collect();
        Ok((id, heads.map_err(|why| why.to_string())?))
    };
    seen.into_iter().map(host).collect()
}

fn damaged(path: &std::path::Path, why: impl std::fmt::Display) -> io::Error {
    let path = path.display();
    io::Error::other(format!(
        "`{path}` holds what was seen of audits and cannot be used: {why}. Look why, and move it away to begin anew"
    ))
}

/// What came of reading a hypervisor's whole audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries hold.
    pub entries: u64,
    /// The last entry that holds.
    pub reached: Head,
    /// The first link that does not; `None`: all of it holds.
    pub broken: Option<Broken>,
}

impl Handle {
    /// Reads a hypervisor's audit from its beginning, and compares it with itself and with what was seen of it.
    pub async fn verify_audit(
        &self,
        hypervisor: &HypervisorId,
        seen: &[Head],
    ) -> Result<Verified, OperatorError> {
        let mut walk = Walk::new(seen.iter().copied());
        let broken = loop {
            let query = Query {
                after: walk.reached().number,
                limit: PAGE_LIMIT,
            };
            let page = self.audit(hypervisor, query).await?;
            let stepped = page.entries.iter().try_for_each(|entry| walk.step(entry));
            if let Err(broken) = stepped {
                break Some(broken);
            }
            if page.entries.is_empty() || walk.reached().number >= page.head.number {
                break walk.end(page.head).err();
            }
        };
        Ok(Verified {
            entries: walk.held(),
            reached: walk.reached(),
            broken,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn head(number: u64) -> Head {
        Head {
            number,
            ..Head::default()
        }
    }

    #[test]
    fn what_was_seen_is_kept_between_runs_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.json");
        let account: BareJid = "admin@dc.example".parse().unwrap();
        let host: HypervisorId = "hv01@dc.example".parse().unwrap();
        let load = || Anchors::load(path.clone(), &account).unwrap();
        for number in 1..=40 {
            load().see([(host.clone(), head(number))]).unwrap();
        }
        let numbers: Vec<u64> = load().of(&host).iter().map(|head| head.number).collect();
        let mut expected = vec![1];
        expected.extend(10..=40);
        assert_eq!(numbers, expected);
        load().accept(host.clone(), head(3)).unwrap();
        assert_eq!(load().of(&host), [head(3)]);
        let other: BareJid = "eve@dc.example".parse().unwrap();
        assert_eq!(Anchors::load(path.clone(), &other).unwrap().of(&host), []);
    }

    #[test]
    fn a_damaged_file_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.json");
        let account: BareJid = "admin@dc.example".parse().unwrap();
        for content in [
            "{",
            "{\"version\":1,\"account\":\"admin@dc.example\",\"seen\":{\"hv@dc.example\":[\"7\"]}}",
        ] {
            fs::write(&path, content).unwrap();
            let refused = Anchors::load(path.clone(), &account).unwrap_err();
            assert!(refused.to_string().contains("audit.json"), "{refused}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }
}
