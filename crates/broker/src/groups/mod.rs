//! The group coordinator: carries out what [`state`] decides, and keeps committed [`offsets`].
//!
//! Membership lives in memory only: after a restart members are unknown, join again and go on from their committed offsets.
//! Waiting requests are one-shot channels by ticket; a group's state is changed under one short lock without I/O.

mod joining;
mod messages;
pub mod offsets;
pub mod state;
pub mod subscription;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use offsets::Offsets;
use state::{Effect, Group, Input, Join, Joined, Rules, Synced, Ticket, Who, decide};

/// Longest session time-out a member may ask for, milliseconds (`group.max.session.timeout.ms`).
pub const MAX_SESSION_MS: u64 = 30 * 60 * 1000;
/// Shortest session time-out a member may ask for, milliseconds. Kafka's is 6 s; tests and failovers want less.
pub const MIN_SESSION_MS: u64 = 1000;

/// Result of a JoinGroup: the error comes with the member id to use.
pub type JoinResult = Result<Joined, (ResponseError, String)>;

enum Waiter {
    Join(oneshot::Sender<JoinResult>),
    Sync(oneshot::Sender<Result<Synced, ResponseError>>),
}

#[derive(Default)]
struct Known {
    groups: BTreeMap<String, Group>,
    waiting: HashMap<Ticket, Waiter>,
    tickets: Ticket,
}

/// The groups of one cluster.
pub struct Groups {
    /// Committed positions.
    pub offsets: Arc<Offsets>,
    known: Mutex<Known>,
    rules: Rules,
    epoch: Instant,
    changed: Notify,
}

impl Groups {
    /// No groups yet, but their offsets.
    pub fn new(offsets: Arc<Offsets>, initial_delay: Duration) -> Self {
        let rules = Rules { initial_delay_ms: initial_delay.as_millis() as u64 };
        Self { offsets, known: Mutex::default(), rules, epoch: Instant::now(), changed: Notify::new() }
    }

    fn now(&self) -> u64 {
        self.epoch.elapsed().as_millis() as u64
    }

    fn input(&self, id: &str, waiter: Option<Waiter>, input: impl FnOnce(Ticket) -> Input) -> Vec<Effect> {
        let mut known = self.known.lock();
        known.tickets += 1;
        let ticket = known.tickets;
        if let Some(waiter) = waiter {
            known.waiting.insert(ticket, waiter);
        }
        let group = known.groups.remove(id).unwrap_or_default();
        let (group, effects) = decide(group, input(ticket), self.now(), self.rules);
        if !group.is_void() {
            known.groups.insert(id.to_owned(), group);
        }
        let rest = known.tell(effects);
        drop(known);
        self.changed.notify_one();
        rest
    }

    /// JoinGroup; waits for the other members.
    pub async fn join(&self, id: &str, join: Join) -> JoinResult {
        let member_id = join.member_id.clone();
        let (sender, answer) = oneshot::channel();
        self.input(id, Some(Waiter::Join(sender)), |ticket| Input::Join(Box::new(join), ticket));
        answer.await.unwrap_or(Err((ResponseError::CoordinatorNotAvailable, member_id)))
    }

    /// SyncGroup; waits for the leader's assignment.
    pub async fn sync(
        &self,
        id: &str,
        who: Who,
        protocol: (Option<String>, Option<String>),
        assignments: Vec<(String, bytes::Bytes)>,
    ) -> Result<Synced, ResponseError> {
        let (sender, answer) = oneshot::channel();
        let input = |ticket| Input::Sync { who, protocol, assignments, ticket };
        self.input(id, Some(Waiter::Sync(sender)), input);
        answer.await.unwrap_or(Err(ResponseError::CoordinatorNotAvailable))
    }

    /// LeaveGroup of one member.
    pub fn leave(&self, id: &str, member_id: String, instance_id: Option<String>) -> Result<(), ResponseError> {
        let effects = self.input(id, None, |_| Input::Leave { member_id, instance_id });
        effects
            .into_iter()
            .find_map(|effect| match effect {
                Effect::Left(left) => Some(left),
                _ => None,
            })
            .unwrap_or(Err(ResponseError::UnknownMemberId))
    }

    /// Heartbeat.
    pub fn heartbeat(&self, id: &str, who: &Who) -> Result<(), ResponseError> {
        let now = self.now();
        let mut known = self.known.lock();
        known.groups.get_mut(id).map_or(Err(ResponseError::UnknownMemberId), |group| group.heartbeat(who, now))
    }

    /// Whether `who` may commit offsets.
    pub fn may_commit(&self, id: &str, who: &Who, transactional: bool) -> Result<(), ResponseError> {
        let now = self.now();
        match self.known.lock().groups.get_mut(id) {
            Some(group) => group.may_commit(who, transactional, now),
            None if who.generation < 0 => Ok(()),
            None => Err(ResponseError::UnknownMemberId),
        }
    }

    /// A group with members.
    pub fn get(&self, id: &str) -> Option<Group> {
        self.known.lock().groups.get(id).cloned()
    }

    /// Every group, with members or only with offsets.
    pub fn all(&self) -> BTreeMap<String, Group> {
        let mut all: BTreeMap<String, Group> =
            self.offsets.groups().into_iter().map(|id| (id, Group::default())).collect();
        all.extend(self.known.lock().groups.iter().map(|(id, group)| (id.clone(), group.clone())));
        all
    }

    /// Forgets a group that has no members. Blocks.
    pub fn delete(&self, id: &str) -> Result<(), ResponseError> {
        match self.get(id) {
            Some(group) if !group.is_empty() => Err(ResponseError::NonEmptyGroup),
            None if self.offsets.get(id).is_none() => Err(ResponseError::GroupIdNotFound),
            _ => self.offsets.remove_group(id).map_err(|_| ResponseError::CoordinatorNotAvailable),
        }
    }

    /// Keeps time for all groups; runs until it is dropped.
    pub async fn run(&self) {
        loop {
            let deadline = self.known.lock().groups.values().filter_map(Group::deadline).min();
            let wait = deadline
                .map_or(Duration::from_secs(3600), |at| Duration::from_millis(at.saturating_sub(self.now()).max(5)));
            tokio::select! {
                () = tokio::time::sleep(wait) => self.tick(),
                () = self.changed.notified() => {}
            }
        }
    }

    fn tick(&self) {
        let now = self.now();
        let mut known = self.known.lock();
        let due: Vec<String> = known
            .groups
            .iter()
            .filter(|(_, group)| group.deadline().is_some_and(|deadline| deadline <= now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in due {
            let group = known.groups.remove(&id).unwrap_or_default();
            let (group, effects) = decide(group, Input::Tick, now, self.rules);
            if !group.is_void() {
                known.groups.insert(id, group);
            }
            known.tell(effects);
        }
    }
}

impl Known {
    /// Sends answers to those who wait; gives back what is not an answer to a ticket.
    fn tell(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::new();
        for effect in effects {
            // A receiver that is gone belongs to a closed connection.
            match effect {
                Effect::Joined(ticket, result) => {
                    if let Some(Waiter::Join(sender)) = self.waiting.remove(&ticket) {
                        let _ = sender.send(result);
                    }
                }
                Effect::Synced(ticket, result) => {
                    if let Some(Waiter::Sync(sender)) = self.waiting.remove(&ticket) {
                        let _ = sender.send(result);
                    }
                }
                Effect::Left(_) => rest.push(effect),
            }
        }
        rest
    }
}
