//! Just enough of Avro's binary form to write and read rows of nullable strings and numbers without the code under test.

/// Reads values one after another.
pub struct AvroReader<'a>(pub &'a [u8]);

impl AvroReader<'_> {
    pub fn long(&mut self) -> i64 {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = self.0[0];
            self.0 = &self.0[1..];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return (value >> 1) as i64 ^ -((value & 1) as i64);
            }
            shift += 7;
        }
    }

    pub fn double(&mut self) -> f64 {
        let (bytes, rest) = self.0.split_at(8);
        self.0 = rest;
        f64::from_le_bytes(bytes.try_into().unwrap())
    }

    pub fn string(&mut self) -> String {
        let length = self.long() as usize;
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// The value of a `["null", T]` union.
    pub fn nullable<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.long() == 1).then(|| read(self))
    }
}
