//! Schemas for pools: the engine's question, answered by the registry client.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use async_trait::async_trait;
use nutkin_engine::{Failure, FailureKind, SchemaSource};
use nutkin_formats::{RegisteredSchema, SchemaKind, SchemaReference};
use nutkin_pool::SchemaSources;
use nutkin_pool::protocol::RegistryAddress;
use nutkin_registry::client::ClientOptions;
use nutkin_registry::model::{Schema, SchemaType};
use nutkin_registry::{Client, Schemas};

/// Opens registry clients.
pub struct RegistrySchemas;

impl SchemaSources for RegistrySchemas {
    fn open(&self, registries: &BTreeMap<String, RegistryAddress>) -> Arc<dyn SchemaSource> {
        Arc::new(Registries { addresses: registries.clone() })
    }
}

struct Registries {
    addresses: BTreeMap<String, RegistryAddress>,
}

impl std::fmt::Debug for Registries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Registries").field(&self.addresses.keys()).finish()
    }
}

impl Registries {
    fn client(&self, registry_id: &str) -> Result<Client, Failure> {
        let Some(address) = self.addresses.get(registry_id) else {
            return Err(unreachable(registry_id, "its address is not known"));
        };
        let mut options = ClientOptions::new(&address.url);
        options.basic_auth = address.credentials.clone();
        Client::new(options).map_err(|error| unreachable(registry_id, error))
    }
}

fn unreachable(registry_id: &str, problem: impl Display) -> Failure {
    Failure::new(FailureKind::Unreachable, format!("{registry_id}: {problem}"))
}

/// The registry's code of an id or GUID that no schema has.
const SCHEMA_NOT_FOUND: u32 = 40403;

/// What the registry said; None when it has no such schema.
fn found<T>(registry_id: &str, answer: Result<T, nutkin_registry::Error>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(schema) => Ok(Some(schema)),
        Err(error) if error.error_code() == SCHEMA_NOT_FOUND => Ok(None),
        Err(error) => Err(unreachable(registry_id, error)),
    }
}

#[async_trait]
impl SchemaSource for Registries {
    async fn schema(
        &self,
        registry_id: &str,
        subject: &str,
        schema_id: i32,
    ) -> Result<Option<RegisteredSchema>, Failure> {
        let client = self.client(registry_id)?;
        // A subject of the default context says nothing that the id does not.
        let scope = subject.starts_with(":.").then_some(subject);
        match found(registry_id, client.by_id(schema_id, scope).await)? {
            Some(schema) => whole(&client, registry_id, subject, schema_id, &schema).await.map(Some),
            None => Ok(None),
        }
    }

    async fn schema_of_guid(
        &self,
        registry_id: &str,
        subject: &str,
        guid: [u8; 16],
    ) -> Result<Option<RegisteredSchema>, Failure> {
        let client = self.client(registry_id)?;
        match found(registry_id, client.by_guid(guid).await)? {
            Some(schema) => whole(&client, registry_id, subject, NO_ID, &schema).await.map(Some),
            None => Ok(None),
        }
    }
}

/// The id of a schema that a GUID names: whoever asked gives it one.
const NO_ID: i32 = 0;

/// With everything that the schema refers to.
async fn whole(
    client: &Client,
    registry_id: &str,
    subject: &str,
    id: i32,
    schema: &Schema,
) -> Result<RegisteredSchema, Failure> {
    let references = client.resolve_references(subject, schema).await;
    Ok(registered(id, schema, &references.map_err(|error| unreachable(registry_id, error))?))
}

pub fn registered(id: i32, schema: &Schema, references: &[(String, Schema)]) -> RegisteredSchema {
    RegisteredSchema {
        id,
        kind: match schema.schema_type {
            SchemaType::Avro => SchemaKind::Avro,
            SchemaType::Json => SchemaKind::Json,
            SchemaType::Protobuf => SchemaKind::Protobuf,
        },
        text: schema.schema.to_string(),
        references: references
            .iter()
            .map(|(name, schema)| SchemaReference { name: name.clone(), text: schema.schema.to_string() })
            .collect(),
    }
}

#[cfg(test)]
mod tests;
