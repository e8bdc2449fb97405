//! An ordinary account that writes whatever it likes: raw XML, beyond what any library would send.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};

/// A logged-in clear-text session, with the server's leave.
pub struct Attacker(TcpStream);

impl Attacker {
    /// Logs in with SASL PLAIN and binds a resource.
    pub fn login(server: SocketAddr, domain: &str, user: &str, password: &str) -> Self {
        let stream = TcpStream::connect(server).expect("the server listens");
        stream
            .set_read_timeout(Some(Duration::from_mins(2)))
            .expect("a socket option");
        let mut attacker = Self(stream);
        let header = format!(
            "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
        );
        attacker.send(&header);
        attacker.expect("</stream:features>");
        let plain = STANDARD.encode(format!("\0{user}\0{password}"));
        attacker.send(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>"
        ));
        attacker.expect("<success");
        attacker.send(&header);
        attacker.expect("</stream:features>");
        attacker
            .send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        attacker.expect("bind");
        attacker
    }

    /// Writes XML as it is.
    pub fn send(&mut self, xml: &str) {
        self.0.write_all(xml.as_bytes()).expect("the server reads");
        self.0.flush().expect("the server reads");
    }

    /// Reads until the server has said `part`.
    pub fn expect(&mut self, part: &str) {
        let mut said = String::new();
        let mut buffer = [0_u8; 4096];
        while !said.contains(part) {
            let count = self.0.read(&mut buffer).unwrap_or(0);
            assert!(count > 0, "the server did not say {part}, but: {said}");
            said.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }
}
