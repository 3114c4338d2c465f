//! The group protocol step by step.

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::state::{Effect, Group, Input, Join, Joined, Phase, Rules, Ticket, Who, decide};

const RULES: Rules = Rules { initial_delay_ms: 0 };

fn join(member_id: &str, instance: Option<&str>, protocols: &[&str]) -> Join {
    Join {
        member_id: member_id.to_owned(),
        new_member_id: format!("new-{}", instance.unwrap_or("x")),
        instance_id: instance.map(str::to_owned),
        client_id: "client".to_owned(),
        client_host: "/127.0.0.1".to_owned(),
        protocol_type: "consumer".to_owned(),
        protocols: protocols.iter().map(|name| ((*name).to_owned(), Bytes::from_static(b"topics"))).collect(),
        session_ms: 1000,
        rebalance_ms: 5000,
        needs_id: false,
    }
}

/// A group with its clock.
struct Test {
    group: Group,
    now: u64,
    ticket: Ticket,
}

impl Test {
    fn new() -> Self {
        Self { group: Group::default(), now: 0, ticket: 0 }
    }

    fn send(&mut self, input: Input) -> Vec<Effect> {
        let (group, effects) = decide(std::mem::take(&mut self.group), input, self.now, RULES);
        self.group = group;
        effects
    }

    fn join(&mut self, id: &str, new_id: &str) -> (Ticket, Vec<Effect>) {
        self.ticket += 1;
        let mut request = join(id, None, &["range", "sticky"]);
        request.new_member_id = new_id.to_owned();
        (self.ticket, self.send(Input::Join(Box::new(request), self.ticket)))
    }

