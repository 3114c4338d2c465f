//! ApiVersions: what is served, and the features of the cluster.

use bytes::BytesMut;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey};
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::Encodable;

use super::errors::text;
use super::{Answer, Call, Endpoint, TABLE};

pub(super) struct ApiVersions;

/// Level of Apache Kafka 4.1 (`metadata.version` 4.1-IV1).
const METADATA_VERSION: i16 = 27;
/// Finalized features by name. `group.version` is not among them: the new group protocol (KIP-848) is not served.
const FEATURES: &[(&str, i16, i16)] = &[("metadata.version", 7, METADATA_VERSION), ("transaction.version", 0, 2)];

fn response() -> ApiVersionsResponse {
    let keys = TABLE.iter().map(|api| {
        ApiVersion::default().with_api_key(api.key as i16).with_min_version(api.min).with_max_version(api.max)
    });
    ApiVersionsResponse::default().with_api_keys(keys.collect())
}

/// The answer to a version that is not served, which every client can read.
pub(crate) fn unsupported(out: &mut BytesMut) -> Result<(), String> {
    let response = response().with_error_code(ResponseError::UnsupportedVersion.code());
    response.encode(out, 0).map_err(|error| error.to_string())
}

impl Endpoint for ApiVersions {
    type Request = ApiVersionsRequest;
    type Response = ApiVersionsResponse;
    const KEY: ApiKey = ApiKey::ApiVersions;
    const VERSIONS: (i16, i16) = (0, 4);
    const SHAPE: &'static str = "s@3+ s@3+";
    const FLEXIBLE: i16 = 3;
    const BEFORE_LOGIN: bool = true;

    async fn handle(call: &mut Call<'_>, _: ApiVersionsRequest) -> Answer<ApiVersionsResponse> {
        // Versions below 4 cannot say that a feature's lowest version is 0 (KIP-1022): there it is left out or starts at 1.
        let supported = FEATURES.iter().filter(|(_, low, _)| *low > 0 || call.version >= 4).map(|(name, low, high)| {
            SupportedFeatureKey::default().with_name(text(*name)).with_min_version(*low).with_max_version(*high)
        });
        let finalized = FEATURES.iter().map(|(name, _, level)| {
            FinalizedFeatureKey::default()
                .with_name(text(*name))
                .with_max_version_level(*level)
                .with_min_version_level(*level)
        });
        Answer::Send(
            response()
                .with_supported_features(supported.collect())
                .with_finalized_features(finalized.collect())
                .with_finalized_features_epoch(1),
        )
    }
}
