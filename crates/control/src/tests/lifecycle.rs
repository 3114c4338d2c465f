//! The life cycle, explored exhaustively: every state that can be reached by any order of events.

use std::collections::{HashMap, VecDeque};

use crate::statement::lifecycle::{Desired, Effect, Event, Phase, Placement, State, transition};

fn events() -> Vec<Event> {
    let d = || "why".to_owned();
    vec![
        Event::Activated,
        Event::PreparedJob { foreground: false },
        Event::PreparedJob { foreground: true },
        Event::Executed { detail: String::new() },
        Event::PreparationFailed { detail: d() },
        Event::CfusGranted,
        Event::CfusRefused { detail: d() },
        Event::JobRunning,
        Event::JobDetail { detail: d() },
        Event::JobFinished,
        Event::JobFailed { detail: d() },
        Event::JobStopped,
        Event::JobCancelled,
        Event::PoolDied { detail: d() },
        Event::StopRequested { detail: d() },
        Event::ResumeRequested,
        Event::DeleteRequested,
    ]
}

/// Whether the world could send `event` now: replies come only to what was asked.
fn possible(state: &State, event: &Event) -> bool {
    match event {
        Event::PreparedJob { .. } | Event::Executed { .. } | Event::PreparationFailed { .. } => !state.prepared,
        Event::CfusGranted | Event::CfusRefused { .. } => state.placement == Placement::Waiting,
        _ => true,
    }
}

/// Every reachable state with the effects on each edge.
fn explore() -> HashMap<State, Vec<(Event, State, Vec<Effect>)>> {
    let mut edges: HashMap<State, Vec<(Event, State, Vec<Effect>)>> = HashMap::new();
    let mut queue = VecDeque::from([State::new()]);
    while let Some(state) = queue.pop_front() {
        if edges.contains_key(&state) {
            continue;
        }
        let mut found = Vec::new();
        for event in events().into_iter().filter(|event| possible(&state, event)) {
            let (next, effects) = transition(state.clone(), event.clone());
            if !effects.contains(&Effect::RemoveRecord) {
                queue.push_back(next.clone());
            }
            found.push((event, next, effects));
        }
        edges.insert(state, found);
    }
    edges
}

#[test]
fn invariants_hold_in_every_reachable_state() {
    let edges = explore();
    assert!(edges.len() > 20, "{} states", edges.len());
    for (state, edges) in &edges {
        if state.phase.is_terminal() {
            assert_eq!(state.placement, Placement::None, "a terminal statement holds no job: {state:?}");
        }
        if state.phase == Phase::Running {
            assert!(state.prepared && state.started, "{state:?}");
        }
        for (event, next, effects) in edges {
            let context = format!("{state:?} --{event:?}--> {next:?} {effects:?}");
            if effects.contains(&Effect::StartJob) {
                assert_eq!(next.placement, Placement::Assigned, "{context}");
                assert!(next.started, "{context}");
            }
            if effects.contains(&Effect::RemoveRecord) {
                assert_eq!(next.desired, Desired::Delete, "{context}");
                assert_eq!(next.placement, Placement::None, "{context}");
            }
            if state.placement == Placement::Assigned && next.placement == Placement::None && *event != Event::Activated
            {
                assert!(effects.contains(&Effect::ReleaseCfus), "CFUs are given back: {context}");
            }
            // A job that was started settles its transactions before its checkpoints go.
            if effects.contains(&Effect::RemoveData) && state.placement == Placement::Assigned {
                assert!(
                    matches!(
                        event,
                        Event::JobFinished | Event::JobFailed { .. } | Event::JobStopped | Event::JobCancelled
                    ),
                    "{context}"
                );
            }
        }
    }
}

#[test]
fn from_every_state_deletion_can_finish() {
    let edges = explore();
    for start in edges.keys() {
        let (mut state, mut effects) = transition(start.clone(), Event::DeleteRequested);
        for _ in 0..10 {
            if effects.contains(&Effect::RemoveRecord) {
                break;
            }
            // The world answers what was asked for.
            let reply = if state.placement == Placement::Waiting {
                Event::CfusGranted
            } else if state.placement == Placement::Assigned {
                Event::JobCancelled
            } else if !state.prepared {
                Event::PreparedJob { foreground: false }
            } else {
                Event::Activated
            };
            (state, effects) = transition(state, reply);
        }
        assert!(effects.contains(&Effect::RemoveRecord), "stuck: {start:?} -> {state:?}");
    }
}

fn run(events: Vec<Event>) -> (State, Vec<Effect>) {
    events.into_iter().fold((State::new(), vec![]), |(state, mut all), event| {
        let (state, effects) = transition(state, event);
        all.extend(effects);
        (state, all)
    })
}

#[test]
fn a_background_statement_runs_stops_and_resumes() {
    let to_running =
        vec![Event::Activated, Event::PreparedJob { foreground: false }, Event::CfusGranted, Event::JobRunning];
    let (state, effects) = run(to_running.clone());
    assert_eq!(state.phase, Phase::Running);
    assert_eq!(effects, [Effect::Prepare, Effect::AcquireCfus, Effect::StartJob]);

    let stop = || Event::StopRequested { detail: String::new() };
    let (state, _) = run([to_running.clone(), vec![stop()]].concat());
    assert_eq!(state.phase, Phase::Stopping);
    let (state, effects) = run([to_running.clone(), vec![stop(), Event::JobStopped, Event::ResumeRequested]].concat());
    assert_eq!((state.phase, state.placement), (Phase::Pending, Placement::Waiting));
    assert_eq!(effects.last(), Some(&Effect::AcquireCfus), "it is not analysed again");
}

#[test]
fn a_pool_that_dies_costs_a_background_statement_time_and_a_foreground_one_its_rows() {
    let died = || Event::PoolDied { detail: "the pool died".into() };
    let start =
        |foreground| vec![Event::Activated, Event::PreparedJob { foreground }, Event::CfusGranted, Event::JobRunning];
    let (state, effects) = run([start(false), vec![died()]].concat());
    assert_eq!((state.phase, effects.last()), (Phase::Running, Some(&Effect::StartJob)));
    let (state, effects) = run([start(true), vec![died()]].concat());
    assert_eq!((state.phase, effects.last()), (Phase::Failed, Some(&Effect::ReleaseCfus)));
    assert_eq!(state.detail, "the pool died");
}

#[test]
fn after_a_restart_of_the_service_statements_continue() {
    let start = vec![Event::Activated, Event::PreparedJob { foreground: false }, Event::CfusGranted, Event::JobRunning];
    let (state, effects) = run([start, vec![Event::Activated]].concat());
    assert_eq!((state.phase, state.placement), (Phase::Running, Placement::Waiting));
    assert_eq!(effects.last(), Some(&Effect::AcquireCfus));
}

#[test]
fn a_statement_that_waits_for_cfus_says_what_for() {
    let refused = Event::CfusRefused { detail: "5 of 5 CFUs are held by a, b".into() };
    let (state, _) = run(vec![Event::Activated, Event::PreparedJob { foreground: false }, refused]);
    assert_eq!((state.phase, state.detail.as_str()), (Phase::Pending, "5 of 5 CFUs are held by a, b"));
}
