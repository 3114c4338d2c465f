//! The classic group protocol as a pure state machine: `decide(group, input, now) -> (group, effects)`.
//!
//! Members join ([`super::joining`]), one of them (the leader) assigns partitions, all fetch their part with SyncGroup, and heartbeats keep them
//! in. JoinGroup and SyncGroup wait for the others: an input carries a [`Ticket`], and the answer comes as an effect with
//! that ticket, now or later. Time is a number of milliseconds that the caller hands in, and [`Group::deadline`] says when
//! to come back with [`Input::Tick`].

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use kafka_protocol::ResponseError;

pub use super::messages::{Effect, Input, Join, Joined, Rules, Synced, Ticket, Who};

/// Where a group is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// No members.
    #[default]
    Empty,
    /// Members are asked to join again.
    PreparingRebalance,
    /// The leader computes the assignment.
    CompletingRebalance,
    /// Everybody has an assignment.
    Stable,
}

impl Phase {
    /// Kafka's name of the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Static member id of the user's choice.
    pub instance_id: Option<String>,
    /// The client's name for itself.
    pub client_id: String,
    /// Where it connects from.
    pub client_host: String,
    /// Assignment strategies it supports, best first, with its subscription for each.
    pub protocols: Vec<(String, Bytes)>,
    /// Its part, as the leader encoded it.
    pub assignment: Bytes,
    pub(super) session_ms: u64,
    pub(super) rebalance_ms: u64,
    /// When it is taken for dead.
    pub(super) expires: u64,
    pub(super) joining: Option<Ticket>,
    pub(super) syncing: Option<Ticket>,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Where it is.
    pub phase: Phase,
    /// Counts the rebalances.
    pub generation: i32,
    /// `consumer` for consumers, `connect` and others for others.
    pub protocol_type: Option<String>,
    /// The strategy that all members support and most prefer.
    pub protocol: Option<String>,
    /// Member id of the leader.
    pub leader: Option<String>,
    /// Members by id.
    pub members: BTreeMap<String, Member>,
    /// Ids given to members that must come back with them, and until when.
    pub(super) pending: BTreeMap<String, u64>,
    /// When a rebalance no longer waits for members.
    pub(super) rebalance_until: Option<u64>,
    /// While the first members gather, the end of the whole wait.
    pub(super) gathering_until: Option<u64>,
}

/// Decides one input.
pub fn decide(mut group: Group, input: Input, now: u64, rules: Rules) -> (Group, Vec<Effect>) {
    let mut effects = Vec::new();
    match input {
        Input::Join(join, ticket) => group.join(*join, ticket, now, rules, &mut effects),
        Input::Sync { who, protocol, assignments, ticket } => {
            group.sync(&who, &protocol, assignments, ticket, now, &mut effects);
        }
        Input::Leave { member_id, instance_id } => {
            let left = group.leave(&member_id, instance_id.as_deref(), now, &mut effects);
            effects.push(Effect::Left(left));
        }
        Input::Tick => group.tick(now, &mut effects),
    }
    (group, effects)
}

