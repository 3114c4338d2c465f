//! Ending and fencing transactions by id, from any process.

use std::time::Duration;

use kafka_protocol::messages::{EndTxnRequest, InitProducerIdRequest, ProducerId};

use super::{checked, transactional_id, version_2};
use crate::{Client, Error, ErrorKind, ProducerIdentity, Result, client::Coordinates, error::ErrorCode};

/// Last version of EndTxn that leaves the epoch alone.
const END_WITHOUT_BUMP: i16 = 4;
const INVALID_TXN_STATE: ErrorCode = ErrorCode(48);
const INVALID_PRODUCER_ID_MAPPING: ErrorCode = ErrorCode(49);
const PRODUCER_FENCED: ErrorCode = ErrorCode(90);
const TRANSACTIONAL_ID_NOT_FOUND: ErrorCode = ErrorCode(105);

/// What became of an attempt to end a transaction.
#[derive(Debug, Clone)]
pub enum EndOutcome {
    /// It is committed; the next transaction of this producer runs under the given identity (under
    /// transaction.version 2 with a higher epoch).
    Committed(ProducerIdentity),
    /// It is aborted; the identity as above.
    Aborted(ProducerIdentity),
    /// A newer epoch exists: somebody took the transactional id over, or the broker aborted the
    /// transaction at its time-out. Whether it was committed before must be looked up.
    Fenced,
    /// The coordinator has no transaction of these ids that can be ended this way: it was ended
    /// the other way, or never began.
    InvalidState,
    /// The coordinator does not know the transactional id with this producer id (expired).
    UnknownId,
    /// No clear answer within the API time-out: it may or may not be ended.
    Unclear(Error),
}

impl EndOutcome {
    pub(super) fn into_error(self, id: &str) -> Error {
        let operation = format!("end the transaction of '{id}'");
        match self {
            Self::Unclear(error) => error,
            Self::Fenced => Error::broker(operation, PRODUCER_FENCED),
            Self::UnknownId => Error::broker(operation, INVALID_PRODUCER_ID_MAPPING),
            Self::InvalidState | Self::Committed(_) | Self::Aborted(_) => Error::broker(operation, INVALID_TXN_STATE),
        }
    }
}

/// Ends the transaction of stored ids; the process that wrote it need not be alive. Safe to call
/// again: a transaction that is already ended that way gives the same outcome, as long as nothing
/// was written under the next identity.
///
/// # Errors
/// Only what says nothing about the transaction: authorization, authentication, configuration.
pub async fn end_transaction(
    client: &Client,
    id: &str,
    identity: ProducerIdentity,
    commit: bool,
) -> Result<EndOutcome> {
    let verb = if commit { "commit" } else { "abort" };
    let operation = format!("{verb} the transaction of '{id}'");
    let request = EndTxnRequest::default()
        .with_transactional_id(transactional_id(id))
        .with_producer_id(ProducerId(identity.producer_id))
        .with_producer_epoch(identity.epoch)
        .with_committed(commit);
    let (request, operation) = (&request, &*operation);
    let ended = client
        .with_coordinator(Coordinates::Transaction, id, client.retry(operation), |coordinator| async move {
            let newest = if version_2(&coordinator) { i16::MAX } else { END_WITHOUT_BUMP };
            let answer = coordinator.call_within(request, 0, newest).await?;
            checked(answer.error_code, operation)?;
            // Older versions carry no identity.
            Ok(match answer.producer_id.0 {
                -1 => identity,
                producer_id => ProducerIdentity { producer_id, epoch: answer.producer_epoch },
            })
        })
        .await;
    match ended {
        Ok(next) if commit => Ok(EndOutcome::Committed(next)),
        Ok(next) => Ok(EndOutcome::Aborted(next)),
        Err(error) => outcome_of(error),
    }
}

fn outcome_of(error: Error) -> Result<EndOutcome> {
    let timed_out = matches!(error, Error::TimedOut { .. });
    match error.broker_code() {
        Some(INVALID_TXN_STATE) => Ok(EndOutcome::InvalidState),
        Some(INVALID_PRODUCER_ID_MAPPING | TRANSACTIONAL_ID_NOT_FOUND) => Ok(EndOutcome::UnknownId),
        Some(code) if !timed_out && code.kind() == ErrorKind::Fenced => Ok(EndOutcome::Fenced),
        _ if timed_out || error.is_retriable() => Ok(EndOutcome::Unclear(error)),
        _ => Err(error),
    }
}

/// Takes a transactional id over: whatever is open under it is aborted, its producer fenced, and
/// the returned identity is the only one that can write. Waits until the abort is complete.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for a time-out beyond the broker's limit; authorization.
pub async fn fence(client: &Client, id: &str, timeout: Duration) -> Result<ProducerIdentity> {
    init_producer_id(client, id, timeout, None).await
}

/// The same; with `own`, only if that is still the newest identity of the id.
pub(super) async fn init_producer_id(
    client: &Client,
    id: &str,
    timeout: Duration,
    own: Option<ProducerIdentity>,
) -> Result<ProducerIdentity> {
    let timeout = i32::try_from(timeout.as_millis())
        .map_err(|_| Error::invalid("a transaction time-out of more than 24 days"))?;
    let own = own.unwrap_or(ProducerIdentity { producer_id: -1, epoch: -1 });
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(transactional_id(id)))
        .with_transaction_timeout_ms(timeout)
        .with_producer_id(ProducerId(own.producer_id))
        .with_producer_epoch(own.epoch);
    let operation = format!("initialise transactional id '{id}'");
    let (request, operation) = (&request, &*operation);
    client
        .with_coordinator(Coordinates::Transaction, id, client.retry(operation), |coordinator| async move {
            let answer = coordinator.call_within(request, 3, i16::MAX).await?;
            checked(answer.error_code, operation)?;
            Ok(ProducerIdentity { producer_id: answer.producer_id.0, epoch: answer.producer_epoch })
        })
        .await
}
