//! Schemas in the registry: stored and normalised texts are stable, and every schema is compatible with itself (S002-051).

use std::sync::Arc;

use nutkin_formats::SchemaKind;
use nutkin_registry::compat::{self, ParsedSchema, Previous};
use nutkin_registry::model::{CompatibilityLevel, CompatibilityPolicy, SchemaType};

use crate::mutate::JSON;
use crate::run::{Check, Target};
use crate::samples::{self, schema_texts};

pub const TARGET: Target = Target { samples: schema_texts, mutations: JSON, check, a_minute: 200_000 };

const POLICIES: [CompatibilityPolicy; 2] = [CompatibilityPolicy::Strict, CompatibilityPolicy::Lenient];

fn check() -> Check {
    let earlier: Vec<Previous> = samples::SCHEMAS
        .iter()
        .zip(1..)
        .map(|((kind, text), version)| {
            let schema_type = match kind {
                SchemaKind::Avro => SchemaType::Avro,
                SchemaKind::Json => SchemaType::Json,
                SchemaKind::Protobuf => SchemaType::Protobuf,
            };
            Previous { version, schema: Arc::new(compat::parse(schema_type, text, &[]).unwrap()) }
        })
        .collect();
    Box::new(move |input| {
        let text = String::from_utf8_lossy(input);
        let mut read = false;
        for schema_type in SchemaType::ALL {
            match compat::parse(schema_type, &text, &[]) {
                Ok(schema) => {
                    accepted(&schema, &earlier);
                    read = true;
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        read
    })
}

fn accepted(schema: &ParsedSchema, earlier: &[Previous]) {
    let read = |text: &str| {
        compat::parse(schema.schema_type(), text, &[]).unwrap_or_else(|error| panic!("{text}\nstored, then: {error}"))
    };
    let stored = read(&schema.text());
    assert_eq!(stored.text(), schema.text());
    assert_eq!(stored.identity(), schema.identity());
    let normalized = read(&schema.normalized());
    assert_eq!(normalized.normalized(), schema.normalized());
    for policy in POLICIES {
        let level = CompatibilityLevel::FullTransitive;
        for old in [stored.clone(), normalized.clone()] {
            let same = Previous { version: 1, schema: Arc::new(old) };
            assert_eq!(compat::check(level, policy, schema, &[same]), Vec::<String>::new(), "against itself");
        }
        compat::check(level, policy, schema, earlier);
        for old in earlier.iter().filter(|old| old.schema.schema_type() == schema.schema_type()) {
            compat::check(level, policy, schema, std::slice::from_ref(old));
        }
    }
}
