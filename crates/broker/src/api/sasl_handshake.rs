//! SaslHandshake: agrees on PLAIN.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, SaslHandshakeRequest, SaslHandshakeResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::net::sasl::{Login, MECHANISM, check_mechanism};

pub(super) struct SaslHandshake;

impl Endpoint for SaslHandshake {
    type Request = SaslHandshakeRequest;
    type Response = SaslHandshakeResponse;
    const KEY: ApiKey = ApiKey::SaslHandshake;
    const VERSIONS: (i16, i16) = (0, 1);
    const SHAPE: &'static str = "s";
    const FLEXIBLE: i16 = i16::MAX;
    const BEFORE_LOGIN: bool = true;

    async fn handle(call: &mut Call<'_>, request: SaslHandshakeRequest) -> Answer<SaslHandshakeResponse> {
        let response = SaslHandshakeResponse::default().with_mechanisms(vec![text(MECHANISM)]);
        if !matches!(call.login, Login::Expected) {
            let refused = response.with_error_code(ResponseError::IllegalSaslState.code());
            return Answer::SendAndClose(refused, "SaslHandshake came out of turn".to_owned());
        }
        if let Some(error) = check_mechanism(&request.mechanism) {
            let reason = format!("SASL mechanism {} is not supported", &*request.mechanism);
            return Answer::SendAndClose(response.with_error_code(error.code()), reason);
        }
        call.login = if call.version == 0 { Login::BareToken } else { Login::Mechanism };
        Answer::Send(response)
    }
}
