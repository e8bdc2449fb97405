//! The payload of a code: fields of a tag, a length of two bytes and a value, in the order of their tags.

use archipel_protocol::BareJid;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::{Certificate, JoinCode, ServerTrust, UnwritableJoinCode};
use crate::{Endpoint, Fingerprint, Secret, TlsMode};

/// Addresses or certificates in one code.
const MANY: usize = 8;
/// Bytes of a password that a server takes.
const SECRET_LIMIT: usize = 1_023;

const HYPERVISOR: u8 = 1;
const INVITER: u8 = 2;
const SECRET: u8 = 3;
const EXPIRES: u8 = 4;
const SERVER: u8 = 5;
const DIRECT_TLS: u8 = 6;
const AUTHORITY: u8 = 7;
const PINNED: u8 = 8;
const ALLOW_PLAIN: u8 = 9;
const PREPARED: u8 = 10;

/// Writes the fields.
pub(super) fn write(code: &JoinCode) -> Result<Zeroizing<Vec<u8>>, UnwritableJoinCode> {
    let mut out = Zeroizing::new(Vec::new());
    for (tag, value) in &fields(code)? {
        let length = u16::try_from(value.len()).map_err(|_| UnwritableJoinCode::TooLong)?;
        out.push(*tag);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(value);
    }
    // What a reader would refuse is refused here, where it can still be mended.
    read(&out).map_err(UnwritableJoinCode::Part)?;
    Ok(out)
}

type Field = (u8, Zeroizing<Vec<u8>>);

fn fields(code: &JoinCode) -> Result<Vec<Field>, UnwritableJoinCode> {
    let field = |tag, value: &[u8]| (tag, Zeroizing::new(value.to_vec()));
    let flag = |tag, set: bool| set.then(|| field(tag, &[]));
    let seconds = u64::try_from(code.expires.as_second());
    let seconds = seconds.map_err(|_| UnwritableJoinCode::Part("expiry"))?;
    let mut fields = vec![
        field(HYPERVISOR, code.hypervisor.as_str().as_bytes()),
        field(INVITER, code.inviter.as_str().as_bytes()),
        field(SECRET, code.secret.expose().as_bytes()),
        field(EXPIRES, &seconds.to_be_bytes()),
    ];
    let server = |server: &Endpoint| field(SERVER, server.to_string().as_bytes());
    fields.extend(code.servers.iter().map(server));
    fields.extend(match code.tls {
        TlsMode::Starttls => None,
        TlsMode::Direct => Some(field(DIRECT_TLS, &[])),
        TlsMode::ClearTextOnLoopback => return Err(UnwritableJoinCode::Part("kind of connection")),
    });
    match &code.trust {
        ServerTrust::System => {}
        ServerTrust::Authorities(all) => {
            fields.extend(all.iter().map(|one| field(AUTHORITY, one.der())));
        }
        ServerTrust::Pinned(pin) => fields.push(field(PINNED, &pin.0)),
    }
    fields.extend(flag(ALLOW_PLAIN, code.allow_plain));
    fields.extend(flag(PREPARED, code.prepared));
    Ok(fields)
}

/// Reads the fields; the error names the part that cannot be used.
pub(super) fn read(payload: &[u8]) -> Result<JoinCode, &'static str> {
    let fields = Fields(split(payload)?);
    Ok(JoinCode {
        hypervisor: fields.account(HYPERVISOR, "account")?,
        inviter: fields.account(INVITER, "inviter")?,
        secret: fields.secret()?,
        expires: fields.expires()?,
        servers: fields.servers()?,
        tls: if fields.flag(DIRECT_TLS)? {
            TlsMode::Direct
        } else {
            TlsMode::Starttls
        },
        trust: fields.trust()?,
        allow_plain: fields.flag(ALLOW_PLAIN)?,
        prepared: fields.flag(PREPARED)?,
    })
}

