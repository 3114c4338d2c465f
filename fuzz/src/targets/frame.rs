//! Frames of the Kafka client: the bytes come out as they went in, however they arrive.

use bytes::BytesMut;
use nutkin_kafka::take_frame;

use crate::mutate::BINARY;
use crate::run::{Check, Target};

pub const TARGET: Target = Target { samples, mutations: BINARY, check, a_minute: 33_000_000 };

const LIMIT: usize = 1 << 20;

fn samples() -> Vec<Vec<u8>> {
    let frame = |size: u32| [&size.to_be_bytes()[..], &vec![7; size as usize]].concat();
    vec![frame(0), frame(3), [frame(1), frame(200), frame(70)].concat(), b"HTTP/1.1 400 Bad Request".to_vec()]
}

fn check() -> Check {
    Box::new(|input| {
        let whole = taken(input, input.len());
        for size in [1, 3, 64] {
            assert_eq!(taken(input, size), whole, "in pieces of {size}");
        }
        let (mut wire, failed) = (Vec::new(), whole.1);
        for frame in &whole.0 {
            assert!(frame.len() <= LIMIT);
            wire.extend_from_slice(&(frame.len() as u32).to_be_bytes());
            wire.extend_from_slice(frame);
        }
        assert!(input.starts_with(&wire));
        let rest = &input[wire.len()..];
        let announced = rest.first_chunk().map(|length| i32::from_be_bytes(*length));
        let impossible = announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > LIMIT));
        assert_eq!(failed, impossible);
        !whole.0.is_empty()
    })
}

/// The frames, and whether it ends with an error.
fn taken(input: &[u8], piece: usize) -> (Vec<Vec<u8>>, bool) {
    let mut frames = Vec::new();
    let mut buffer = BytesMut::new();
    for piece in input.chunks(piece.max(1)) {
        buffer.extend_from_slice(piece);
        loop {
            match take_frame(&mut buffer, LIMIT) {
                Ok(Some(frame)) => frames.push(frame.to_vec()),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
    }
    (frames, false)
}
