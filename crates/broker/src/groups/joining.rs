//! JoinGroup in the group state machine: new members, members that join again, static members that come back.

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::state::{Effect, Group, Join, Member, Phase, Rules, Ticket};

impl Group {
    pub(super) fn join(&mut self, join: Join, ticket: Ticket, now: u64, rules: Rules, effects: &mut Vec<Effect>) {
        if let Err(error) = self.check_join(&join) {
            effects.push(Effect::Joined(ticket, Err((error, join.member_id))));
            return;
        }
        let static_id = join.instance_id.as_ref().and_then(|instance| {
            self.members
                .iter()
                .find(|(_, member)| member.instance_id.as_ref() == Some(instance))
                .map(|(id, _)| id.clone())
        });
        if join.member_id.is_empty() {
            match static_id {
                Some(old) => self.replace(&old, join, ticket, now, effects),
                None if join.needs_id && join.instance_id.is_none() => {
                    self.pending.insert(join.new_member_id.clone(), now + join.session_ms);
                    let error = (ResponseError::MemberIdRequired, join.new_member_id);
                    effects.push(Effect::Joined(ticket, Err(error)));
                }
                None => {
                    let id = join.new_member_id.clone();
                    self.enter(id, join, ticket, now, rules, effects);
                }
            }
        } else if self.pending.remove(&join.member_id).is_some() {
            let id = join.member_id.clone();
            self.enter(id, join, ticket, now, rules, effects);
        } else {
            match self.resolve(&join.member_id, join.instance_id.as_deref()) {
                Err(error) => effects.push(Effect::Joined(ticket, Err((error, join.member_id)))),
                Ok(id) => self.rejoin(&id, join, ticket, now, effects),
            }
        }
    }

    fn check_join(&self, join: &Join) -> Result<(), ResponseError> {
        if join.protocols.is_empty() || join.protocol_type.is_empty() {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        if self.members.is_empty() {
            return Ok(());
        }
        let same_type = self.protocol_type.as_ref() == Some(&join.protocol_type);
        let others: Vec<_> = self
            .members
            .iter()
            .filter(|(id, member)| {
                **id != join.member_id && (join.instance_id.is_none() || member.instance_id != join.instance_id)
            })
            .collect();
        let common = join.protocols.iter().any(|(name, _)| others.iter().all(|(_, member)| member.supports(name)));
        if same_type && common { Ok(()) } else { Err(ResponseError::InconsistentGroupProtocol) }
    }

    fn member(join: Join, ticket: Option<Ticket>, now: u64) -> Member {
        Member {
            instance_id: join.instance_id,
            client_id: join.client_id,
            client_host: join.client_host,
            protocols: join.protocols,
            assignment: Bytes::new(),
            session_ms: join.session_ms,
            rebalance_ms: join.rebalance_ms,
            expires: now + join.session_ms,
            joining: ticket,
            syncing: None,
        }
    }

    fn enter(&mut self, id: String, join: Join, ticket: Ticket, now: u64, rules: Rules, effects: &mut Vec<Effect>) {
        let first = self.members.is_empty();
        self.protocol_type = Some(join.protocol_type.clone());
        let rebalance_ms = join.rebalance_ms;
        self.members.insert(id, Self::member(join, Some(ticket), now));
        if first && self.phase == Phase::Empty && rules.initial_delay_ms > 0 {
            self.phase = Phase::PreparingRebalance;
            self.gathering_until = Some(now + rebalance_ms);
            self.rebalance_until = Some(now + rules.initial_delay_ms.min(rebalance_ms));
            return;
        }
        if let Some(end) = self.gathering_until {
            self.rebalance_until = Some(end.min(now + rules.initial_delay_ms));
            return;
        }
        self.rebalance(now, effects);
    }

    /// A static member came back without its member id: it takes its old place under a new id.
    fn replace(&mut self, old: &str, join: Join, ticket: Ticket, now: u64, effects: &mut Vec<Effect>) {
        let Some(before) = self.members.remove(old) else { return };
        let id = join.new_member_id.clone();
        before.fence(effects, old);
        let unchanged = before.protocols == join.protocols;
        let mut member = Self::member(join, None, now);
        member.assignment = before.assignment;
        if self.leader.as_deref() == Some(old) {
            self.leader = Some(id.clone());
        }
        let keeps = self.phase == Phase::Stable && unchanged;
        if !keeps {
            member.joining = Some(ticket);
        }
        self.members.insert(id.clone(), member);
        if keeps {
            // The group goes on; the leader is told to assign nothing by seeing itself as a follower.
            let mut joined = self.joined(&id);
            if self.leader.as_deref() == Some(&id) {
                joined.leader = old.to_owned();
                joined.members.clear();
            }
            effects.push(Effect::Joined(ticket, Ok(joined)));
        } else {
            self.rebalance(now, effects);
        }
    }

    fn rejoin(&mut self, id: &str, join: Join, ticket: Ticket, now: u64, effects: &mut Vec<Effect>) {
        let is_leader = self.leader.as_deref() == Some(id);
        let Some(member) = self.members.get_mut(id) else { return };
        let unchanged = member.protocols == join.protocols;
        let follows = match self.phase {
            Phase::CompletingRebalance => unchanged,
            Phase::Stable => unchanged && !is_leader,
            Phase::Empty | Phase::PreparingRebalance => false,
        };
        member.protocols = join.protocols;
        member.session_ms = join.session_ms;
        member.rebalance_ms = join.rebalance_ms;
        member.expires = now + join.session_ms;
        if follows {
            let joined = self.joined(id);
            effects.push(Effect::Joined(ticket, Ok(joined)));
            return;
        }
        if let Some(older) = member.joining.replace(ticket) {
            let error = (ResponseError::RebalanceInProgress, id.to_owned());
            effects.push(Effect::Joined(older, Err(error)));
        }
        self.rebalance(now, effects);
    }
}
