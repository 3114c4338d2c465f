//! What happens to a log with time: rolling by age, deletion by age, size and request, giving up idle files.

use super::{Log, LogError};

/// Producers that wrote nothing for this long are forgotten, as in Kafka (`producer.id.expiration.ms`).
const PRODUCER_EXPIRY_MS: i64 = 24 * 60 * 60 * 1000;

impl Log {
    /// Rolls, deletes by age and size, forgets old producers. `now` is milliseconds since 1970. Returns whether the start moved.
    pub fn maintain(&mut self, now: i64) -> Result<bool, LogError> {
        self.producers.expire(now - PRODUCER_EXPIRY_MS);
        let config = self.config;
        let active = self.active()?;
        let aged = active.created.is_some_and(|created| now.saturating_sub(created) > config.segment_ms);
        let expired = config.delete
            && config.retention_ms >= 0
            && active.size > 0
            && active.youngest().saturating_add(config.retention_ms) < now;
        if active.size > 0 && (aged || expired) {
            self.roll()?;
        }
        let moved = self.retire(now)?;
        let last = self.segments.len().saturating_sub(1);
        for (at, segment) in self.segments.iter_mut().enumerate() {
            segment.rest(at == last);
        }
        Ok(moved)
    }

    /// Deletes old segments by the topic's settings; the active one and open transactions stay.
    fn retire(&mut self, now: i64) -> Result<bool, LogError> {
        let config = self.config;
        let stable = self.ends().stable;
        let mut size = self.size();
        let mut retired = 0;
        while retired + 1 < self.segments.len() {
            let (segment, next) = (&self.segments[retired], &self.segments[retired + 1]);
            let end = next.base;
            let by_age = config.delete
                && config.retention_ms >= 0
                && segment.youngest().saturating_add(config.retention_ms) < now;
            let by_size =
                config.delete && config.retention_bytes >= 0 && size - segment.size >= config.retention_bytes as u64;
            let below_start = end <= self.checkpoint.start;
            if end > stable || !(by_age || by_size || below_start) {
                break;
            }
            size -= segment.size;
            retired += 1;
        }
        if retired == 0 {
            return Ok(false);
        }
        let start = self.segments[retired].base;
        // The start is on disk before the files go: a crash in between leaves files that are removed next time.
        self.checkpoint.start = self.checkpoint.start.max(start);
        self.save_checkpoint()?;
        for segment in self.segments.drain(..retired) {
            segment.remove()?;
        }
        self.producers.truncate_start(self.checkpoint.start);
        Ok(true)
    }

    /// Makes `offset` the first one (DeleteRecords); -1 stands for the end. Returns the new start.
    pub fn delete_before(&mut self, offset: i64, now: i64) -> Result<i64, LogError> {
        let ends = self.ends();
        let wanted = if offset == -1 { ends.end } else { offset };
        if wanted < 0 || wanted > ends.end {
            return Err(LogError::OutOfRange { offset, start: ends.start, end: ends.end });
        }
        if wanted > self.checkpoint.start {
            self.checkpoint.start = wanted;
            self.save_checkpoint()?;
            self.retire(now)?;
            self.producers.truncate_start(wanted);
        }
        Ok(self.checkpoint.start)
    }
}
