//! `endpoint/v1`: where services of a region are reached; all of them here.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use nutkin_api::endpoint::Endpoint;
use nutkin_api::{List, ObjectMeta, Reference};
use serde::Deserialize;

use super::compute_pools::known_regions;
use crate::auth::Caller;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::paging::{PageQuery, list};
use crate::state::AppState;

pub fn routes() -> Router<AppState> {
    Router::new().route("/endpoint/v1/endpoints", get(list_endpoints))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EndpointQuery {
    cloud: Option<String>,
    region: Option<String>,
    service: Option<String>,
    environment: Option<String>,
}

async fn list_endpoints(
    State(state): State<AppState>,
    _: Caller,
    Query(query): Query<EndpointQuery>,
) -> Result<Json<List<Endpoint>>> {
    let mut data = Vec::new();
    for (cloud, region) in known_regions(&state).await? {
        let asked = query.cloud.as_ref().is_none_or(|c| c.eq_ignore_ascii_case(&cloud))
            && query.region.as_ref().is_none_or(|r| *r == region)
            && query.service.as_ref().is_none_or(|service| service == "FLINK");
        if !asked {
            continue;
        }
        data.push(Endpoint {
            api_version: "endpoint/v1".to_owned(),
            kind: "Endpoint".to_owned(),
            id: format!("flink.{}.{region}", cloud.to_lowercase()),
            metadata: ObjectMeta::default(),
            cloud,
            region,
            service: "FLINK".to_owned(),
            is_private: false,
            connection_type: "PUBLIC".to_owned(),
            endpoint: state.url(""),
            endpoint_type: "REST".to_owned(),
            environment: query.environment.clone().map(Reference::to),
            resource: None,
        });
    }
    let paging = PageQuery::default();
    Ok(Json(list(&state, "endpoint/v1", "EndpointList", "/endpoint/v1/endpoints", &paging, data, None)))
}
