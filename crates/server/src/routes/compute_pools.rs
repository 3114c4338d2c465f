//! `fcpm/v2`: compute pools and regions (spec P-01, P-03, P-04).

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use nutkin_api::fcpm::{ComputePool, ComputePoolSpec, ComputePoolStatus, Region};
use nutkin_api::{List, ObjectMeta, Reference};
use nutkin_control::ControlError;
use nutkin_control::resources::{self, Stored};
use nutkin_control::statement::traits::rfc3339;
use serde::Deserialize;

use crate::auth::{Administrator, Caller};
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::paging::{PageQuery, list};
use crate::state::AppState;

const VERSION: &str = "fcpm/v2";
/// `max_cfu` of a pool that names none, as the original's CLI has it.
const DEFAULT_MAX_CFU: u32 = 5;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/fcpm/v2/compute-pools", get(list_pools).post(create_pool))
        .route("/fcpm/v2/compute-pools/{id}", get(read_pool).patch(update_pool).delete(delete_pool))
        .route("/fcpm/v2/regions", get(list_regions))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PoolQuery {
    environment: Option<String>,
    #[serde(rename = "spec.region")]
    region: Option<String>,
    page_size: Option<u32>,
    page_token: Option<String>,
}

fn to_wire(state: &AppState, stored: Stored<resources::ComputePool>) -> ComputePool {
    let pool = stored.resource;
    let region = format!("{}.{}", pool.cloud.to_lowercase(), pool.region);
    let parts = [("environment", pool.environment.as_str()), ("flink-region", &region), ("compute-pool", &stored.id)];
    ComputePool {
        api_version: VERSION.to_owned(),
        kind: "ComputePool".to_owned(),
        metadata: ObjectMeta {
            self_link: Some(state.url(&format!("/fcpm/v2/compute-pools/{}", stored.id))),
            resource_name: Some(state.resource_name(&parts)),
            created_at: Some(rfc3339(stored.created_at)),
            updated_at: Some(rfc3339(stored.updated_at)),
            resource_version: Some(stored.version.to_string()),
        },
        spec: ComputePoolSpec {
            display_name: Some(pool.display_name),
            cloud: Some(pool.cloud),
            region: Some(pool.region),
            max_cfu: Some(pool.max_cfu),
            enable_ai: Some(false),
            default_pool: Some(false),
            environment: Some(Reference::to(pool.environment)),
            network: None,
        },
        status: Some(ComputePoolStatus {
            phase: "PROVISIONED".to_owned(),
            current_cfu: state.control.pools.current_cfu(&stored.id),
        }),
        id: stored.id,
    }
}

async fn list_pools(
    State(state): State<AppState>,
    _: Administrator,
    Query(query): Query<PoolQuery>,
) -> Result<Json<List<ComputePool>>> {
    let paging = PageQuery { page_size: query.page_size, page_token: query.page_token };
    let environment = query.environment.as_deref();
    let page =
        state.control.resources.page::<resources::ComputePool>(environment, paging.after(), paging.limit()?).await?;
    let in_region = |stored: &Stored<resources::ComputePool>| {
        query.region.as_ref().is_none_or(|region| *region == stored.resource.region)
    };
    let data = page.items.into_iter().filter(in_region).map(|stored| to_wire(&state, stored)).collect();
    let path =
        environment.map_or("/fcpm/v2/compute-pools".to_owned(), |e| format!("/fcpm/v2/compute-pools?environment={e}"));
    Ok(Json(list(&state, VERSION, "ComputePoolList", &path, &paging, data, page.next)))
}

/// Features of the original that would be accepted without effect.
fn refuse_unbuilt(spec: &ComputePoolSpec) -> Result<()> {
    let refused = match spec {
        spec if spec.default_pool == Some(true) => "spec.default_pool: default pools",
        spec if spec.enable_ai == Some(true) => "spec.enable_ai: AI features",
        spec if spec.network.as_ref().is_some_and(|network| !network.id.is_empty()) => "spec.network: private networks",
        _ => return Ok(()),
    };
    Err(ControlError::Invalid(format!("{refused} are not built yet. Leave it out.")).into())
}