    fn sync(&mut self, id: &str, generation: i32, parts: &[(&str, &'static [u8])]) -> Vec<Effect> {
        self.ticket += 1;
        let who = Who { member_id: id.to_owned(), instance_id: None, generation };
        let assignments = parts.iter().map(|(id, part)| ((*id).to_owned(), Bytes::from_static(part))).collect();
        let ticket = self.ticket;
        self.send(Input::Sync { who, protocol: (None, None), assignments, ticket })
    }

    fn who(&self, id: &str) -> Who {
        Who { member_id: id.to_owned(), instance_id: None, generation: self.group.generation }
    }

    /// Two members in a stable group; `a` leads.
    fn stable() -> Self {
        let mut test = Self::new();
        test.join("", "a");
        test.join("", "b");
        let joined = joins(&test.join("a", "").1);
        assert_eq!(joined.len(), 2);
        test.sync("b", 2, &[]);
        let synced = test.sync("a", 2, &[("a", b"0"), ("b", b"1")]);
        assert_eq!(synced.len(), 2);
        assert_eq!(test.group.phase, Phase::Stable);
        test
    }
}

fn joins(effects: &[Effect]) -> Vec<Joined> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Joined(_, Ok(joined)) => Some(joined.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn one_member_joins_and_leads() {
    let mut test = Test::new();
    let (_, effects) = test.join("", "a");
    let joined = &joins(&effects)[0];
    assert_eq!((joined.generation, joined.leader.as_str(), joined.members.len()), (1, "a", 1));
    assert_eq!(joined.protocol.as_deref(), Some("range"));
    let synced = test.sync("a", 1, &[("a", b"all")]);
    assert!(matches!(&synced[0], Effect::Synced(_, Ok(synced)) if synced.assignment == "all"));
}

#[test]
fn a_second_member_rebalances() {
    let mut test = Test::stable();
    assert_eq!(test.group.generation, 2);
    test.join("", "c");
    assert_eq!(test.group.phase, Phase::PreparingRebalance);
    let who = test.who("a");
    assert_eq!(test.group.heartbeat(&who, 0), Err(ResponseError::RebalanceInProgress));
    test.join("a", "");
    let (_, effects) = test.join("b", "");
    assert_eq!(joins(&effects).len(), 3);
    assert_eq!(test.group.generation, 3);
    assert!(joins(&effects).iter().all(|joined| joined.leader == "a" && joined.generation == 3));
}

#[test]
fn members_that_do_not_come_back_are_left_out() {
    let mut test = Test::stable();
    test.join("", "c");
    test.now = 900;
    test.join("a", "");
    test.now = 5000;
    let effects = test.send(Input::Tick);
    assert_eq!(joins(&effects).len(), 2);
    assert!(!test.group.members.contains_key("b"));
}

#[test]
fn a_silent_member_expires() {
    let mut test = Test::stable();
    test.now = 800;
    let who = test.who("a");
    assert_eq!(test.group.heartbeat(&who, test.now), Ok(()));
    assert_eq!(test.group.deadline(), Some(1000));
    test.now = 1000;
    test.send(Input::Tick);
    assert_eq!(test.group.members.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(test.group.phase, Phase::PreparingRebalance);
}

#[test]
fn leaving_empties_the_group() {
    let mut test = Test::stable();
    for id in ["a", "b"] {
        let effects = test.send(Input::Leave { member_id: id.to_owned(), instance_id: None });
        assert!(effects.contains(&Effect::Left(Ok(()))));
    }
    assert_eq!(test.group.phase, Phase::Empty);
    let effects = test.send(Input::Leave { member_id: "a".to_owned(), instance_id: None });
    assert_eq!(effects, [Effect::Left(Err(ResponseError::UnknownMemberId))]);
}

#[test]
fn a_new_member_must_come_back_with_its_id() {
    let mut test = Test::new();
    let mut request = join("", None, &["range"]);
    request.needs_id = true;
    let effects = test.send(Input::Join(Box::new(request), 1));
    assert_eq!(effects, [Effect::Joined(1, Err((ResponseError::MemberIdRequired, "new-x".to_owned())))]);
    let (_, effects) = test.join("new-x", "");
    assert_eq!(joins(&effects)[0].member_id, "new-x");
    let (ticket, effects) = test.join("nobody", "");
    assert_eq!(effects, [Effect::Joined(ticket, Err((ResponseError::UnknownMemberId, "nobody".to_owned())))]);
}

#[test]
fn protocols_must_have_one_in_common() {
    let mut test = Test::stable();
    let effects = test.send(Input::Join(Box::new(join("", None, &["other"])), 99));
    let refused = Effect::Joined(99, Err((ResponseError::InconsistentGroupProtocol, String::new())));
    assert_eq!(effects, [refused]);
}

#[test]
fn generations_are_checked() {
    let mut test = Test::stable();
    let old = Who { generation: 1, ..test.who("a") };
    assert_eq!(test.group.heartbeat(&old, 0), Err(ResponseError::IllegalGeneration));
    assert_eq!(test.group.may_commit(&old, false, 0), Err(ResponseError::IllegalGeneration));
    let who = test.who("a");
    assert_eq!(test.group.may_commit(&who, false, 0), Ok(()));
    let outside = Who { member_id: String::new(), instance_id: None, generation: -1 };
    assert_eq!(test.group.may_commit(&outside, false, 0), Err(ResponseError::UnknownMemberId));
    assert_eq!(test.group.may_commit(&outside, true, 0), Ok(()));
    assert_eq!(Group::default().may_commit(&outside, false, 0), Ok(()));
}

#[test]
fn a_static_member_takes_its_place_again_without_rebalance() {
    let mut test = Test::new();
    test.send(Input::Join(Box::new(join("", Some("one"), &["range"])), 1));
    let synced = test.sync("new-one", 1, &[("new-one", b"all")]);
    assert_eq!(synced.len(), 1);
    let mut again = join("", Some("one"), &["range"]);
    again.new_member_id = "second".to_owned();
    let effects = test.send(Input::Join(Box::new(again), 2));
    let joined = &joins(&effects)[0];
    assert_eq!((joined.generation, joined.member_id.as_str()), (1, "second"));
    assert_eq!(test.group.phase, Phase::Stable);
    let old = Who { member_id: "new-one".to_owned(), instance_id: Some("one".to_owned()), generation: 1 };
    assert_eq!(test.group.heartbeat(&old, 0), Err(ResponseError::FencedInstanceId));
    assert!(matches!(&test.sync("second", 1, &[])[0], Effect::Synced(_, Ok(synced)) if synced.assignment == "all"));
}

#[test]
fn a_leader_that_never_assigns_is_removed() {
    let mut test = Test::new();
    test.join("", "a");
    test.join("", "b");
    test.join("a", "");
    test.sync("b", 2, &[]);
    assert_eq!(test.group.phase, Phase::CompletingRebalance);
    test.now = 1000;
    let effects = test.send(Input::Tick);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Synced(_, Err(ResponseError::RebalanceInProgress)))));
    assert!(!test.group.members.contains_key("a"));
}

#[test]
fn first_members_gather() {
    let rules = Rules { initial_delay_ms: 300 };
    let (group, effects) = decide(Group::default(), Input::Join(Box::new(join("", None, &["range"])), 1), 0, rules);
    assert!(effects.is_empty());
    let mut second = join("", None, &["range"]);
    second.new_member_id = "second".to_owned();
    let (group, effects) = decide(group, Input::Join(Box::new(second), 2), 200, rules);
    assert!(effects.is_empty());
    assert_eq!(group.deadline(), Some(500));
    let (group, effects) = decide(group, Input::Tick, 500, rules);
    assert_eq!(joins(&effects).len(), 2);
    assert_eq!((group.phase, group.generation), (Phase::CompletingRebalance, 1));
}
