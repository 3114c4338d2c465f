//! `nutkin/v1`: attaching a Kafka cluster. Read, renamed and deleted it is like any other (`cmk/v2`).

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use nutkin_api::attach::AttachCluster;
use nutkin_api::cmk::Cluster;

use super::clusters::to_wire;
use crate::auth::Administrator;
use crate::error::Result;
use crate::extract::Json;
use crate::state::AppState;

pub fn routes() -> Router<AppState> {
    Router::new().route("/nutkin/v1/kafka-clusters:attach", post(attach))
}

async fn attach(
    State(state): State<AppState>,
    _: Administrator,
    Json(body): Json<AttachCluster>,
) -> Result<Json<Cluster>> {
    let AttachCluster { environment, display_name, cloud, region, properties } = body;
    let provision = &state.control.provision;
    let stored = provision.attach_cluster(&environment, &display_name, &cloud, &region, &properties).await?;
    Ok(Json(to_wire(&state, stored)))
}
