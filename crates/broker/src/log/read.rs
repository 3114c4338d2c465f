//! Reading whole batches for a Fetch: planned under the log's lock, read without it.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::batch::{BatchHeader, HEADER_LEN};
use super::producers::Aborted;
use super::scan::Scanner;
use super::{Ends, Log, LogError};

/// A part of a segment that may hold the wanted batches.
#[derive(Clone, Debug)]
struct Piece {
    file: Arc<File>,
    from: u64,
    to: u64,
}

/// A read that was planned: it needs the log no more.
#[derive(Clone, Debug)]
pub struct Plan {
    pieces: Vec<Piece>,
    offset: i64,
    upper: i64,
    /// Where the log began and ended when the read was planned.
    pub ends: Ends,
    /// Aborted transactions in the range, when only committed records are wanted.
    pub aborted: Option<Vec<Aborted>>,
}

/// Segments in one plan: more would only matter to a reader of many tiny ones, who asks again.
const PIECES: usize = 4;

impl Log {
    /// Plans a read of batches from the one that holds `offset`. With `committed`, only up to the last stable offset.
    pub fn plan(&mut self, offset: i64, committed: bool) -> Result<Plan, LogError> {
        let ends = self.ends();
        let upper = if committed { ends.stable } else { ends.end };
        if offset < ends.start || offset > ends.end {
            return Err(LogError::OutOfRange { offset, start: ends.start, end: ends.end });
        }
        let aborted = committed.then(|| self.producers.aborted(offset, upper));
        let mut plan = Plan { pieces: Vec::new(), offset, upper, ends, aborted };
        if offset >= upper {
            return Ok(plan);
        }
        let first = self.segments.partition_point(|segment| segment.base <= offset).saturating_sub(1);
        for segment in self.segments[first..].iter_mut().filter(|segment| segment.size > 0).take(PIECES) {
            let from = segment.index()?.before_offset(offset - segment.base);
            plan.pieces.push(Piece { file: segment.file()?, from, to: segment.size });
        }
        Ok(plan)
    }
}

impl Plan {
    /// About how many bytes there are to read: exact but for the 32 KiB between index entries.
    pub fn bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.to - piece.from).sum()
    }

    /// Reads up to `max` bytes of whole batches; with `at_least_one` the first batch even if it is larger.
    pub fn read(&self, max: usize, at_least_one: bool) -> Result<Bytes, LogError> {
        let mut out = Vec::new();
        let mut total = 0;
        for piece in &self.pieces {
            let left = max.saturating_sub(total);
            if left == 0 && !(at_least_one && total == 0) {
                break;
            }
            let bytes = self.read_piece(piece, left, at_least_one && total == 0)?;
            let stop = bytes.is_empty() && total > 0;
            total += bytes.len();
            if !bytes.is_empty() {
                out.push(bytes);
            }
            if stop {
                break;
            }
        }
        Ok(match out.len() {
            0 => Bytes::new(),
            1 => out.swap_remove(0),
            _ => {
                let mut joined = BytesMut::with_capacity(total);
                out.iter().for_each(|bytes| joined.extend_from_slice(bytes));
                joined.freeze()
            }
        })
    }

    fn read_piece(&self, piece: &Piece, max: usize, at_least_one: bool) -> Result<Bytes, LogError> {
        let mut scanner = Scanner::new(&piece.file, piece.from, piece.to);
        let (start, first) = loop {
            match scanner.header()? {
                None => return Ok(Bytes::new()),
                Some((_, header)) if header.last_offset() < self.offset => {}
                Some((_, header)) if header.base_offset >= self.upper => return Ok(Bytes::new()),
                Some(found) => break found,
            }
        };
        if first.total_len() > max && !at_least_one {
            return Ok(Bytes::new());
        }
        let wanted = first.total_len().max(max).min((piece.to - start) as usize);
        let mut bytes = vec![0; wanted];
        piece.file.read_exact_at(&mut bytes, start)?;
        let mut end = 0;
        while let Some(rest) = bytes.get(end..).filter(|rest| rest.len() >= HEADER_LEN) {
            let header = BatchHeader::parse(rest)?;
            if header.total_len() > rest.len() || header.base_offset >= self.upper {
                break;
            }
            end += header.total_len();
        }
        bytes.truncate(end);
        Ok(Bytes::from(bytes))
    }
}
