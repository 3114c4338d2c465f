//! Who may do what: the traits that the control plane implements, and Kafka's own words for operations and resources.

use async_trait::async_trait;

/// Who speaks on a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Kafka's principal name, `User:...`.
    pub name: String,
}

impl Principal {
    /// The principal `User:<user>`.
    pub fn user(user: &str) -> Self {
        Self { name: format!("User:{user}") }
    }
}

/// What a client wants to do, as in Kafka's access control lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Fetch records, commit offsets, join groups.
    Read,
    /// Produce records, use a transactional id.
    Write,
    /// Create topics.
    Create,
    /// Delete topics, records, groups.
    Delete,
    /// Add partitions, elect leaders.
    Alter,
    /// See that something exists.
    Describe,
    /// See settings.
    DescribeConfigs,
    /// Change settings.
    AlterConfigs,
    /// Use an idempotent producer.
    IdempotentWrite,
}

impl Operation {
    /// The number of the operation on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::Read => 3,
            Self::Write => 4,
            Self::Create => 5,
            Self::Delete => 6,
            Self::Alter => 7,
            Self::Describe => 8,
            Self::DescribeConfigs => 10,
            Self::AlterConfigs => 11,
            Self::IdempotentWrite => 12,
        }
    }
}

/// What an operation is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource<'a> {
    /// The cluster as a whole.
    Cluster,
    /// A topic by name.
    Topic(&'a str),
    /// A consumer group by id.
    Group(&'a str),
    /// A transactional id.
    TransactionalId(&'a str),
}

/// Checks the credentials of SASL/PLAIN.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// The principal of `user` if `password` is right and belongs to `cluster`, else `None`.
    async fn authenticate(&self, cluster: &str, user: &str, password: &str) -> Option<Principal>;
}

/// Decides about every operation on every resource.
pub trait Authorizer: Send + Sync {
    /// Whether `principal` may do `operation` to `resource`. Called for each request: answers from memory.
    fn allowed(&self, principal: &Principal, operation: Operation, resource: Resource<'_>) -> bool;
}

/// Allows everything: for a broker with anonymous loopback listeners only, and for tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllowAll;

impl Authorizer for AllowAll {
    fn allowed(&self, _: &Principal, _: Operation, _: Resource<'_>) -> bool {
        true
    }
}

/// Knows no user: for a broker without SASL listeners.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoUsers;

#[async_trait]
impl Authenticator for NoUsers {
    async fn authenticate(&self, _: &str, _: &str, _: &str) -> Option<Principal> {
        None
    }
}
