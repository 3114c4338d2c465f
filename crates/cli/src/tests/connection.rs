use serde_json::json;

use super::server::Server;
use crate::context::ContextArguments;
use crate::{ConnectionArguments, Profile};

fn profile() -> Profile {
    Profile {
        url: "http://127.0.0.1:9999/".into(),
        api_key: "K".into(),
        api_secret: "S".into(),
        environment: Some("env-1".into()),
        ..Profile::default()
    }
}

#[test]
fn a_profile_is_written_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new").join("profile.json");
    assert_eq!(Profile::load_from(&path).unwrap(), None);
    profile().save_to(&path).unwrap();
    profile().save_to(&path).unwrap();
    assert_eq!(Profile::load_from(&path).unwrap(), Some(profile()));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    std::fs::write(&path, "{").unwrap();
    assert!(Profile::load_from(&path).unwrap_err().to_string().starts_with("NUTKIN-6202"));
}

#[test]
fn the_key_of_a_profile_goes_to_its_service_only() {
    let resolve = |arguments: ConnectionArguments| arguments.resolve(&profile());
    let own = resolve(ConnectionArguments::default()).unwrap();
    assert_eq!((own.url.as_str(), own.credentials.is_some()), ("http://127.0.0.1:9999", true));
    let other = ConnectionArguments { url: Some("http://other:1".into()), ..ConnectionArguments::default() };
    assert_eq!(resolve(other.clone()).unwrap().credentials, None);
    let half = ConnectionArguments { api_key: Some("A".into()), ..other };
    assert!(resolve(half).is_err());
    assert!(!format!("{own:?}").contains("\"S\""));
}

#[tokio::test]
async fn what_is_left_out_is_the_only_one_there_is() {
    let server = Server::start(|seen| {
        let data = match seen.line.split(['?', ' ']).nth(1).unwrap() {
            "/org/v2/organizations" => json!([{"id": "org"}]),
            "/org/v2/environments" => {
                json!([{"id": "env-1", "display_name": "dev"}, {"id": "env-2", "display_name": "prod"}])
            }
            "/fcpm/v2/compute-pools" => json!([{"id": "lfcp-1", "spec": {"display_name": "p"}}]),
            "/cmk/v2/clusters" => json!([{"id": "lkc-1", "spec": {"display_name": "db"}}]),
            _ => return (404, json!(null)),
        };
        (200, json!({"api_version": "", "kind": "", "metadata": {}, "data": data}))
    })
    .await;
    let client = server.client();
    let none = ContextArguments::default();
    let error = none.resolve(&client, &Profile::default()).await.unwrap_err().to_string();
    assert!(error.contains("env-1 (dev), env-2 (prod)"), "{error}");
    let prod = ContextArguments { environment: Some("prod".into()), ..none.clone() };
    let target = prod.resolve(&client, &profile()).await.unwrap();
    assert_eq!((target.at.organization.as_str(), target.at.environment.as_str()), ("org", "env-2"));
    assert_eq!((target.catalog.as_str(), target.database.as_deref()), ("prod", Some("db")));
    assert_eq!(target.compute_pool.as_deref(), Some("lfcp-1"));
    let wrong = ContextArguments { compute_pool: Some("x".into()), ..prod };
    assert!(wrong.resolve(&client, &profile()).await.unwrap_err().to_string().contains("lfcp-1 (p)"));
}