impl Group {
    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.phase == Phase::Empty
    }

    /// Whether nothing is left that would be missed.
    pub fn is_void(&self) -> bool {
        self.is_empty() && self.pending.is_empty()
    }

    /// When [`Input::Tick`] is due.
    pub fn deadline(&self) -> Option<u64> {
        let members = self.members.values().filter(|member| !member.waits()).map(|member| member.expires);
        members.chain(self.pending.values().copied()).chain(self.rebalance_until).min()
    }

    /// The member id of a member that names itself by `member_id` and maybe `instance_id`.
    pub(super) fn resolve(&self, member_id: &str, instance_id: Option<&str>) -> Result<String, ResponseError> {
        if let Some(instance_id) = instance_id {
            let current = self.members.iter().find(|(_, member)| member.instance_id.as_deref() == Some(instance_id));
            return match current {
                None => Err(ResponseError::UnknownMemberId),
                Some((id, _)) if member_id.is_empty() || id == member_id => Ok(id.clone()),
                Some(_) => Err(ResponseError::FencedInstanceId),
            };
        }
        if self.members.contains_key(member_id) {
            Ok(member_id.to_owned())
        } else {
            Err(ResponseError::UnknownMemberId)
        }
    }

    /// Checks a member that must be in the current generation.
    fn check(&self, who: &Who) -> Result<String, ResponseError> {
        let id = self.resolve(&who.member_id, who.instance_id.as_deref())?;
        if who.generation == self.generation { Ok(id) } else { Err(ResponseError::IllegalGeneration) }
    }

    /// Heartbeat: keeps the member in and says whether it must join again.
    pub fn heartbeat(&mut self, who: &Who, now: u64) -> Result<(), ResponseError> {
        let id = self.check(who)?;
        self.touch(&id, now);
        match self.phase {
            Phase::Stable | Phase::CompletingRebalance => Ok(()),
            Phase::PreparingRebalance => Err(ResponseError::RebalanceInProgress),
            Phase::Empty => Err(ResponseError::UnknownMemberId),
        }
    }

    /// Whether a member (or, with a negative generation, somebody outside of the group) may commit offsets now.
    pub fn may_commit(&mut self, who: &Who, transactional: bool, now: u64) -> Result<(), ResponseError> {
        if who.generation < 0 && (transactional && who.member_id.is_empty() || self.is_empty()) {
            return Ok(());
        }
        let id = self.check(who)?;
        self.touch(&id, now);
        if self.phase == Phase::CompletingRebalance && !transactional {
            return Err(ResponseError::RebalanceInProgress);
        }
        Ok(())
    }

    fn touch(&mut self, id: &str, now: u64) {
        if let Some(member) = self.members.get_mut(id) {
            member.expires = now + member.session_ms;
        }
    }

    /// Starts a rebalance, or ends it when everybody is here.
    pub(super) fn rebalance(&mut self, now: u64, effects: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Stable | Phase::CompletingRebalance | Phase::Empty) {
            for member in self.members.values_mut() {
                if let Some(ticket) = member.syncing.take() {
                    effects.push(Effect::Synced(ticket, Err(ResponseError::RebalanceInProgress)));
                }
            }
            self.phase = Phase::PreparingRebalance;
            let wait = self.members.values().map(|member| member.rebalance_ms).max().unwrap_or(0);
            self.rebalance_until = Some(now + wait);
        }
        let everybody = self.pending.is_empty() && self.members.values().all(|member| member.joining.is_some());
        if everybody && self.gathering_until.is_none() {
            self.complete_join(now, effects);
        }
    }

    fn complete_join(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.rebalance_until = None;
        self.gathering_until = None;
        // Static members that did not come stay until their session ends; others are gone.
        self.members.retain(|_, member| member.joining.is_some() || member.instance_id.is_some());
        self.generation = self.generation.wrapping_add(1).max(1);
        if self.members.is_empty() {
            self.phase = Phase::Empty;
            (self.protocol, self.leader) = (None, None);
            return;
        }
        self.phase = Phase::CompletingRebalance;
        self.protocol = self.elect_protocol();
        let present = |id: &String| self.members.get(id).is_some_and(|member| member.joining.is_some());
        if !self.leader.as_ref().is_some_and(present) {
            self.leader = self.members.keys().find(|id| present(id)).cloned();
        }
        if self.leader.is_none() {
            // Only absent static members are left: wait for one of them.
            self.phase = Phase::PreparingRebalance;
            let wait = self.members.values().map(|member| member.rebalance_ms).max().unwrap_or(0);
            self.rebalance_until = Some(now + wait);
            return;
        }
        let ids: Vec<String> = self.members.keys().cloned().collect();
        for id in ids {
            let joined = self.joined(&id);
            if let Some(member) = self.members.get_mut(&id) {
                member.assignment = Bytes::new();
                if let Some(ticket) = member.joining.take() {
                    member.expires = now + member.session_ms;
                    effects.push(Effect::Joined(ticket, Ok(joined)));
                }
            }
        }
        // The leader's assignment has as long to come as the slowest member had to join.
        let wait = self.members.values().map(|member| member.rebalance_ms).max().unwrap_or(0);
        self.rebalance_until = Some(now + wait);
    }

    /// Each member votes for its first strategy that all support; most votes win.
    fn elect_protocol(&self) -> Option<String> {
        let mut names: BTreeSet<&String> = BTreeSet::new();
        if let Some(first) = self.members.values().next() {
            names.extend(first.protocols.iter().map(|(name, _)| name));
        }
        names.retain(|name| self.members.values().all(|member| member.supports(name)));
        let mut votes: BTreeMap<&String, usize> = BTreeMap::new();
        for member in self.members.values() {
            if let Some((name, _)) = member.protocols.iter().find(|(name, _)| names.contains(name)) {
                *votes.entry(name).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name.clone())
    }

    pub(super) fn joined(&self, id: &str) -> Joined {
        let leader = self.leader.clone().unwrap_or_default();
        let mut members = Vec::new();
        if leader == id {
            let protocol = self.protocol.as_deref().unwrap_or_default();
            members.extend(
                self.members
                    .iter()
                    .map(|(id, member)| (id.clone(), member.instance_id.clone(), member.subscription(protocol))),
            );
        }
        Joined {
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader,
            member_id: id.to_owned(),
            members,
        }
    }

    fn synced(&self, id: &str) -> Synced {
        Synced {
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            assignment: self.members.get(id).map(|member| member.assignment.clone()).unwrap_or_default(),
        }
    }

    fn sync(
        &mut self,
        who: &Who,
        protocol: &(Option<String>, Option<String>),
        assignments: Vec<(String, Bytes)>,
        ticket: Ticket,
        now: u64,
        effects: &mut Vec<Effect>,
    ) {
        let differs = |named: &Option<String>, ours: &Option<String>| named.is_some() && named != ours;
        let id = match self.check(who) {
            Ok(_) if differs(&protocol.0, &self.protocol_type) || differs(&protocol.1, &self.protocol) => {
                Err(ResponseError::InconsistentGroupProtocol)
            }
            other => other,
        };
        let id = match (id, self.phase) {
            (Err(error), _) => return effects.push(Effect::Synced(ticket, Err(error))),
            (Ok(_), Phase::Empty) => {
                return effects.push(Effect::Synced(ticket, Err(ResponseError::UnknownMemberId)));
            }
            (Ok(_), Phase::PreparingRebalance) => {
                return effects.push(Effect::Synced(ticket, Err(ResponseError::RebalanceInProgress)));
            }
            (Ok(id), Phase::Stable) => {
                self.touch(&id, now);
                return effects.push(Effect::Synced(ticket, Ok(self.synced(&id))));
            }
            (Ok(id), Phase::CompletingRebalance) => id,
        };
        self.touch(&id, now);
        if let Some(older) = self.members.get_mut(&id).and_then(|member| member.syncing.replace(ticket)) {
            effects.push(Effect::Synced(older, Err(ResponseError::RebalanceInProgress)));
        }
        if self.leader.as_deref() != Some(&id) {
            return;
        }
        for (id, assignment) in assignments {
            if let Some(member) = self.members.get_mut(&id) {
                member.assignment = assignment;
            }
        }
        self.phase = Phase::Stable;
        self.rebalance_until = None;
        let ids: Vec<String> = self.members.keys().cloned().collect();
        for id in ids {
            let synced = self.synced(&id);
            if let Some(member) = self.members.get_mut(&id)
                && let Some(ticket) = member.syncing.take()
            {
                member.expires = now + member.session_ms;
                effects.push(Effect::Synced(ticket, Ok(synced)));
            }
        }
    }

    fn leave(
        &mut self,
        member_id: &str,
        instance_id: Option<&str>,
        now: u64,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ResponseError> {
        if instance_id.is_none() && self.pending.remove(member_id).is_some() {
            if self.phase == Phase::PreparingRebalance {
                self.rebalance(now, effects);
            }
            return Ok(());
        }
        let id = self.resolve(member_id, instance_id)?;
        self.remove(&id, now, effects);
        Ok(())
    }

    fn remove(&mut self, id: &str, now: u64, effects: &mut Vec<Effect>) {
        let Some(member) = self.members.remove(id) else { return };
        member.dismiss(effects, id);
        if self.leader.as_deref() == Some(id) {
            self.leader = None;
        }
        if self.members.is_empty() {
            self.complete_join(now, effects);
        } else {
            self.rebalance(now, effects);
        }
    }

    fn tick(&mut self, now: u64, effects: &mut Vec<Effect>) {
        self.pending.retain(|_, until| *until > now);
        let dead: Vec<String> = self
            .members
            .iter()
            .filter(|(_, member)| !member.waits() && member.expires <= now)
            .map(|(id, _)| id.clone())
            .collect();
        for id in dead {
            self.remove(&id, now, effects);
        }
        if self.rebalance_until.is_some_and(|until| until <= now) {
            match self.phase {
                Phase::PreparingRebalance => self.complete_join(now, effects),
                // The leader did not assign in time: everybody joins again.
                Phase::CompletingRebalance => {
                    let silent: Vec<String> = self
                        .members
                        .iter()
                        .filter(|(_, member)| member.syncing.is_none())
                        .map(|(id, _)| id.clone())
                        .collect();
                    silent.iter().for_each(|id| self.remove(id, now, effects));
                }
                Phase::Empty | Phase::Stable => self.rebalance_until = None,
            }
        } else if self.phase == Phase::PreparingRebalance {
            self.rebalance(now, effects);
        }
    }
}

impl Member {
    pub(super) fn supports(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|(name, _)| name == protocol)
    }

    /// Its subscription under a strategy.
    pub fn subscription(&self, protocol: &str) -> Bytes {
        self.protocols.iter().find(|(name, _)| name == protocol).map(|(_, data)| data.clone()).unwrap_or_default()
    }

    /// Whether the broker owes it an answer: it cannot send heartbeats meanwhile.
    fn waits(&self) -> bool {
        self.joining.is_some() || self.syncing.is_some()
    }

    pub(super) fn fence(&self, effects: &mut Vec<Effect>, id: &str) {
        if let Some(ticket) = self.joining {
            effects.push(Effect::Joined(ticket, Err((ResponseError::FencedInstanceId, id.to_owned()))));
        }
        if let Some(ticket) = self.syncing {
            effects.push(Effect::Synced(ticket, Err(ResponseError::FencedInstanceId)));
        }
    }

    fn dismiss(&self, effects: &mut Vec<Effect>, id: &str) {
        if let Some(ticket) = self.joining {
            effects.push(Effect::Joined(ticket, Err((ResponseError::UnknownMemberId, id.to_owned()))));
        }
        if let Some(ticket) = self.syncing {
            effects.push(Effect::Synced(ticket, Err(ResponseError::UnknownMemberId)));
        }
    }
}
