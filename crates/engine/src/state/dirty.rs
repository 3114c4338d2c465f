//! [`Dirty`]: the slots that changed since the last checkpoint.

/// A set with constant-time insertion that hands out its members in order of first change.
#[derive(Debug, Default)]
pub(crate) struct Dirty {
    marked: Vec<bool>,
    slots: Vec<u32>,
}

impl Dirty {
    pub fn mark(&mut self, slot: u32) {
        let index = slot as usize;
        if self.marked.len() <= index {
            self.marked.resize(index + 1, false);
        }
        if !std::mem::replace(&mut self.marked[index], true) {
            self.slots.push(slot);
        }
    }

    /// Takes the members out; the set is empty afterwards.
    pub fn take(&mut self) -> Vec<u32> {
        let slots = std::mem::take(&mut self.slots);
        for &slot in &slots {
            self.marked[slot as usize] = false;
        }
        slots
    }

    pub fn memory(&self) -> usize {
        self.marked.capacity() + self.slots.capacity() * 4
    }
}
