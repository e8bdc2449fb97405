//! A name service for one test: it knows one SRV record, or none (RFC 1035, RFC 2782).

use std::net::{SocketAddr, UdpSocket};

/// Answers until dropped.
pub(crate) struct Names {
    socket: UdpSocket,
    address: SocketAddr,
    server: Option<std::thread::JoinHandle<()>>,
}

/// What is asked for to end the service.
const END: &[u8] = b"end";

impl Names {
    /// Every name has this SRV record; an empty target says that there is no such service.
    pub(crate) fn srv(target: &str, port: u16) -> Self {
        Self::start(Some(record(target, port)))
    }

    /// No name exists.
    pub(crate) fn none() -> Self {
        Self::start(None)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    fn start(record: Option<Vec<u8>>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let own = socket.try_clone().unwrap();
        let server = std::thread::spawn(move || serve(&own, record.as_deref()));
        Self {
            socket,
            address,
            server: Some(server),
        }
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.socket.send_to(END, self.address).unwrap();
        if let Some(server) = self.server.take() {
            server.join().unwrap();
        }
    }
}

fn serve(socket: &UdpSocket, record: Option<&[u8]>) {
    let mut buffer = [0; 1_500];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        let question = &buffer[..length];
        if question == END {
            return;
        }
        socket.send_to(&answer(question, record), from).unwrap();
    }
}

/// The question again, then the record.
fn answer(question: &[u8], record: Option<&[u8]>) -> Vec<u8> {
    let end = 12 + name_length(&question[12..]) + 4;
    let (flags, count) = match record {
        Some(_) => ([0x81, 0x80], 1),
        // NXDOMAIN.
        None => ([0x81, 0x83], 0),
    };
    let mut answer = question[..2].to_vec();
    answer.extend(flags);
    answer.extend([0, 1, 0, count, 0, 0, 0, 0]);
    answer.extend(&question[12..end]);
    answer.extend(record.unwrap_or_default());
    answer
}

fn name_length(name: &[u8]) -> usize {
    let mut at = 0;
    while name[at] > 0 {
        at += 1 + usize::from(name[at]);
    }
    at + 1
}

/// Of the name asked for: SRV, IN, 60 s, priority 5, weight 0.
fn record(target: &str, port: u16) -> Vec<u8> {
    let mut data = vec![0, 5, 0, 0];
    data.extend(port.to_be_bytes());
    for label in target.split('.').filter(|label| !label.is_empty()) {
        data.push(u8::try_from(label.len()).unwrap());
        data.extend(label.as_bytes());
    }
    data.push(0);
    let mut record = vec![0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60];
    record.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    record.extend(data);
    record
}
