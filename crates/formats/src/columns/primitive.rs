//! Columns of fixed width, and the NULL bits that all columns share.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

/// NULL bits that are kept only once there is a NULL.
#[derive(Debug, Default)]
pub(crate) struct Validity {
    length: usize,
    bits: Option<BooleanBufferBuilder>,
}

impl Validity {
    #[inline]
    pub fn len(&self) -> usize {
        self.length
    }

    #[inline]
    pub fn append_valid(&mut self) {
        self.length += 1;
        if let Some(bits) = &mut self.bits {
            bits.append(true);
        }
    }

    pub fn append_null(&mut self) {
        let length = self.length;
        self.bits
            .get_or_insert_with(|| {
                let mut bits = BooleanBufferBuilder::new(length.max(64));
                bits.append_n(length, true);
                bits
            })
            .append(false);
        self.length += 1;
    }

    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
        if let Some(bits) = &mut self.bits {
            bits.truncate(length);
        }
    }

    pub fn take(&mut self) -> Option<NullBuffer> {
        self.length = 0;
        let mut bits = self.bits.take()?;
        let nulls = NullBuffer::new(bits.finish());
        (nulls.null_count() > 0).then_some(nulls)
    }
}

/// Values of one width.
#[derive(Debug, Default)]
pub(crate) struct PrimitiveColumn<T> {
    values: Vec<T>,
    validity: Validity,
}

impl<T: Copy + Default> PrimitiveColumn<T> {
    pub fn len(&self) -> usize {
        self.values.len()
    }

    #[inline]
    pub fn append(&mut self, value: T) {
        self.values.push(value);
        self.validity.append_valid();
    }

    pub fn append_null(&mut self) {
        self.values.push(T::default());
        self.validity.append_null();
    }

    pub fn truncate(&mut self, length: usize) {
        self.values.truncate(length);
        self.validity.truncate(length);
    }

    pub fn take(&mut self) -> (Vec<T>, Option<NullBuffer>) {
        (std::mem::take(&mut self.values), self.validity.take())
    }
}

/// Truth values, one bit each.
#[derive(Debug)]
pub(crate) struct BooleanColumn {
    values: BooleanBufferBuilder,
    validity: Validity,
}

impl Default for BooleanColumn {
    fn default() -> BooleanColumn {
        BooleanColumn { values: BooleanBufferBuilder::new(0), validity: Validity::default() }
    }
}

impl BooleanColumn {
    pub fn len(&self) -> usize {
        self.values.len()
    }

    #[inline]
    pub fn append(&mut self, value: bool) {
        self.values.append(value);
        self.validity.append_valid();
    }

    pub fn append_null(&mut self) {
        self.values.append(false);
        self.validity.append_null();
    }

    pub fn truncate(&mut self, length: usize) {
        self.values.truncate(length);
        self.validity.truncate(length);
    }

    pub fn finish(&mut self) -> ArrayRef {
        Arc::new(BooleanArray::new(self.values.finish(), self.validity.take()))
    }
}
