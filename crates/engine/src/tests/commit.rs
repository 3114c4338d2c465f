//! The commit decision, with every state of the broker and every point at which the process may end enumerated.

use crate::cluster::EndOutcome;
use crate::commit::{Known, Step, decide};

/// What the broker knows of the one transaction under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    state: State,
    /// True when the newest holder of the id wrote the open transaction.
    holder_is_current: bool,
    /// Committed marker.
    marker: Option<u64>,
    /// How often the records are visible to readers of committed data.
    visible: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Open,
    Committed,
    Aborted,
}

const EPOCH: u64 = 7;
const PREVIOUS: Option<u64> = Some(6);

impl World {
    fn commit(&mut self) -> EndOutcome {
        match (self.state, self.holder_is_current) {
            (State::Open, true) => {
                *self = World { state: State::Committed, marker: Some(EPOCH), visible: self.visible + 1, ..*self };
                EndOutcome::Committed
            }
            (State::Committed, true) => EndOutcome::Committed,
            _ => EndOutcome::Refused,
        }
    }

    fn fence(&mut self) {
        if self.state == State::Open {
            self.state = State::Aborted;
        }
        self.holder_is_current = false;
    }

    fn reproduce(&mut self) {
        self.fence();
        self.state = State::Open;
        self.holder_is_current = true;
    }

    /// What may happen while nobody is looking: the broker's time-out, or somebody who fences the id.
    fn accidents(&self) -> Vec<World> {
        let mut worlds = vec![*self];
        let mut fenced = *self;
        fenced.fence();
        worlds.push(fenced);
        worlds
    }
}

/// Follows the decision through every combination of accidents, lost answers and crashes, up to `depth` of them.
fn explore(world: World, known: Known, depth: u32, seen: &mut u64) {
    *seen += 1;
    match decide(EPOCH, PREVIOUS, &known) {
        Step::Done => {
            assert_eq!(
                world.visible, 1,
                "done, but the records are visible {} times: {world:?} {known:?}",
                world.visible
            );
        }
        Step::MarkerLost => panic!("the marker was never lost: {world:?}"),
        step => {
            for before in world.accidents().into_iter().filter(|w| depth > 0 || *w == world) {
                let spent = u32::from(before != world);
                let (mut after, mut learned) = (before, known);
                match step {
                    Step::Commit => learned.end = Some(after.commit()),
                    Step::Fence => {
                        after.fence();
                        learned.fenced = true;
                    }
                    Step::ReadMarker => learned.marker = Some(after.marker),
                    Step::Reproduce => {
                        after.reproduce();
                        learned = Known { reproduced: true, ..Known::default() };
                    }
                    Step::Done | Step::MarkerLost => {}
                }
                explore(after, learned, depth - spent, seen);
                if depth > spent {
                    // The answer is lost, or the process ends after the effect: all knowledge is gone.
                    explore(after, Known::default(), depth - spent - 1, seen);
                    // The process ends before the effect.
                    explore(before, Known::default(), depth - spent - 1, seen);
                }
            }
        }
    }
}

#[test]
fn whatever_happens_the_records_are_visible_exactly_once_in_the_end() {
    let mut seen = 0;
    for start in [State::Open, State::Aborted] {
        let world = World { state: start, holder_is_current: true, marker: PREVIOUS, visible: 0 };
        explore(world, Known::default(), 4, &mut seen);
    }
    // Committed by an earlier process that did not live to know it.
    let world = World { state: State::Committed, holder_is_current: true, marker: Some(EPOCH), visible: 1 };
    explore(world, Known::default(), 4, &mut seen);
    assert!(seen > 1000, "{seen}");
}

#[test]
fn every_line_of_the_rule() {
    let refused = Some(EndOutcome::Refused);
    let fenced = |marker| Known { end: refused, fenced: true, marker, reproduced: false };
    let rule = [
        (Known::default(), Step::Commit),
        (Known { reproduced: true, ..Known::default() }, Step::Commit),
        (Known { end: Some(EndOutcome::Committed), ..Known::default() }, Step::Done),
        (Known { end: refused, ..Known::default() }, Step::Fence),
        (fenced(None), Step::ReadMarker),
        (fenced(Some(Some(7))), Step::Done),
        (fenced(Some(Some(8))), Step::Done),
        (fenced(Some(Some(6))), Step::Reproduce),
        (fenced(Some(Some(5))), Step::MarkerLost),
        (fenced(Some(None)), Step::MarkerLost),
    ];
    for (known, step) in rule {
        assert_eq!(decide(7, Some(6), &known), step, "{known:?}");
    }
    // The first transaction of a sink has no marker before it.
    assert_eq!(decide(7, None, &fenced(Some(None))), Step::Reproduce);
}
