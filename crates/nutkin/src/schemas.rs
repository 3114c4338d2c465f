//! Schemas for pools: the engine's question, answered by the registry client.

use std::collections::BTreeMap;
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

#[async_trait]
impl SchemaSource for Registries {
    async fn schema(
        &self,
        registry_id: &str,
        subject: &str,
        schema_id: i32,
    ) -> Result<Option<RegisteredSchema>, Failure> {
        let unreachable = |problem: String| Failure::new(FailureKind::Unreachable, format!("{registry_id}: {problem}"));
        let address =
            self.addresses.get(registry_id).ok_or_else(|| unreachable("its address is not known".to_owned()))?;
        let mut options = ClientOptions::new(&address.url);
        options.basic_auth = address.credentials.clone();
        let client = Client::new(options).map_err(|e| unreachable(e.to_string()))?;
        // A subject of the default context says nothing that the id does not.
        let scope = subject.starts_with(":.").then_some(subject);
        let schema = match client.by_id(schema_id, scope).await {
            Ok(schema) => schema,
            // The client has the registry's own code, as of any registry.
            Err(error) if error.error_code() == 40403 => return Ok(None),
            Err(error) => return Err(unreachable(error.to_string())),
        };
        let references = client.resolve_references(subject, &schema).await.map_err(|e| unreachable(e.to_string()))?;
        Ok(Some(registered(schema_id, &schema, &references)))
    }
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