async fn create_pool(
    State(state): State<AppState>,
    _: Administrator,
    Json(body): Json<ComputePool>,
) -> Result<(StatusCode, Json<ComputePool>)> {
    let spec = body.spec;
    refuse_unbuilt(&spec)?;
    let missing = |field: &str| ControlError::Invalid(format!("spec.{field} is missing."));
    let environment = spec.environment.ok_or_else(|| missing("environment.id"))?.id;
    let name = spec.display_name.ok_or_else(|| missing("display_name"))?;
    let cloud = spec.cloud.ok_or_else(|| missing("cloud"))?;
    let region = spec.region.ok_or_else(|| missing("region"))?;
    let max_cfu = spec.max_cfu.unwrap_or(DEFAULT_MAX_CFU);
    let stored = state.control.provision.create_pool(&environment, &name, &cloud, &region, max_cfu).await?;
    Ok((StatusCode::ACCEPTED, Json(to_wire(&state, stored))))
}

async fn read_pool(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
) -> Result<Json<ComputePool>> {
    Ok(Json(to_wire(&state, state.control.resources.require::<resources::ComputePool>(&id).await?)))
}

async fn update_pool(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
    Json(body): Json<ComputePool>,
) -> Result<Json<ComputePool>> {
    refuse_unbuilt(&body.spec)?;
    let provision = &state.control.provision;
    let stored = provision.update_pool(&id, body.spec.display_name.as_deref(), body.spec.max_cfu).await?;
    Ok(Json(to_wire(&state, stored)))
}

async fn delete_pool(State(state): State<AppState>, _: Administrator, Path(id): Path<String>) -> Result<StatusCode> {
    state.control.provision.delete_pool(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RegionQuery {
    cloud: Option<String>,
    region_name: Option<String>,
    page_size: Option<u32>,
    page_token: Option<String>,
}

/// Regions that have something in them, and the first one of each cloud so that a new service has some to offer.
pub(super) async fn known_regions(state: &AppState) -> Result<Vec<(String, String)>> {
    let mut regions: Vec<(String, String)> = [("AWS", "us-east-1"), ("AZURE", "eastus2"), ("GCP", "us-central1")]
        .map(|(cloud, region)| (cloud.to_owned(), region.to_owned()))
        .into();
    for pool in state.control.resources.all::<resources::ComputePool>(None).await? {
        regions.push((pool.resource.cloud, pool.resource.region));
    }
    for cluster in state.control.resources.all::<resources::KafkaCluster>(None).await? {
        regions.push((cluster.resource.cloud, cluster.resource.region));
    }
    regions.sort();
    regions.dedup();
    Ok(regions)
}

async fn list_regions(
    State(state): State<AppState>,
    _: Caller,
    Query(query): Query<RegionQuery>,
) -> Result<Json<List<Region>>> {
    let mut regions = known_regions(&state).await?;
    // A region that is asked for by name exists: this service is in every region.
    if let (Some(cloud), Some(name)) = (&query.cloud, &query.region_name)
        && !regions.iter().any(|(_, region)| region == name)
    {
        regions.push((cloud.to_uppercase(), name.clone()));
    }
    let wanted = |(cloud, region): &(String, String)| {
        query.cloud.as_ref().is_none_or(|asked| asked.eq_ignore_ascii_case(cloud))
            && query.region_name.as_ref().is_none_or(|asked| asked == region)
    };
    let data =
        regions.into_iter().filter(wanted).map(|(cloud, region)| region_to_wire(&state, &cloud, &region)).collect();
    let paging = PageQuery { page_size: query.page_size, page_token: query.page_token };
    Ok(Json(list(&state, VERSION, "RegionList", "/fcpm/v2/regions", &paging, data, None)))
}

fn region_to_wire(state: &AppState, cloud: &str, region: &str) -> Region {
    let id = format!("{}.{region}", cloud.to_lowercase());
    Region {
        api_version: VERSION.to_owned(),
        kind: "Region".to_owned(),
        metadata: ObjectMeta {
            self_link: Some(state.url(&format!("/fcpm/v2/regions?cloud={cloud}&region_name={region}"))),
            resource_name: Some(state.resource_name(&[("flink-region", &id)])),
            ..ObjectMeta::default()
        },
        id,
        display_name: format!("{cloud} {region}"),
        cloud: cloud.to_owned(),
        region_name: region.to_owned(),
        http_endpoint: state.url(""),
        private_http_endpoint: state.url(""),
    }
}
