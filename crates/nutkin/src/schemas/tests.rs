//! Schemas by id and by GUID from a registry over HTTP (spec sql.md 2.4 no. 12).

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_engine::FailureKind;
use nutkin_pool::SchemaSources;
use nutkin_pool::protocol::RegistryAddress;
use nutkin_registry::model::{Reference, Schema, SchemaType};
use nutkin_registry::store::MemoryStore;
use nutkin_registry::{Options, Schemas, Service};

use super::RegistrySchemas;

#[tokio::test]
async fn schemas_come_by_id_and_by_guid_with_what_they_refer_to() {
    let service = Service::start(Options::default(), Arc::new(MemoryStore::default())).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (registry, router) = (service.handle(), service.router());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let inner = r#"{"type": "record", "name": "Inner", "fields": [{"name": "a", "type": "int"}]}"#;
    registry.register("inner", &Schema::avro(inner), false).await.unwrap();
    let outer = r#"{"type": "record", "name": "Outer", "fields": [{"name": "i", "type": "Inner"}]}"#;
    let reference = Reference { name: "Inner".to_owned(), subject: "inner".to_owned(), version: 1 };
    let outer = Schema { schema_type: SchemaType::Avro, schema: outer.into(), references: vec![reference] };
    let registered = registry.register("t-value", &outer, false).await.unwrap();

    let address = RegistryAddress { url, credentials: None };
    let schemas = RegistrySchemas.open(&BTreeMap::from([("lsrc-1".to_owned(), address)]));
    let by_id = schemas.schema("lsrc-1", "t-value", registered.id).await.unwrap().unwrap();
    let guid = registered.guid.unwrap().into_bytes();
    let by_guid = schemas.schema_of_guid("lsrc-1", "t-value", guid).await.unwrap().unwrap();
    assert_eq!((by_id.id, &by_id.text), (registered.id, &by_guid.text));
    for found in [by_id, by_guid] {
        let names: Vec<&str> = found.references.iter().map(|reference| reference.name.as_str()).collect();
        assert_eq!(names, ["Inner"]);
    }
    // What the registry does not have is no failure; a registry that is not known is one.
    assert!(schemas.schema("lsrc-1", "t-value", 99).await.unwrap().is_none());
    assert!(schemas.schema_of_guid("lsrc-1", "t-value", [9; 16]).await.unwrap().is_none());
    let failure = schemas.schema_of_guid("lsrc-2", "t-value", guid).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
}
