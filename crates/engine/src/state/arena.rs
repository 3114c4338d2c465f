//! [`Arena`]: byte strings by slot in one buffer, so that a million keys are not a million allocations.

/// Replaced and removed strings leave holes; the buffer is rewritten when half of it is holes.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    data: Vec<u8>,
    /// Start and length per slot.
    spans: Vec<(usize, u32)>,
    holes: usize,
}

impl Arena {
    pub fn get(&self, slot: u32) -> &[u8] {
        match self.spans.get(slot as usize) {
            Some(&(start, length)) => &self.data[start..start + length as usize],
            None => &[],
        }
    }

    pub fn set(&mut self, slot: u32, bytes: &[u8]) {
        let slot = slot as usize;
        if self.spans.len() <= slot {
            self.spans.resize(slot + 1, (0, 0));
        }
        self.holes += self.spans[slot].1 as usize;
        self.spans[slot] = (self.data.len(), bytes.len() as u32);
        self.data.extend_from_slice(bytes);
        if self.holes > 4096 && self.holes > self.data.len() / 2 {
            self.compact();
        }
    }

    pub fn clear(&mut self, slot: u32) {
        if let Some(span) = self.spans.get_mut(slot as usize) {
            self.holes += span.1 as usize;
            *span = (0, 0);
        }
    }

    /// Forgets all strings; the buffer stays.
    pub fn reset(&mut self) {
        self.data.clear();
        self.spans.clear();
        self.holes = 0;
    }

    pub fn memory(&self) -> usize {
        self.data.capacity() + self.spans.capacity() * size_of::<(usize, u32)>()
    }

    fn compact(&mut self) {
        let mut packed = Vec::with_capacity(self.data.len() - self.holes);
        for span in &mut self.spans {
            let start = packed.len();
            packed.extend_from_slice(&self.data[span.0..span.0 + span.1 as usize]);
            span.0 = start;
        }
        self.data = packed;
        self.holes = 0;
    }
}
