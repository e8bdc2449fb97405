//! `ip`: the address from which this host reaches the world.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use archipel_protocol::hypervisor_control::ip_element;

use super::{Answer, Call};
use crate::{host::Host, messages::Refusal};

/// Addresses for documentation (RFC 5737, RFC 3849): they stand for any other host.
const ELSEWHERE: [SocketAddr; 2] = [
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9),
    SocketAddr::new(
        std::net::IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
        9,
    ),
];

pub(super) fn run(_: &mut Host, _: &Call) -> Answer {
    let element = address().map(|address| vec![ip_element(&address)]);
    Answer::Now(element.ok_or_else(|| Refusal::NoRoute.into()))
}

/// The address from which this host reaches others.
pub(super) fn address() -> Option<String> {
    ELSEWHERE.into_iter().find_map(own_address)
}

/// The address that the system would use towards `elsewhere`. Connecting a datagram socket sends nothing.
fn own_address(elsewhere: SocketAddr) -> Option<String> {
    let any: SocketAddr = if elsewhere.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(elsewhere).ok()?;
    Some(socket.local_addr().ok()?.ip().to_string())
}
