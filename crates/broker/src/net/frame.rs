//! Request frames: from bytes to a header and a body that is safe to decode. Pure, for fuzzing.
//!
//! The codec crate reserves memory for as many array elements as a request claims to hold. [`decode_frame`] therefore first
//! walks over the request with a description of its shape, so that only counts whose elements are there reach the codec.

use bytes::{Buf, Bytes};

use super::shape::{Shape, ShapeError, walk};
use crate::api;

/// A request whose body can be decoded.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Number of the API.
    pub api_key: i16,
    /// Version of the request.
    pub version: i16,
    /// Comes back in the response.
    pub correlation_id: i32,
    /// The client's name for itself.
    pub client_id: String,
    /// The encoded request.
    pub body: Bytes,
}

/// Why a frame is not a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Shorter than its header.
    #[error("the request header is cut off or malformed")]
    Header,
    /// No such API here.
    #[error("API key {0} is not served")]
    UnknownApi(i16),
    /// A version that is not served; ApiVersions gets an answer, others do not.
    #[error("API key {api_key} is not served in version {version}")]
    UnsupportedVersion {
        /// Number of the API.
        api_key: i16,
        /// Version asked for.
        version: i16,
        /// Comes back in the response.
        correlation_id: i32,
    },
    /// The body does not have the shape of such a request.
    #[error("request {api_key} version {version} is malformed: {source}")]
    Shape {
        /// Number of the API.
        api_key: i16,
        /// Version of the request.
        version: i16,
        /// What is wrong.
        source: ShapeError,
    },
}

fn client_id(frame: &mut Bytes) -> Result<String, FrameError> {
    let len = frame.try_get_i16().map_err(|_| FrameError::Header)?;
    let Ok(len) = usize::try_from(len) else { return Ok(String::new()) };
    if frame.len() < len {
        return Err(FrameError::Header);
    }
    Ok(String::from_utf8_lossy(&frame.split_to(len)).into_owned())
}

/// Splits a frame (without its length) into header and body, and checks the body's shape.
pub fn decode_frame(mut frame: Bytes) -> Result<Frame, FrameError> {
    if frame.len() < 8 {
        return Err(FrameError::Header);
    }
    let (api_key, version, correlation_id) = (frame.get_i16(), frame.get_i16(), frame.get_i32());
    let api = api::find(api_key).ok_or(FrameError::UnknownApi(api_key))?;
    if !(api.min..=api.max).contains(&version) {
        return Err(FrameError::UnsupportedVersion { api_key, version, correlation_id });
    }
    let client_id = client_id(&mut frame)?;
    if api.key.request_header_version(version) >= 2 {
        let mut rest = &frame[..];
        super::shape::tags(&mut rest).map_err(|_| FrameError::Header)?;
        let taken = frame.len() - rest.len();
        frame.advance(taken);
    }
    check(&api.shape, api_key, version, &frame)?;
    Ok(Frame { api_key, version, correlation_id, client_id, body: frame })
}

fn check(shape: &Shape, api_key: i16, version: i16, body: &[u8]) -> Result<(), FrameError> {
    walk(shape, version, body).map(drop).map_err(|source| FrameError::Shape { api_key, version, source })
}
