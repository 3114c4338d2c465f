//! Schemas that a header names instead of the payload (spec sql.md 2.4 no. 12).
//!
//! The header holds what otherwise stands before the payload: byte 1 and the schema's GUID, or byte 0 and its id, and for
//! Protobuf the message indexes. Such payloads are put behind an id again, so that formats know one framing only; GUIDs get
//! ids of their own here, which no registry gives.

use std::collections::HashMap;

use super::record::Slice;

/// A schema's identity in every registry and context.
pub(crate) type Guid = [u8; 16];

/// Below the id of a combined schema.
const FIRST: i32 = nutkin_formats::mapping::COMBINED - 1;

/// The header of one side of the records, and the GUIDs seen in it.
pub(crate) struct HeaderIds {
    header: &'static str,
    ids: HashMap<Guid, i32>,
}

impl HeaderIds {
    pub fn new(key: bool) -> HeaderIds {
        HeaderIds { header: if key { "__key_schema_id" } else { "__value_schema_id" }, ids: HashMap::new() }
    }

    /// The id that stands for `guid` from now on.
    pub fn add(&mut self, guid: Guid) -> i32 {
        let next = FIRST - i32::try_from(self.ids.len()).unwrap_or(i32::MAX / 2);
        *self.ids.entry(guid).or_insert(next)
    }

    /// The payloads whose schema is named by a header, by their place in the slice, with the id before them.
    ///
    /// # Errors
    /// A GUID without an id: [`HeaderIds::add`] it.
    pub fn framed(
        &self,
        slice: &Slice<'_>,
        payloads: &[Option<&[u8]>],
    ) -> std::result::Result<Vec<(usize, Vec<u8>)>, Guid> {
        let mut found = Vec::new();
        for (place, row) in slice.rows.clone().enumerate() {
            let header = slice.records.headers(row).find(|(name, _)| *name == self.header);
            let (Some((_, Some(header))), Some(payload)) = (header, payloads[place]) else { continue };
            let (id, rest) = match header.split_first() {
                Some((0, rest)) => match rest.split_first_chunk::<4>() {
                    Some((id, rest)) => (i32::from_be_bytes(*id), rest),
                    None => continue,
                },
                Some((1, rest)) => match rest.split_first_chunk::<16>() {
                    Some((guid, rest)) => (*self.ids.get(guid).ok_or(*guid)?, rest),
                    None => continue,
                },
                _ => continue,
            };
            let mut framed = Vec::with_capacity(5 + rest.len() + payload.len());
            framed.push(0);
            framed.extend_from_slice(&id.to_be_bytes());
            framed.extend_from_slice(rest);
            framed.extend_from_slice(payload);
            found.push((place, framed));
        }
        Ok(found)
    }
}
