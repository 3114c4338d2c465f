//! The OpenAPI document of what is served: paths from one table, schemas from the wire types.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use nutkin_api::{attach, cmk, common, endpoint, error, fcpm, iam, org, sql, srcm};
use serde_json::{Value, json};
use utoipa::{OpenApi, ToSchema};

use crate::state::AppState;

#[derive(OpenApi)]
#[openapi(components(schemas(
    common::ObjectMeta,
    common::Reference,
    common::ListMeta,
    error::ErrorBody,
    org::Organization,
    org::Environment,
    attach::AttachCluster,
    cmk::Cluster,
    srcm::Cluster,
    fcpm::ComputePool,
    fcpm::Region,
    iam::ApiKey,
    iam::ServiceAccount,
    endpoint::Endpoint,
    sql::Statement,
    sql::StatementResult,
    sql::ResultField,
    sql::StatementException,
)))]
struct Components;

/// An endpoint of our own: the original has none for this.
const ATTACH: &str = "/nutkin/v1/kafka-clusters:attach";

/// Paths whose requests have another schema than their objects.
const REQUESTS: &[(&str, &str)] = &[(ATTACH, "AttachCluster")];

/// Path, methods, and the schema of an object there.
const PATHS: &[(&str, &[&str], &str)] = &[
    ("/org/v2/organizations", &["get"], "Organization"),
    ("/org/v2/organizations/{id}", &["get"], "Organization"),
    ("/org/v2/environments", &["get", "post"], "Environment"),
    ("/org/v2/environments/{id}", &["get", "patch", "delete"], "Environment"),
    ("/cmk/v2/clusters", &["get", "post"], "Cluster"),
    ("/cmk/v2/clusters/{id}", &["get", "patch", "delete"], "Cluster"),
    (ATTACH, &["post"], "Cluster"),
    ("/srcm/v3/clusters", &["get"], "SchemaRegistryCluster"),
    ("/srcm/v3/clusters/{id}", &["get"], "SchemaRegistryCluster"),
    ("/fcpm/v2/compute-pools", &["get", "post"], "ComputePool"),
    ("/fcpm/v2/compute-pools/{id}", &["get", "patch", "delete"], "ComputePool"),
    ("/fcpm/v2/regions", &["get"], "Region"),
    ("/endpoint/v1/endpoints", &["get"], "Endpoint"),
    ("/iam/v2/api-keys", &["get", "post"], "ApiKey"),
    ("/iam/v2/api-keys/{id}", &["get", "patch", "delete"], "ApiKey"),
    ("/iam/v2/service-accounts", &["get", "post"], "ServiceAccount"),
    ("/iam/v2/service-accounts/{id}", &["get", "patch", "delete"], "ServiceAccount"),
    ("/sql/v1/organizations/{organization}/environments/{environment}/statements", &["get", "post"], "Statement"),
    (
        "/sql/v1/organizations/{organization}/environments/{environment}/statements/{name}",
        &["get", "put", "patch", "delete"],
        "Statement",
    ),
    (
        "/sql/v1/organizations/{organization}/environments/{environment}/statements/{name}/results",
        &["get"],
        "StatementResult",
    ),
    (
        "/sql/v1/organizations/{organization}/environments/{environment}/statements/{name}/exceptions",
        &["get"],
        "StatementException",
    ),
];

pub fn routes() -> Router<AppState> {
    Router::new().route("/openapi.json", get(document))
}

async fn document(State(state): State<AppState>) -> Json<Value> {
    let mut document = serde_json::to_value(Components::openapi()).unwrap_or_default();
    document["info"] =
        json!({"title": "Nutkin", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0"}});
    document["servers"] = json!([{"url": &*state.external_url}]);
    document["components"]["securitySchemes"] = json!({"api-key": {"type": "http", "scheme": "basic"}});
    document["security"] = json!([{"api-key": []}]);
    document["paths"] =
        PATHS.iter().map(|(path, methods, schema)| ((*path).to_owned(), operations(path, methods, schema))).collect();
    Json(document)
}

fn operations(path: &str, methods: &[&str], schema: &str) -> Value {
    let content =
        |schema: &str| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}});
    let object = content(schema);
    let request = REQUESTS.iter().find(|(of, _)| *of == path).map_or_else(|| object.clone(), |(_, name)| content(name));
    let error = content(&error::ErrorBody::name());
    let names = path.split('{').skip(1).filter_map(|part| part.split('}').next());
    let parameters: Vec<Value> =
        names.map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})).collect();
    let operation = |method: &&str| {
        let mut operation = json!({
            "operationId": format!("{method} {path}"),
            "parameters": parameters,
            "responses": {
                "2XX": {"description": "Done", "content": object},
                "default": {"description": "The request was refused", "content": error},
            },
        });
        if matches!(*method, "post" | "put" | "patch") {
            operation["requestBody"] = json!({"required": true, "content": request});
        }
        ((*method).to_owned(), operation)
    };
    methods.iter().map(operation).collect()
}
