//! The statement life cycle as a pure function (spec statements.md 3.2).
//!
//! `transition(state, event)` gives the next state and what must be done; it does nothing itself. The state that survives a
//! restart is [`State`]; which job runs where is told by events. Effects are idempotent: after a crash they are asked for
//! again, so each is carried out at least once.
//!
//! Two rules keep transactions safe. A statement whose job was ever started leaves RUNNING only through the job itself
//! (stop or cancel), because only a job finishes or aborts the transactions of its last checkpoint; when the job's pool died,
//! the job is started again first. And CFUs are given back only when the job has ended.

use serde::{Deserialize, Serialize};

/// Phases of the API (spec L-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Phase {
    Pending,
    Running,
    Completed,
    Deleting,
    Failing,
    Failed,
    Stopping,
    Stopped,
    Degraded,
}

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Desired {
    Run,
    Stop,
    Delete,
}

/// Where the statement's job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Placement {
    /// It has none: not prepared yet, done in the control plane, or ended.
    None,
    /// It waits for CFUs.
    Waiting,
    /// It has CFUs and was handed to its pool.
    Assigned,
}

/// The part of a statement that its life cycle decides on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct State {
    pub phase: Phase,
    pub desired: Desired,
    pub placement: Placement,
    /// The plan exists; nothing needs to be analysed again.
    pub prepared: bool,
    /// A job was started at least once, so there may be checkpoints and transactions.
    pub started: bool,
    /// Its rows go to a client and live in the pool only; they are lost with it.
    pub foreground: bool,
    /// `status.detail`
    pub detail: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Event {
    /// The service came up, or the statement was just created.
    Activated,
    /// Analysed; a job must run. `foreground`: its results go to a client.
    PreparedJob {
        foreground: bool,
    },
    /// Carried out in the control plane.
    Executed {
        detail: String,
    },
    PreparationFailed {
        detail: String,
    },
    CfusGranted,
    /// Still waiting; the detail says for what.
    CfusRefused {
        detail: String,
    },
    JobRunning,
    /// News about the running job, empty when there is nothing to say.
    JobDetail {
        detail: String,
    },
    JobFinished,
    JobFailed {
        detail: String,
    },
    /// Stopped with a savepoint.
    JobStopped,
    /// Cancelled; its transactions are settled.
    JobCancelled,
    /// The pool's process ended with the job in it.
    PoolDied {
        detail: String,
    },
    StopRequested {
        detail: String,
    },
    ResumeRequested,
    DeleteRequested,
}

/// What must be done, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Analyse, and carry out what needs no job.
    Prepare,
    AcquireCfus,
    StartJob,
    /// Savepoint, then end.
    StopJob,
    /// End without a savepoint, transactions settled.
    CancelJob,
    ReleaseCfus,
    /// Checkpoints and spooled results.
    RemoveData,
    /// The record itself: the name is free again.
    RemoveRecord,
}

impl Phase {
    /// Nothing runs and nothing will without the user.
    pub fn is_terminal(self) -> bool {
        matches!(self, Phase::Completed | Phase::Stopped | Phase::Failed)
    }

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Pending => "PENDING",
            Phase::Running => "RUNNING",
            Phase::Completed => "COMPLETED",
            Phase::Deleting => "DELETING",
            Phase::Failing => "FAILING",
            Phase::Failed => "FAILED",
            Phase::Stopping => "STOPPING",
            Phase::Stopped => "STOPPED",
            Phase::Degraded => "DEGRADED",
        }
    }
}

impl State {
    /// A statement as it was just submitted.
    pub fn new() -> State {
        State {
            phase: Phase::Pending,
            desired: Desired::Run,
            placement: Placement::None,
            prepared: false,
            started: false,
            foreground: false,
            detail: String::new(),
        }
    }

    fn to(mut self, phase: Phase) -> State {
        self.phase = phase;
        self
    }

    fn placed(mut self, placement: Placement) -> State {
        self.placement = placement;
        self
    }

    fn saying(mut self, detail: impl Into<String>) -> State {
        self.detail = detail.into();
        self
    }
}

