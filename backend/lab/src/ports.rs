//! Free loopback ports.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

/// Below those that Linux gives to outgoing connections (`net.ipv4.ip_local_port_range`): one of them may be gone before its server
/// has bound it.
const RANGE: Range<u16> = 10_000..32_000;
/// How often a port is guessed at most.
const GUESSES: usize = 10_000;

/// Ports this process gave out before: their servers may not have bound them yet.
static GIVEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// `count` distinct TCP ports of 127.0.0.1 that nobody listened on a moment ago.
///
/// # Errors
///
/// When hardly a port is left.
pub fn free_ports(count: usize) -> Result<Vec<u16>> {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let given = given.get_or_insert_default();
    let guesses = (0..GUESSES).map(|_| rand::random_range(RANGE));
    let free = guesses.filter(|port| is_free(*port) && given.insert(*port));
    let ports: Vec<u16> = free.take(count).collect();
    if ports.len() < count {
        bail!("could not find {count} free loopback ports");
    }
    Ok(ports)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn never_gives_one_twice() {
        let mut all = free_ports(20).unwrap();
        all.extend(free_ports(20).unwrap());
        let distinct: HashSet<u16> = all.iter().copied().collect();
        assert_eq!(distinct.len(), 40);
    }
}
