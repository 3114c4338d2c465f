//! SASL/PLAIN on a connection: which request may come next.

use kafka_protocol::ResponseError;

use crate::access::Principal;
use crate::broker::Broker;

/// How far a connection is with saying who speaks.
#[derive(Clone, Debug)]
pub enum Login {
    /// Nothing was said.
    Expected,
    /// The mechanism was agreed on; the token comes in a SaslAuthenticate request.
    Mechanism,
    /// The mechanism was agreed on in version 0; the token comes as a bare frame.
    BareToken,
    /// Known.
    Done(Principal),
}

/// The only mechanism.
pub const MECHANISM: &str = "PLAIN";

/// Checks a PLAIN token: `authorization id NUL user NUL password`. The error is for the client.
pub async fn check_plain(broker: &Broker, token: &[u8]) -> Result<Principal, String> {
    let refused = || "Authentication failed: invalid credentials".to_owned();
    let text = std::str::from_utf8(token).map_err(|_| refused())?;
    let mut parts = text.split('\0');
    let (Some(acts_for), Some(user), Some(password), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("Authentication failed: the SASL/PLAIN token must be 'NUL user NUL password'".to_owned());
    };
    if !acts_for.is_empty() && acts_for != user {
        return Err("Authentication failed: acting for another user is not supported".to_owned());
    }
    broker.authenticator.authenticate(&broker.options.cluster_id, user, password).await.ok_or_else(refused)
}

/// The error for a SaslHandshake that names `mechanism`.
pub fn check_mechanism(mechanism: &str) -> Option<ResponseError> {
    (mechanism != MECHANISM).then_some(ResponseError::UnsupportedSaslMechanism)
}
