//! Another password for the own account (XEP-0077, 3.3).

use std::time::Duration;

use archipel_config::Secret;
use archipel_protocol::{Iq, IqKind, Secret as Payload, registration};

use crate::{RequestError, Session};

impl Session {
    /// Gives the account another password. It travels as it is, inside the session's TLS.
    ///
    /// After [`RequestError::Timeout`] and [`RequestError::Lost`] either password may be the account's. The session goes on; a
    /// connection that is lost later would come back with the old password, so end it.
    pub async fn change_password(
        &self,
        password: &Secret,
        deadline: Duration,
    ) -> Result<(), RequestError> {
        let bound = self.bound_jid().ok_or(RequestError::NotConnected)?;
        let username = bound.node().ok_or(RequestError::NotConnected)?.to_string();
        let password = Payload::new(password.expose());
        let request = registration::Request::Account { username, password };
        let iq = Iq::request(IqKind::Set, None, request.to_element());
        self.request(iq, deadline).await.map(|_| ())
    }
}
