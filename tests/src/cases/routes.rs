//! The OpenAPI document names every route that is served.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

use crate::process;
use crate::service::{Options, Service};

/// Routes that are not of the REST API: liveness, metrics, the document itself, registries.
const OTHERS: [&str; 6] = ["/health", "/metrics", "/v2/metrics/cloud/export", "/openapi.json", "/sr/{}", "/sr/{}/{}"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_names_every_route() {
    let service = Service::start(Options::default()).await;
    let document = service.api().get("/openapi.json").await.ok();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."), "{}", document["openapi"]);
    let mut documented: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let methods = operations.as_object().unwrap().keys().cloned().collect();
        documented.insert(without_names(path), methods);
    }
    let served = routes(&process::root().join("crates/server/src/routes"));
    assert!(served.len() > 15, "{served:?}");
    for (path, methods) in &served {
        if !OTHERS.contains(&path.as_str()) {
            assert_eq!(documented.get(path), Some(methods), "{path}");
        }
    }
    for path in documented.keys() {
        assert!(served.contains_key(path), "{path} is documented and not served");
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in Regex::new(r##""\$ref":"#/components/schemas/([^"]+)""##).unwrap().captures_iter(&text) {
        let name = &reference[1];
        assert!(document["components"]["schemas"][name].is_object(), "schema {name} is missing");
    }
}

/// Routes in the server's source: path to methods.
fn routes(directory: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let route = Regex::new(r#"\.route\(\s*(?:&format!\()?("[^"]*"|BASE)\)?,\s*"#).unwrap();
    let method = Regex::new(r"\b(get|post|put|patch|delete|any)\(").unwrap();
    let base = Regex::new(r#"const BASE: &str = "([^"]*)""#).unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let source = std::fs::read_to_string(entry.path()).unwrap();
        let base = base.captures(&source).map(|found| found[1].to_owned()).unwrap_or_default();
        for captures in route.captures_iter(&source) {
            let path = captures[1].trim_matches('"').replace("{{", "{").replace("}}", "}");
            let path = path.replace("{BASE}", &base);
            let path = if path == "BASE" { base.clone() } else { path };
            let rest = &source[captures.get(0).unwrap().end()..];
            let end = rest.find(".route(").or_else(|| rest.find("\n}")).unwrap_or(rest.len());
            let methods = method.captures_iter(&rest[..end]).map(|found| found[1].to_owned()).collect();
            found.insert(without_names(&path), methods);
        }
    }
    found
}

/// `/a/{id}` as `/a/{}`: what a parameter is called is no difference.
fn without_names(path: &str) -> String {
    Regex::new(r"\{[^}]*\}").unwrap().replace_all(path, "{}").into_owned()
}
