//! The pubsub nodes of a bus that the original's programs and agents expect.

use std::time::Duration;

use archipel_bus::{Account, Event, Options, RequestError, Session, TlsClient, connect};
use archipel_config::{BusSettings, Secret};
use archipel_protocol::{
    BareJid, Failure, Iq, IqKind, Jid,
    failure::FailureKind,
    pubsub::{NodeConfig, Publishers, create},
};

use crate::OperatorError;

/// Items are written by every account: agents write their own tags, the original's client writes roles.
const NODES: [&str; 2] = ["/archipel/tags", "/archipel/roles"];

/// One item for each tagged machine.
const MOST_ITEMS: u32 = 10_000;

/// How long the service may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Logs in as an administrator of the bus and creates the nodes that are not there; names those that are new.
///
/// # Errors
///
/// When there is no login, or the service refuses: [`OperatorError::NotConnected`].
pub async fn create_nodes(
    account: &BareJid,
    secret: Secret,
    settings: BusSettings,
) -> Result<Vec<&'static str>, OperatorError> {
    let tls = TlsClient::new(&settings).map_err(not_connected)?;
    let account = Account {
        jid: account.clone(),
        resource: None,
        secret,
    };
    let mut options = Options::new(account.clone(), settings, tls);
    options.give_up_on_first_failure = true;
    let (session, mut events) = connect(options);
    let made = loop {
        match events.next().await {
            Some(Event::Reset { .. }) => break make(&session, &account.jid).await,
            Some(Event::Ended(end)) => break Err(not_connected(end)),
            Some(_) => {}
            None => break Err(OperatorError::Over),
        }
    };
    session.stop();
    while events.next().await.is_some() {}
    made
}

fn not_connected(error: impl std::fmt::Display) -> OperatorError {
    OperatorError::NotConnected(error.to_string())
}

async fn make(session: &Session, account: &BareJid) -> Result<Vec<&'static str>, OperatorError> {
    let service = format!("pubsub.{}", account.domain());
    let address = Jid::new(&service).map_err(not_connected)?;
    let mut new = Vec::new();
    for node in NODES {
        let config = NodeConfig::stored(MOST_ITEMS, Publishers::Open);
        let request = Iq::request(IqKind::Set, Some(address.clone()), create(node, &config));
        let refused =
            |why: String| not_connected(format!("{service} did not make the node {node}: {why}"));
        match session.request(request, DEADLINE).await {
            Ok(_) => new.push(node),
            Err(RequestError::Refused(iq)) => {
                let failure = Failure::parse(&iq);
                if failure.kind != FailureKind::Conflict {
                    return Err(refused(failure.to_string()));
                }
            }
            Err(error) => return Err(refused(error.to_string())),
        }
    }
    Ok(new)
}
