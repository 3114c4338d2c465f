//! [`Valve`]: one watermark out of several inputs.
//!
//! The result is the smallest watermark of the inputs that are not idle. It never goes back: an input that wakes up behind
//! it is waited for only once it has caught up (its rows are late until then), as in Flink's valve.

/// What a change at one input means for the operator behind the valve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValveOutput {
    Watermark(i64),
    /// All inputs are idle.
    Idle,
    Active,
}

#[derive(Debug, Clone, Copy)]
struct Input {
    watermark: i64,
    idle: bool,
    /// False for an input that woke up behind the combined watermark.
    aligned: bool,
}

#[derive(Debug)]
pub(crate) struct Valve {
    inputs: Vec<Input>,
    combined: i64,
    idle: bool,
}

impl Valve {
    pub fn new(inputs: usize) -> Valve {
        let input = Input { watermark: i64::MIN, idle: false, aligned: true };
        Valve { inputs: vec![input; inputs], combined: i64::MIN, idle: false }
    }

    /// The watermark that came out last; `i64::MIN` before the first.
    pub fn watermark(&self) -> i64 {
        self.combined
    }

    pub fn on_watermark(&mut self, input: usize, watermark: i64) -> Option<ValveOutput> {
        let combined = self.combined;
        let state = self.inputs.get_mut(input)?;
        if state.idle || watermark <= state.watermark {
            return None;
        }
        state.watermark = watermark;
        state.aligned |= watermark >= combined;
        self.advance().map(ValveOutput::Watermark)
    }

    /// An input became idle: the others may go on; when none is left, the largest watermark seen stands.
    pub fn on_idle(&mut self, input: usize) -> Vec<ValveOutput> {
        let Some(state) = self.inputs.get_mut(input).filter(|state| !state.idle) else { return Vec::new() };
        state.idle = true;
        state.aligned = false;
        let held_back = state.watermark == self.combined;
        let mut out = Vec::new();
        if self.inputs.iter().all(|input| input.idle) {
            let largest = self.inputs.iter().map(|input| input.watermark).max().unwrap_or(i64::MIN);
            if held_back && largest > self.combined {
                self.combined = largest;
                out.push(ValveOutput::Watermark(largest));
            }
            self.idle = true;
            out.push(ValveOutput::Idle);
        } else {
            out.extend(self.advance().map(ValveOutput::Watermark));
        }
        out
    }

    pub fn on_active(&mut self, input: usize) -> Option<ValveOutput> {
        let combined = self.combined;
        let state = self.inputs.get_mut(input).filter(|state| state.idle)?;
        state.idle = false;
        state.aligned = state.watermark >= combined;
        std::mem::replace(&mut self.idle, false).then_some(ValveOutput::Active)
    }

    fn advance(&mut self) -> Option<i64> {
        let counted = self.inputs.iter().filter(|input| !input.idle && input.aligned);
        let smallest = counted.map(|input| input.watermark).min()?;
        (smallest > self.combined).then(|| {
            self.combined = smallest;
            smallest
        })
    }
}