/// The fields of a payload. Each known, in order, and only those that may come more than once do.
fn split(mut payload: &[u8]) -> Result<Vec<(u8, &[u8])>, &'static str> {
    let mut fields: Vec<(u8, &[u8])> = Vec::new();
    while let Some(([tag, high, low], rest)) = payload.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (value, after) = rest.split_at_checked(length).ok_or("fields")?;
        let repeats = matches!(*tag, SERVER | AUTHORITY);
        let before = fields.last().map_or(0, |(before, _)| *before);
        let in_order = before < *tag || before == *tag && repeats;
        if !in_order || *tag > PREPARED {
            return Err("fields");
        }
        fields.push((*tag, value));
        payload = after;
    }
    if payload.is_empty() {
        Ok(fields)
    } else {
        Err("fields")
    }
}

struct Fields<'a>(Vec<(u8, &'a [u8])>);

impl<'a> Fields<'a> {
    fn all(&self, tag: u8) -> impl Iterator<Item = &'a [u8]> {
        let of_tag = move |(other, value): &(u8, &'a [u8])| (*other == tag).then_some(*value);
        self.0.iter().filter_map(of_tag)
    }

    fn flag(&self, tag: u8) -> Result<bool, &'static str> {
        match self.all(tag).next() {
            None => Ok(false),
            Some([]) => Ok(true),
            Some(_) => Err("settings"),
        }
    }

    fn text(&self, tag: u8, name: &'static str) -> Result<&'a str, &'static str> {
        let bytes = self.all(tag).next().ok_or(name)?;
        std::str::from_utf8(bytes).map_err(|_| name)
    }

    /// Already in the form that the server uses: what is shown is what is used.
    fn account(&self, tag: u8, name: &'static str) -> Result<BareJid, &'static str> {
        let text = self.text(tag, name)?;
        let jid = BareJid::new(text).map_err(|_| name)?;
        if jid.node().is_some() && jid.as_str() == text {
            Ok(jid)
        } else {
            Err(name)
        }
    }

    fn secret(&self) -> Result<Secret, &'static str> {
        let text = self.text(SECRET, "password")?;
        let fits = (1..=SECRET_LIMIT).contains(&text.len());
        if fits && !text.chars().any(char::is_control) {
            Ok(Secret::new(text.to_owned()))
        } else {
            Err("password")
        }
    }

    fn expires(&self) -> Result<Timestamp, &'static str> {
        let bytes = self.all(EXPIRES).next().and_then(|it| it.try_into().ok());
        let seconds = bytes.map(u64::from_be_bytes).ok_or("expiry")?;
        let seconds = i64::try_from(seconds).map_err(|_| "expiry")?;
        Timestamp::from_second(seconds).map_err(|_| "expiry")
    }

    fn servers(&self) -> Result<Vec<Endpoint>, &'static str> {
        let read = |bytes| server(bytes).ok_or("server address");
        let servers: Vec<Endpoint> = self.all(SERVER).map(read).collect::<Result<_, _>>()?;
        if servers.len() > MANY {
            return Err("server address");
        }
        Ok(servers)
    }

    fn trust(&self) -> Result<ServerTrust, &'static str> {
        let all: Vec<Certificate> = self
            .all(AUTHORITY)
            .map(|der| Certificate::from_der(der.to_vec()))
            .collect();
        let empty = all.iter().any(|one| one.der().is_empty());
        match (self.all(PINNED).next(), all.len()) {
            (None, 0) => Ok(ServerTrust::System),
            (None, 1..=MANY) if !empty => Ok(ServerTrust::Authorities(all)),
            (Some(pin), 0) => {
                let pin = pin.try_into().map_err(|_| "fingerprint")?;
                Ok(ServerTrust::Pinned(Fingerprint(pin)))
            }
            _ => Err("certificate"),
        }
    }
}

/// An address as it is written into settings, and nothing that could be more than that there.
fn server(bytes: &[u8]) -> Option<Endpoint> {
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]%".contains(&byte);
    let server: Endpoint = text.parse().ok()?;
    let usable = text.bytes().all(plain) && text.len() <= 300 && server.to_string() == text;
    usable.then_some(server)
}
