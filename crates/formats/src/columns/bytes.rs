//! Columns of text and bytes.

use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use super::Validity;

/// Values of any length, one after another, with the end of each.
#[derive(Debug)]
pub(crate) struct BytesColumn {
    data: Vec<u8>,
    offsets: Vec<i32>,
    validity: Validity,
}

/// More than 2 GiB in one column of one batch.
#[derive(Debug)]
pub(crate) struct ColumnFull;

impl ColumnFull {
    pub const CAUSE: &'static str = "the column of this batch is longer than 2 GiB";
}

impl Default for BytesColumn {
    fn default() -> BytesColumn {
        BytesColumn { data: Vec::new(), offsets: vec![0], validity: Validity::default() }
    }
}

impl BytesColumn {
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    #[inline]
    pub fn append(&mut self, value: &[u8]) -> Result<(), ColumnFull> {
        self.data.extend_from_slice(value);
        self.close()
    }

    /// Room for a value that is written piece by piece; [`BytesColumn::close`] ends it.
    pub fn open(&mut self) -> &mut Vec<u8> {
        &mut self.data
    }

    #[inline]
    pub fn close(&mut self) -> Result<(), ColumnFull> {
        let end = i32::try_from(self.data.len()).map_err(|_| ColumnFull)?;
        self.offsets.push(end);
        self.validity.append_valid();
        Ok(())
    }

    pub fn append_null(&mut self) {
        let end = self.offsets.last().copied().unwrap_or(0);
        self.data.truncate(end as usize);
        self.offsets.push(end);
        self.validity.append_null();
    }

    pub fn truncate(&mut self, length: usize) {
        self.offsets.truncate(length + 1);
        self.data.truncate(self.offsets.last().map_or(0, |&offset| offset as usize));
        self.validity.truncate(length);
    }

    pub fn take(&mut self) -> (OffsetBuffer<i32>, Buffer, Option<NullBuffer>) {
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let data = std::mem::take(&mut self.data);
        (OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from_vec(data), self.validity.take())
    }
}
