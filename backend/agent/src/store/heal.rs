//! A store that is damaged is set aside, whole, and a new one takes its place: machines come back from libvirt, rights do not.
//!
//! Rights are not read from a damaged file: what nobody granted might stand in it. The secrets of the agent's accounts are, as far as they
//! can be: a wrong one only fails to log in, and without them the accounts are lost.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use archipel_protocol::BareJid;
use rusqlite::{Connection, ErrorCode, params};

use super::frozen;

/// What the database puts beside its file.
const SIDES: [&str; 3] = ["", "-wal", "-shm"];
/// What the name of a file that was set aside goes on with; then a number.
const ASIDE: &str = ".damaged-";

/// A store that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is now.
    pub file: PathBuf,
    /// What is wrong with it.
    pub problem: String,
    /// How many secrets of accounts could be taken over from it.
    pub secrets: usize,
}

impl std::fmt::Display for SetAside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            file,
            problem,
            secrets,
        } = self;
        write!(
            f,
            "the store was damaged ({problem}) and is set aside as `{}`; a new one was made: machines come back from libvirt, {secrets} \
             secrets of accounts were taken over; grants, roles, tags and the log were not. Look at the disk, then grant anew or bring a backup back",
            file.display()
        )
    }
}

/// What is wrong with the database in `path`; `None`: nothing, or there is none yet.
pub(super) fn damage(path: &Path) -> rusqlite::Result<Option<String>> {
    if fs::metadata(path).map_or(0, |found| found.len()) == 0 {
        return Ok(None);
    }
    let said = Connection::open(path).and_then(|connection| {
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
    });
    match said {
        Ok(said) if said == "ok" => Ok(None),
        Ok(said) => Ok(Some(said)),
        Err(error) if is_damage(&error) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    let damage = [ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase];
    let code = error.sqlite_error_code();
    code.is_some_and(|code| damage.contains(&code))
}

/// Moves the file with all that lies beside it to a name that is free, and gives that.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let named = |number: u32| beside(path, &format!("{ASIDE}{number}"));
    let mut numbers = (1..).map(named).filter(|file| !file.exists());
    let aside = numbers.next().unwrap_or_else(|| named(0));
    for side in SIDES {
        match fs::rename(beside(path, side), beside(&aside, side)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

/// The files in `folder` that were set aside.
pub(crate) fn aside(folder: &Path) -> Vec<PathBuf> {
    let is_aside = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let number = name
            .strip_prefix(super::FILE)
            .and_then(|rest| rest.strip_prefix(ASIDE));
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_aside).collect();
    found.sort();
    found
}

/// Takes the secrets of accounts over from a damaged file, up to the first that cannot be read.
pub(super) fn salvage(damaged: &Path, connection: &Connection) -> usize {
    let Ok(old) = frozen(damaged) else { return 0 };
    let Ok(mut statement) = old.prepare("SELECT jid, secret, confirmed FROM accounts") else {
        return 0;
    };
    let read = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let Ok(rows) = read else { return 0 };
    let whole = rows.map_while(Result::ok);
    whole.filter(|row| keep(connection, row)).count()
}

fn keep(connection: &Connection, (jid, secret, confirmed): &(String, String, bool)) -> bool {
    let sql = "INSERT OR IGNORE INTO accounts (jid, secret, confirmed) VALUES (?1, ?2, ?3)";
    BareJid::new(jid).is_ok()
        && connection
            .execute(sql, params![jid, secret, confirmed])
            .is_ok()
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
