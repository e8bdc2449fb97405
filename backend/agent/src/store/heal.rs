//! A store that is damaged is set aside, whole, and a new one takes its place: machines come back from libvirt, rights do not.
//!
//! Rights are not read from a damaged file: what nobody granted might stand in it. The secrets of the agent's accounts are, as far as they
//! can be: a wrong one only fails to log in, and without them the accounts are lost. So is what keeps machines from harm: which ones are looked
//! after and protected, which were let go, whose disks build on whose.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use archipel_protocol::{BareJid, VmId};
use rusqlite::{Connection, ErrorCode, Params, Row, params};

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
             secrets of accounts were taken over, and as far as it could be read which machines are managed, protected and copied; grants, roles, tags and the log were not. Look at the disk, then grant anew or bring a backup back",
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

/// Takes over from a damaged file what may be, of each table up to the first row that cannot be read; gives the number of secrets.
pub(super) fn salvage(damaged: &Path, connection: &Connection) -> usize {
    let Ok(old) = frozen(damaged) else { return 0 };
    let saving = Saving {
        old: &old,
        connection,
    };
    saving.managed();
    saving.ids(
        "SELECT vm, vm FROM released",
        "INSERT OR IGNORE INTO released (vm) SELECT ?1 WHERE ?1 = ?2",
    );
    saving.ids(
        "SELECT copy, base FROM linked",
        "INSERT OR IGNORE INTO linked (copy, base) VALUES (?1, ?2)",
    );
    saving.secrets()
}

/// From one file to another.
struct Saving<'a> {
    old: &'a Connection,
    connection: &'a Connection,
}

impl Saving<'_> {
    fn rows<T>(&self, sql: &str, row: impl Fn(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        let Ok(mut statement) = self.old.prepare(sql) else {
            return Vec::new();
        };
        let read = statement.query_map([], row);
        read.map_or_else(|_| Vec::new(), |rows| rows.map_while(Result::ok).collect())
    }

    fn write(&self, sql: &str, row: impl Params) -> bool {
        self.connection.execute(sql, row).is_ok()
    }

    fn secrets(&self) -> usize {
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let rows = self.rows("SELECT jid, secret, confirmed FROM accounts", row);
        let sql = "INSERT OR IGNORE INTO accounts (jid, secret, confirmed) VALUES (?1, ?2, ?3)";
        let kept = rows
            .iter()
            .filter(|(jid, secret, confirmed): &&(String, String, bool)| {
                BareJid::new(jid).is_ok() && self.write(sql, params![jid, secret, confirmed])
            });
        kept.count()
    }

    fn managed(&self) {
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let rows = self.rows("SELECT vm, name, protected FROM managed", row);
        let sql = "INSERT OR IGNORE INTO managed (vm, name, protected) VALUES (?1, ?2, ?3)";
        for (vm, name, protected) in rows {
            let (vm, name, protected): (String, String, bool) = (vm, name, protected);
            if is_id(&vm) {
                self.write(sql, params![vm, name, protected]);
            }
        }
    }

    /// Pairs of ids.
    fn ids(&self, read: &str, write: &str) {
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        for (one, other) in self.rows::<(String, String)>(read, row) {
            if is_id(&one) && is_id(&other) {
                self.write(write, params![one, other]);
            }
        }
    }
}

fn is_id(text: &str) -> bool {
    text.parse::<VmId>().is_ok()
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