impl Default for State {
    fn default() -> State {
        State::new()
    }
}

/// The next state and what must be done for it. Events that do not fit the state (late news of a job that is gone) change
/// nothing.
pub fn transition(state: State, event: Event) -> (State, Vec<Effect>) {
    match event {
        Event::Activated => activated(state),
        Event::PreparedJob { foreground } => prepared_job(state, foreground),
        Event::Executed { detail } => executed(state, detail),
        Event::PreparationFailed { detail } => preparation_failed(state, detail),
        Event::CfusGranted => cfus_granted(state),
        Event::CfusRefused { detail } => cfus_refused(state, detail),
        Event::JobRunning => job_running(state),
        Event::JobDetail { detail } => match state.placement {
            Placement::Assigned => (state.saying(detail), vec![]),
            _ => (state, vec![]),
        },
        Event::JobFinished => job_ended(state, Phase::Completed, None),
        Event::JobFailed { detail } => job_ended(state, Phase::Failed, Some(detail)),
        Event::JobStopped => job_ended(state, Phase::Stopped, None),
        Event::JobCancelled => job_ended(state, Phase::Stopped, None),
        Event::PoolDied { detail } => pool_died(state, detail),
        Event::StopRequested { detail } => stop_requested(state, detail),
        Event::ResumeRequested => resume_requested(state),
        Event::DeleteRequested => delete_requested(state),
    }
}

fn activated(state: State) -> (State, Vec<Effect>) {
    match (state.phase, state.desired) {
        (_, Desired::Delete) if state.started && state.placement == Placement::Assigned => {
            // Its transactions must be settled by a job before its state may go.
            (state.placed(Placement::Waiting), vec![Effect::AcquireCfus])
        }
        (_, Desired::Delete) => removed(state),
        (phase, _) if phase.is_terminal() => (state, vec![]),
        _ if state.foreground && state.started => {
            let detail = "The rows of this query were lost when the service ended. Run the query again.";
            (state.placed(Placement::None).to(Phase::Failed).saying(detail), vec![])
        }
        _ if state.prepared => (state.placed(Placement::Waiting), vec![Effect::AcquireCfus]),
        _ => (state, vec![Effect::Prepare]),
    }
}

fn prepared_job(mut state: State, foreground: bool) -> (State, Vec<Effect>) {
    if state.phase != Phase::Pending && state.desired != Desired::Delete {
        return (state, vec![]);
    }
    state.prepared = true;
    state.foreground = foreground;
    match state.desired {
        Desired::Run => (state.placed(Placement::Waiting), vec![Effect::AcquireCfus]),
        Desired::Stop => (state.to(Phase::Stopped), vec![]),
        Desired::Delete => removed(state),
    }
}

fn executed(mut state: State, detail: String) -> (State, Vec<Effect>) {
    state.prepared = true;
    match state.desired {
        Desired::Delete => removed(state),
        _ => (state.to(Phase::Completed).saying(detail), vec![]),
    }
}

fn preparation_failed(state: State, detail: String) -> (State, Vec<Effect>) {
    match state.desired {
        Desired::Delete => removed(state),
        _ => (state.to(Phase::Failed).saying(detail), vec![]),
    }
}

fn cfus_granted(mut state: State) -> (State, Vec<Effect>) {
    if state.placement != Placement::Waiting {
        return (state, vec![Effect::ReleaseCfus]);
    }
    let settle = match state.desired {
        Desired::Run => None,
        Desired::Stop if state.started => Some(Effect::StopJob),
        Desired::Delete if state.started => Some(Effect::CancelJob),
        Desired::Stop => return (state.placed(Placement::None).to(Phase::Stopped), vec![Effect::ReleaseCfus]),
        Desired::Delete => {
            let (state, effects) = removed(state.placed(Placement::None));
            return (state, [vec![Effect::ReleaseCfus], effects].concat());
        }
    };
    state.started = true;
    let detail = if state.desired == Desired::Run { String::new() } else { state.detail.clone() };
    (state.placed(Placement::Assigned).saying(detail), [Effect::StartJob].into_iter().chain(settle).collect())
}

