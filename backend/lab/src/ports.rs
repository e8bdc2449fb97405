//! Free loopback ports.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

/// Ports this process gave out before: the kernel may offer one again before its server has bound it.
static GIVEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// `count` distinct TCP ports of 127.0.0.1 that nobody listened on a moment ago.
///
/// # Errors
///
/// When the kernel has no port left.
pub fn free_ports(count: usize) -> Result<Vec<u16>> {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let given = given.get_or_insert_default();
    // All stay bound until all are chosen, else one port would be offered twice.
    let mut bound = Vec::with_capacity(count);
    let mut ports = Vec::with_capacity(count);
    while ports.len() < count {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .context("could not find a free loopback port")?;
        let port = listener.local_addr()?.port();
        bound.push(listener);
        if given.insert(port) {
            ports.push(port);
        }
    }
    Ok(ports)
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
