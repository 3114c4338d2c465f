//! DescribeAcls: access is decided by role bindings of the control plane, not by access control lists in the broker.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, DescribeAclsRequest, DescribeAclsResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};

pub(super) struct DescribeAcls;

impl Endpoint for DescribeAcls {
    type Request = DescribeAclsRequest;
    type Response = DescribeAclsResponse;
    const KEY: ApiKey = ApiKey::DescribeAcls;
    const VERSIONS: (i16, i16) = (1, 3);
    const SHAPE: &'static str = "1 s 1 s s 1 1";
    const FLEXIBLE: i16 = 2;

    async fn handle(_: &mut Call<'_>, _: DescribeAclsRequest) -> Answer<DescribeAclsResponse> {
        let message = "access to the embedded broker is managed with role bindings, it has no access control lists";
        Answer::Send(
            DescribeAclsResponse::default()
                .with_error_code(ResponseError::SecurityDisabled.code())
                .with_error_message(Some(text(message))),
        )
    }
}