fn cfus_refused(state: State, detail: String) -> (State, Vec<Effect>) {
    match state.placement {
        Placement::Waiting => (state.saying(detail), vec![]),
        _ => (state, vec![]),
    }
}

fn job_running(state: State) -> (State, Vec<Effect>) {
    match (state.phase, state.placement) {
        (Phase::Pending | Phase::Degraded, Placement::Assigned) => (state.to(Phase::Running).saying(""), vec![]),
        _ => (state, vec![]),
    }
}

fn job_ended(state: State, phase: Phase, detail: Option<String>) -> (State, Vec<Effect>) {
    if state.placement != Placement::Assigned {
        return (state, vec![]);
    }
    let state = state.placed(Placement::None);
    if state.desired == Desired::Delete {
        let (state, effects) = removed(state);
        return (state, [vec![Effect::ReleaseCfus], effects].concat());
    }
    let detail = detail.unwrap_or_else(|| if phase == Phase::Stopped { state.detail.clone() } else { String::new() });
    (state.to(phase).saying(detail), vec![Effect::ReleaseCfus])
}

fn pool_died(state: State, detail: String) -> (State, Vec<Effect>) {
    if state.placement != Placement::Assigned {
        return (state, vec![]);
    }
    if state.foreground && state.desired != Desired::Delete {
        return (state.placed(Placement::None).to(Phase::Failed).saying(detail), vec![Effect::ReleaseCfus]);
    }
    // It keeps its CFUs and starts again from its last checkpoint, then goes on to what is wanted.
    let settle = match state.desired {
        Desired::Run => None,
        Desired::Stop => Some(Effect::StopJob),
        Desired::Delete => Some(Effect::CancelJob),
    };
    (state.saying(detail), [Effect::StartJob].into_iter().chain(settle).collect())
}

fn stop_requested(mut state: State, detail: String) -> (State, Vec<Effect>) {
    if state.phase.is_terminal() || state.desired == Desired::Delete {
        return (state, vec![]);
    }
    let repeated = state.desired == Desired::Stop;
    state.desired = Desired::Stop;
    let state = state.saying(detail);
    match state.placement {
        Placement::Assigned if repeated => (state, vec![]),
        Placement::Assigned => (state.to(Phase::Stopping), vec![Effect::StopJob]),
        // A job ran before: it must run once more to settle its transactions.
        Placement::Waiting if state.started => (state.to(Phase::Stopping), vec![]),
        Placement::Waiting => (state.placed(Placement::None).to(Phase::Stopped), vec![Effect::ReleaseCfus]),
        // Being prepared: it stops when that is done.
        Placement::None => (state.to(Phase::Pending), vec![]),
    }
}

fn resume_requested(mut state: State) -> (State, Vec<Effect>) {
    if !matches!(state.phase, Phase::Stopped | Phase::Failed) || state.desired == Desired::Delete {
        return (state, vec![]);
    }
    state.desired = Desired::Run;
    let state = state.to(Phase::Pending).saying("");
    if state.prepared {
        (state.placed(Placement::Waiting), vec![Effect::AcquireCfus])
    } else {
        (state, vec![Effect::Prepare])
    }
}

fn delete_requested(mut state: State) -> (State, Vec<Effect>) {
    let repeated = state.desired == Desired::Delete;
    state.desired = Desired::Delete;
    let preparing = state.phase == Phase::Pending && !state.prepared;
    let state = state.to(Phase::Deleting);
    match state.placement {
        _ if repeated => (state, vec![]),
        Placement::Assigned => (state, vec![Effect::CancelJob]),
        Placement::Waiting if state.started => (state, vec![]),
        Placement::Waiting => {
            let (state, effects) = removed(state.placed(Placement::None));
            (state, [vec![Effect::ReleaseCfus], effects].concat())
        }
        Placement::None if preparing => (state, vec![]),
        Placement::None => removed(state),
    }
}

fn removed(state: State) -> (State, Vec<Effect>) {
    (state.placed(Placement::None).to(Phase::Deleting), vec![Effect::RemoveData, Effect::RemoveRecord])
}
