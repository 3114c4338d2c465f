//! Zigzag variable-length integers of the record format.

/// Appends `value`.
#[inline]
pub(crate) fn put(out: &mut Vec<u8>, value: i64) {
    let mut rest = zigzag(value);
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Bytes that [`put`] appends.
#[inline]
pub(crate) fn size(value: i64) -> usize {
    let bits = 64 - (zigzag(value) | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

#[inline]
fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Reads one integer at `*at` and moves past it; `None` when the bytes end or it is too long.
#[inline]
pub(crate) fn take(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let first = *bytes.get(*at)?;
    if first < 0x80 {
        *at += 1;
        return Some(unzigzag(u64::from(first)));
    }
    take_long(bytes, at)
}

fn take_long(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let mut value = 0u64;
    for shift in 0..10 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << (7 * shift);
        if byte < 0x80 {
            return Some(unzigzag(value));
        }
    }
    None
}

#[inline]
fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Reads a length, `-1` for null; `None` when it is out of range or the bytes end before it.
#[inline]
pub(crate) fn take_length(bytes: &[u8], at: &mut usize) -> Option<i32> {
    let length = take(bytes, at)?;
    if length == -1 {
        return Some(-1);
    }
    let length = usize::try_from(length).ok()?;
    if length > bytes.len().checked_sub(*at)? {
        return None;
    }
    i32::try_from(length).ok()
}
