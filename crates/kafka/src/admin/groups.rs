//! Groups: list, describe, delete.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::{
    messages::{DeleteGroupsRequest, DescribeGroupsRequest, GroupId, ListGroupsRequest},
    protocol::StrBytes,
};

use super::{Admin, only};
use crate::{
    ErrorCode, ErrorKind, Result,
    client::{Coordinates, SHARED},
    error::{check, check_with},
};

/// A group that a coordinator knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedGroup {
    /// Its id.
    pub id: String,
    /// `consumer`, `connect`, ... ; empty for a group that only commits offsets.
    pub protocol_type: String,
    /// Its state; empty when the broker is too old to say.
    pub state: String,
    /// `classic`, `consumer`, ... ; empty when the broker is too old to say.
    pub group_type: String,
}

/// A classic group in detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDescription {
    /// Its id.
    pub id: String,
    /// `Empty`, `Stable`, `Dead`, ...
    pub state: String,
    /// `consumer`, `connect`, ...
    pub protocol_type: String,
    /// The assignor in use.
    pub protocol: String,
    /// Its members.
    pub members: Vec<GroupMember>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMember {
    /// Member id.
    pub member_id: String,
    /// Static id, where it has one.
    pub instance_id: Option<String>,
    /// Client id.
    pub client_id: String,
    /// Host.
    pub host: String,
    /// Assignment in the protocol's own encoding.
    pub assignment: Bytes,
}

fn group_id(group: &str) -> GroupId {
    GroupId(StrBytes::from_string(group.to_owned()))
}

const GROUP_ID_NOT_FOUND: ErrorCode = ErrorCode(69);

impl Admin {
    /// Every group, from every broker, by id.
    ///
    /// # Errors
    /// Authorization, or a broker that cannot be reached.
    pub async fn list_groups(&self) -> Result<Vec<ListedGroup>> {
        let mut found = BTreeMap::new();
        self.client.refresh(&[]).await?;
        for broker in self.client.cache().brokers() {
            let mut retry = self.client.retry("list groups");
            let answer = loop {
                let attempt = async {
                    let connection = self.client.node(broker.id, SHARED).await?;
                    let answer = connection.call(&ListGroupsRequest::default()).await?;
                    check(answer.error_code, || "list groups".to_owned())?;
                    Ok(answer)
                };
                match attempt.await {
                    Ok(answer) => break answer,
                    Err(error) => retry.after(error).await?,
                }
            };
            for group in answer.groups {
                let listed = ListedGroup {
                    id: group.group_id.to_string(),
                    protocol_type: group.protocol_type.to_string(),
                    state: group.group_state.to_string(),
                    group_type: group.group_type.to_string(),
                };
                found.insert(listed.id.clone(), listed);
            }
        }
        Ok(found.into_values().collect())
    }

    /// A classic group. A group nobody knows is described as `Dead`, as Kafka always did.
    ///
    /// # Errors
    /// Authorization, or a coordinator that cannot be reached.
    pub async fn describe_group(&self, group: &str) -> Result<GroupDescription> {
        let request = DescribeGroupsRequest::default().with_groups(vec![group_id(group)]);
        let operation = format!("describe group '{group}'");
        let (request, operation) = (&request, &*operation);
        self.client
            .with_coordinator(Coordinates::Group, group, self.client.retry(operation), |coordinator| async move {
                let found = only(coordinator.call(request).await?.groups, operation)?;
                if ErrorCode::from_wire(found.error_code) != Some(GROUP_ID_NOT_FOUND) {
                    check_with(found.error_code, found.error_message.as_deref(), || operation.to_owned())?;
                }
                let members = found.members.into_iter().map(|m| GroupMember {
                    member_id: m.member_id.to_string(),
                    instance_id: m.group_instance_id.map(|id| id.to_string()),
                    client_id: m.client_id.to_string(),
                    host: m.client_host.to_string(),
                    assignment: m.member_assignment,
                });
                Ok(GroupDescription {
                    id: found.group_id.to_string(),
                    state: found.group_state.to_string(),
                    protocol_type: found.protocol_type.to_string(),
                    protocol: found.protocol_data.to_string(),
                    members: members.collect(),
                })
            })
            .await
    }

    /// Deletes a group with its offsets; one that is not there counts as deleted.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] (`NON_EMPTY_GROUP`) while it has members.
    pub async fn delete_group(&self, group: &str) -> Result<()> {
        let request = DeleteGroupsRequest::default().with_groups_names(vec![group_id(group)]);
        let operation = format!("delete group '{group}'");
        let (request, operation) = (&request, &*operation);
        self.client
            .with_coordinator(Coordinates::Group, group, self.client.retry(operation), |coordinator| async move {
                let deleted = only(coordinator.call(request).await?.results, operation)?;
                match check(deleted.error_code, || operation.to_owned()) {
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                    outcome => outcome,
                }
            })
            .await
    }
}
