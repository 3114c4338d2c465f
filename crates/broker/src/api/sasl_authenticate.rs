//! SaslAuthenticate: checks user and password.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, SaslAuthenticateRequest, SaslAuthenticateResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::net::sasl::{Login, check_plain};

pub(super) struct SaslAuthenticate;

impl Endpoint for SaslAuthenticate {
    type Request = SaslAuthenticateRequest;
    type Response = SaslAuthenticateResponse;
    const KEY: ApiKey = ApiKey::SaslAuthenticate;
    const VERSIONS: (i16, i16) = (0, 2);
    const SHAPE: &'static str = "b";
    const FLEXIBLE: i16 = 2;
    const BEFORE_LOGIN: bool = true;

    async fn handle(call: &mut Call<'_>, request: SaslAuthenticateRequest) -> Answer<SaslAuthenticateResponse> {
        let response = SaslAuthenticateResponse::default();
        let failed = |error: ResponseError, message: &str| {
            response.clone().with_error_code(error.code()).with_error_message(Some(text(message)))
        };
        if !matches!(call.login, Login::Mechanism) {
            let message = "SaslAuthenticate came without a SaslHandshake";
            return Answer::SendAndClose(failed(ResponseError::IllegalSaslState, message), message.to_owned());
        }
        match check_plain(call.broker, &request.auth_bytes).await {
            Ok(principal) => {
                call.login = Login::Done(principal);
                Answer::Send(response)
            }
            Err(message) => Answer::SendAndClose(failed(ResponseError::SaslAuthenticationFailed, &message), message),
        }
    }
}
