//! Which transactions there are (KIP-664).

use std::{collections::BTreeMap, sync::Arc};

use kafka_protocol::messages::{DescribeTransactionsRequest, ListTransactionsRequest};

use super::{checked, transactional_id};
use crate::{
    Client, ProducerIdentity, Result,
    client::{Coordinates, SHARED},
};

/// A transactional id that a coordinator knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTransaction {
    /// The transactional id.
    pub transactional_id: String,
    /// Its producer id.
    pub producer_id: i64,
    /// `Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort`,
    /// `Dead` or `PrepareEpochFence`.
    pub state: String,
}

/// A transactional id in detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionDescription {
    /// The transactional id.
    pub transactional_id: String,
    /// State as in [`ListedTransaction`].
    pub state: String,
    /// Who owns it.
    pub identity: ProducerIdentity,
    /// Time-out in milliseconds.
    pub timeout_ms: i32,
    /// When the open transaction began, in milliseconds since the epoch; `None` when none is open.
    pub start_time_ms: Option<i64>,
    /// The partitions in the open transaction.
    pub partitions: Vec<(Arc<str>, i32)>,
}

/// Every transactional id that begins with `prefix`, from every broker.
///
/// # Errors
/// Authorization, or a broker that cannot be reached.
pub async fn list_transactions(client: &Client, prefix: &str) -> Result<Vec<ListedTransaction>> {
    let mut found: BTreeMap<String, ListedTransaction> = BTreeMap::new();
    let request = ListTransactionsRequest::default().with_duration_filter(-1);
    let operation = "list transactions";
    client.refresh(&[]).await?;
    for broker in client.cache().brokers() {
        let mut retry = client.retry(operation);
        let answer = loop {
            let attempt = async {
                let connection = client.node(broker.id, SHARED).await?;
                let answer = connection.call(&request).await?;
                checked(answer.error_code, operation)?;
                Ok(answer)
            };
            match attempt.await {
                Ok(answer) => break answer,
                Err(error) => retry.after(error).await?,
            }
        };
        for t in answer.transaction_states {
            let id = t.transactional_id.to_string();
            if id.starts_with(prefix) {
                let listed = ListedTransaction {
                    transactional_id: id.clone(),
                    producer_id: t.producer_id.0,
                    state: t.transaction_state.to_string(),
                };
                found.insert(id, listed);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Details of transactional ids; one that the cluster does not know is left out.
///
/// # Errors
/// Authorization, or a coordinator that cannot be reached.
pub async fn describe_transactions(client: &Client, ids: &[&str]) -> Result<Vec<TransactionDescription>> {
    let mut found = Vec::new();
    for id in ids {
        let request = DescribeTransactionsRequest::default().with_transactional_ids(vec![transactional_id(id)]);
        let operation = format!("describe the transaction of '{id}'");
        let (request, operation) = (&request, &*operation);
        let described = client
            .with_coordinator(Coordinates::Transaction, id, client.retry(operation), |coordinator| async move {
                let answer = coordinator.call(request).await?;
                let Some(t) = answer.transaction_states.into_iter().next() else {
                    return Ok(None);
                };
                if t.error_code == TRANSACTIONAL_ID_NOT_FOUND {
                    return Ok(None);
                }
                checked(t.error_code, operation)?;
                let partitions = t.topics.iter().flat_map(|topic| {
                    let name: Arc<str> = topic.topic.as_str().into();
                    topic.partitions.iter().map(move |p| (name.clone(), *p))
                });
                Ok(Some(TransactionDescription {
                    transactional_id: t.transactional_id.to_string(),
                    state: t.transaction_state.to_string(),
                    identity: ProducerIdentity { producer_id: t.producer_id.0, epoch: t.producer_epoch },
                    timeout_ms: t.transaction_timeout_ms,
                    start_time_ms: Some(t.transaction_start_time_ms).filter(|at| *at >= 0),
                    partitions: partitions.collect(),
                }))
            })
            .await?;
        found.extend(described);
    }
    Ok(found)
}

const TRANSACTIONAL_ID_NOT_FOUND: i16 = 105;
