//! What goes into the group state machine and what comes out.

use bytes::Bytes;
use kafka_protocol::ResponseError;

/// Names a waiting request.
pub type Ticket = u64;

/// JoinGroup.
#[derive(Clone, Debug)]
pub struct Join {
    /// Member id, empty for a new member.
    pub member_id: String,
    /// Id that a new member gets.
    pub new_member_id: String,
    /// Static member id.
    pub instance_id: Option<String>,
    /// The client's name for itself.
    pub client_id: String,
    /// Where it connects from.
    pub client_host: String,
    /// Kind of group.
    pub protocol_type: String,
    /// Strategies with subscriptions.
    pub protocols: Vec<(String, Bytes)>,
    /// Milliseconds without heartbeat after which the member is taken for dead.
    pub session_ms: u64,
    /// Milliseconds that a rebalance waits for the member.
    pub rebalance_ms: u64,
    /// Whether a new member must come back with its id first (KIP-394).
    pub needs_id: bool,
}

/// What happens to a group.
#[derive(Clone, Debug)]
pub enum Input {
    /// JoinGroup.
    Join(Box<Join>, Ticket),
    /// SyncGroup.
    Sync {
        /// Who.
        who: Who,
        /// Kind of group and strategy, if the client names them.
        protocol: (Option<String>, Option<String>),
        /// From the leader: everybody's part.
        assignments: Vec<(String, Bytes)>,
        /// The waiting request.
        ticket: Ticket,
    },
    /// LeaveGroup of one member.
    Leave {
        /// Member id; may be empty with an instance id.
        member_id: String,
        /// Static member id.
        instance_id: Option<String>,
    },
    /// Time passed.
    Tick,
}

/// A member as it names itself.
#[derive(Clone, Debug)]
pub struct Who {
    /// Member id.
    pub member_id: String,
    /// Static member id.
    pub instance_id: Option<String>,
    /// Generation that the member is in.
    pub generation: i32,
}

/// The answer to JoinGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Generation.
    pub generation: i32,
    /// Kind of group.
    pub protocol_type: Option<String>,
    /// Strategy.
    pub protocol: Option<String>,
    /// Member id of the leader.
    pub leader: String,
    /// The member's own id.
    pub member_id: String,
    /// For the leader: everybody's id, instance id and subscription.
    pub members: Vec<(String, Option<String>, Bytes)>,
}

/// The answer to SyncGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// Kind of group.
    pub protocol_type: Option<String>,
    /// Strategy.
    pub protocol: Option<String>,
    /// The member's part.
    pub assignment: Bytes,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Answers a JoinGroup; the error comes with the member id to use.
    Joined(Ticket, Result<Joined, (ResponseError, String)>),
    /// Answers a SyncGroup.
    Synced(Ticket, Result<Synced, ResponseError>),
    /// Answers a LeaveGroup.
    Left(Result<(), ResponseError>),
}

/// How a group is configured.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How long an empty group waits for more members after the first.
    pub initial_delay_ms: u64,
}
