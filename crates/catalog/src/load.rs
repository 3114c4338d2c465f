//! Reading what a statement names: environments, clusters, topics, schemas, records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::try_join_all;
use nutkin_formats::{RegisteredSchema, SchemaKind, SchemaReference, mapping};
use nutkin_kafka::{Client, ConfigResource, ErrorKind, TopicDescription};
use nutkin_plan::table::FrozenSchema;
use nutkin_plan::{Table, TablePath};
use nutkin_planner::{Session, function_references, resolve_path};
use nutkin_registry::Schemas;
use nutkin_registry::model::SchemaType;
use nutkin_sql::ast::{ExplainDetail, ObjectKind, ObjectName, Statement};
use nutkin_sql::table_references;

use crate::catalog::Inner;
use crate::error::CatalogError;
use crate::functions::UserFunctions;
use crate::infer::{self, Facts, SideSchema};
use crate::information_schema;
use crate::outcome::Sees;
use crate::record::{RecordState, TableRecord};
use crate::samples;
use crate::snapshot::{CatalogNames, DatabaseNames, Loaded, Place, Snapshot};
use crate::statistics;
use crate::table_options::{ConnectorKind, SideOptions, TableOptions};
use crate::view::View;

/// Everything `statement` names. What is not there is left to the analysis, which knows where it is written.
pub(crate) async fn snapshot(
    catalog: &Inner,
    statement: &Statement,
    session: &Session,
    sees: &Sees,
) -> Result<Snapshot, CatalogError> {
    let mut snapshot = Snapshot::new(names(catalog, sees).await?);
    let target = made_or_dropped(statement);
    let references = table_references(statement);
    let read = references.iter().filter(|name| Some(*name) != target);
    let mut paths: Vec<TablePath> = read.filter_map(|name| resolve_path(name, session, &snapshot).ok()).collect();
    let mut known: BTreeSet<TablePath> = paths.iter().cloned().collect();
    // Views name tables and views in turn.
    while !paths.is_empty() {
        let found = try_join_all(paths.iter().map(|path| object(catalog, &snapshot, path))).await?;
        paths.clear();
        for object in found.into_iter().flatten() {
            match object {
                Object::Table(table) => snapshot.insert(table),
                Object::View(path, view) => {
                    let read = view.reads(&snapshot).into_iter();
                    paths.extend(read.filter(|path| known.insert(path.clone())));
                    snapshot.insert_view(path, *view);
                }
            }
        }
    }
    let called = named_functions(statement, session, &snapshot);
    let databases: BTreeSet<(String, String)> = called.into_iter().map(|path| (path.catalog, path.database)).collect();
    for (in_catalog, database) in databases {
        if let Some(Place::Cluster { cluster_id, .. }) = snapshot.place(&in_catalog, &database) {
            let functions = UserFunctions::load(catalog, cluster_id).await?;
            snapshot.insert_functions(&in_catalog, &database, functions);
        }
    }
    if wants_statistics(statement) {
        statistics::load(catalog, &mut snapshot).await;
    }
    Ok(snapshot)
}

/// Only estimates need them.
fn wants_statistics(statement: &Statement) -> bool {
    let Statement::Explain(explain) = statement else { return false };
    let mut details = explain.details.iter();
    details.any(|detail| matches!(detail, ExplainDetail::EstimatedCost | ExplainDetail::JsonExecutionPlan))
}

/// Functions that are not built in and that the statement calls or describes.
fn named_functions(statement: &Statement, session: &Session, snapshot: &Snapshot) -> Vec<TablePath> {
    match statement {
        Statement::Describe(describe) if describe.kind == ObjectKind::Function => {
            resolve_path(&describe.name, session, snapshot).into_iter().collect()
        }
        _ => function_references(statement, session, snapshot),
    }
}

/// What a name stands for.
pub(crate) enum Object {
    Table(Loaded),
    View(TablePath, Box<View>),
}

/// The table or view at `path`, wherever it lives.
pub(crate) async fn object(
    catalog: &Inner,
    snapshot: &Snapshot,
    path: &TablePath,
) -> Result<Option<Object>, CatalogError> {
    let fixed =
        |table: Option<Table>| table.map(|table| Object::Table(Loaded { table: Arc::new(table), read_only: None }));
    match snapshot.place(&path.catalog, &path.database) {
        None => Ok(None),
        Some(Place::Information) => Ok(fixed(information_schema::table(path))),
        Some(Place::Samples) => Ok(fixed(samples::table(&path.name, &catalog.options))),
        Some(Place::Cluster { environment_id, cluster_id }) => {
            if !is_table_name(&path.name) {
                return Ok(None);
            }
            match record(catalog, cluster_id, path).await? {
                Some(record) if record.is_view() => {
                    Ok(View::of(record).map(|view| Object::View(path.clone(), Box::new(view))))
                }
                record => Ok(with_record(catalog, environment_id, cluster_id, path, record).await?.map(Object::Table)),
            }
        }
    }
}

/// The table that the statement makes or drops: it need not exist, and what is wrong with it must not keep it from going.
fn made_or_dropped(statement: &Statement) -> Option<&ObjectName> {
    match statement {
        Statement::CreateTable(create) => Some(&create.name),
        Statement::CreateView(create) => Some(&create.name),
        Statement::Drop(object) => Some(&object.name),
        Statement::Explain(explain) => made_or_dropped(&explain.statement),
        _ => None,
    }
}

/// Environments with their clusters, then `examples`.
async fn names(catalog: &Inner, sees: &Sees) -> Result<Vec<CatalogNames>, CatalogError> {
    let mut environments = catalog.directory.environments().await?;
    environments.retain(|environment| sees.environment(&environment.id));
    let databases = try_join_all(environments.iter().map(|entry| catalog.directory.databases(&entry.id))).await?;
    let shown: Vec<(String, String)> = environments.into_iter().map(|entry| (entry.id, entry.name)).collect();
    let mut catalogs: Vec<CatalogNames> = unique(shown, &[samples::CATALOG])
        .into_iter()
        .zip(databases)
        .map(|((id, name), databases)| {
            let shown = databases.into_iter().map(|entry| (entry.id, entry.name)).collect();
            let databases = unique(shown, &[information_schema::DATABASE])
                .into_iter()
                .map(|(id, name)| DatabaseNames { id, name })
                .collect();
            CatalogNames { id, name, databases }
        })
        .collect();
    catalogs.sort_by(|a, b| a.name.cmp(&b.name));
    for catalog in &mut catalogs {
        catalog.databases.sort_by(|a, b| a.name.cmp(&b.name));
    }
    catalogs.push(samples::names());
    Ok(catalogs)
}

/// Ids with names; where a name stands for two things, or for one that is taken, the id takes its place.
fn unique(entries: Vec<(String, String)>, taken: &[&str]) -> Vec<(String, String)> {
    let clear = |name: &str| {
        !taken.contains(&name) && entries.iter().filter(|(id, other)| other == name || id == name).count() == 1
    };
    entries.iter().map(|(id, name)| (id.clone(), if clear(name) { name.clone() } else { id.clone() })).collect()
}

/// The table of a cluster; None when there is none, or it is being made or dropped.
pub(crate) async fn table(
    catalog: &Inner,
    environment_id: &str,
    cluster_id: &str,
    path: &TablePath,
) -> Result<Option<Loaded>, CatalogError> {
    if !is_table_name(&path.name) {
        return Ok(None);
    }
    let record = record(catalog, cluster_id, path).await?;
    with_record(catalog, environment_id, cluster_id, path, record).await
}

/// As [`table`], with what the metastore has of it.
async fn with_record(
    catalog: &Inner,
    environment_id: &str,
    cluster_id: &str,
    path: &TablePath,
    record: Option<TableRecord>,
) -> Result<Option<Loaded>, CatalogError> {
    let name = path.name.as_str();
    if let Some(record) = &record {
        match record.state {
            RecordState::Creating | RecordState::Dropping => return Ok(None),
            RecordState::Ready if record.view.is_some() => return Ok(None),
            RecordState::Ready if is_blackhole(record)? => return infer::blackhole(path, record).map(Some),
            RecordState::Ready | RecordState::Dropped => {}
        }
    }
    let client = catalog.directory.kafka(cluster_id).await?;
    let Some(topic) = topic(&client, name).await? else { return Ok(None) };
    let record = record.filter(|record| record.state == RecordState::Ready && speaks_of(record, &topic));
    let settings = settings(&client, name).await?;
    of_topic(catalog, environment_id, cluster_id, path, &topic, settings, record.as_ref()).await.map(Some)
}

/// The table of a topic with these settings and this record.
pub(crate) async fn of_topic(
    catalog: &Inner,
    environment_id: &str,
    cluster_id: &str,
    path: &TablePath,
    topic: &TopicDescription,
    settings: BTreeMap<String, String>,
    record: Option<&TableRecord>,
) -> Result<Loaded, CatalogError> {
    let name = path.name.as_str();
    let (registry_id, registry) = catalog.directory.registry(environment_id).await?;
    let options = match record {
        Some(record) => TableOptions::parse(&record.options)?,
        None => TableOptions::default(),
    };
    let facts = Facts {
        cluster_id: cluster_id.to_owned(),
        registry_id,
        topic: name.to_owned(),
        partitions: u32::try_from(topic.partitions.len()).unwrap_or(u32::MAX),
        settings,
        key: side(registry.as_ref(), name, "key", &options.key).await?,
        value: side(registry.as_ref(), name, "value", &options.value).await?,
    };
    infer::table(path, facts, record)
}

pub(crate) fn is_blackhole(record: &TableRecord) -> Result<bool, CatalogError> {
    Ok(TableOptions::parse(&record.options)?.connector == ConnectorKind::Blackhole)
}

/// The record of a table, in any state.
pub(crate) async fn record(
    catalog: &Inner,
    cluster_id: &str,
    path: &TablePath,
) -> Result<Option<TableRecord>, CatalogError> {
    let stored = catalog.metastore.get(cluster_id, &path.name).await?;
    stored.map(|value| TableRecord::from_json(path, value)).transpose()
}

/// The topic, unless there is none or it holds data of the cluster itself.
pub(crate) async fn topic(client: &Client, name: &str) -> Result<Option<TopicDescription>, CatalogError> {
    match client.admin().describe_topic(name).await {
        Ok(topic) => Ok(Some(topic).filter(|topic| !is_internal(topic))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Topics that are no tables.
pub(crate) fn is_internal(topic: &TopicDescription) -> bool {
    topic.internal || is_internal_name(&topic.name)
}

pub(crate) fn is_internal_name(name: &str) -> bool {
    name.starts_with("__") || name.starts_with("_confluent") || name == "_schemas"
}

/// Whether a topic may have this name: Kafka's rule.
pub(crate) fn is_table_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=249).contains(&name.len()) && name.chars().all(allowed) && name != "." && name != ".."
}

/// A record is of one topic, not of another made later under its name.
pub(crate) fn speaks_of(record: &TableRecord, topic: &TopicDescription) -> bool {
    topic.id.is_nil() || record.topic_id.as_ref().is_none_or(|id| *id == topic.id.to_string())
}

pub(crate) async fn settings(client: &Client, topic: &str) -> Result<BTreeMap<String, String>, CatalogError> {
    let entries = client.admin().describe_configs(&ConfigResource::Topic(topic.to_owned())).await?;
    Ok(entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?))).collect())
}

/// Topic name strategy: `<topic>-key` and `<topic>-value`, in a schema context if one is set.
pub(crate) fn subject(topic: &str, side: &str, context: Option<&str>) -> String {
    match context {
        Some(context) => format!(":{context}:{topic}-{side}"),
        None => format!("{topic}-{side}"),
    }
}

/// The schema of one side: of the topic's subject, or of the subjects that its options name (sql.md 2.3).
async fn side(
    registry: &dyn Schemas,
    topic: &str,
    side: &str,
    options: &SideOptions,
) -> Result<Option<SideSchema>, CatalogError> {
    let context = options.context.as_deref();
    if options.subjects.is_empty() {
        let Some((registered, frozen)) = schema(registry, &subject(topic, side, context)).await? else {
            return Ok(None);
        };
        return seen(&registered, frozen).map(Some);
    }
    let mut members = Vec::with_capacity(options.subjects.len());
    for name in &options.subjects {
        let qualified = context.map_or_else(|| name.clone(), |context| format!(":{context}:{name}"));
        let Some(member) = schema(registry, &qualified).await? else {
            let key = format!("{side}.format.subject-names");
            return Err(CatalogError::bad_option(&key, format!("the registry has no subject '{qualified}'")));
        };
        members.push((name.clone(), member));
    }
    if let [(_, (registered, frozen))] = members.as_slice() {
        return seen(registered, frozen.clone()).map(Some);
    }
    let schemas: Vec<(String, RegisteredSchema)> =
        members.into_iter().map(|(name, (registered, _))| (name, registered)).collect();
    let combined = mapping::combine(&schemas)?;
    let names = options.subjects.join(";");
    let frozen = FrozenSchema {
        subject: context.map_or_else(|| names.clone(), |context| format!(":{context}:{names}")),
        id: combined.id,
        version: 0,
        text: combined.text.clone(),
        references: combined.references.iter().map(|r| (r.name.clone(), r.text.clone())).collect(),
    };
    seen(&combined, frozen).map(Some)
}

/// With the type that SQL sees.
fn seen(registered: &RegisteredSchema, frozen: FrozenSchema) -> Result<SideSchema, CatalogError> {
    Ok(SideSchema { frozen, kind: registered.kind, data_type: mapping::to_sql(registered)? })
}

/// The newest schema of a subject with everything it refers to.
async fn schema(
    registry: &dyn Schemas,
    subject: &str,
) -> Result<Option<(RegisteredSchema, FrozenSchema)>, CatalogError> {
    let failed = |error| CatalogError::registry(subject, error);
    let latest = match registry.latest(subject).await {
        Ok(latest) => latest,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let references = match latest.schema.references.is_empty() {
        true => Vec::new(),
        false => registry.resolve_references(subject, &latest.schema).await.map_err(failed)?,
    };
    let references: Vec<(String, String)> =
        references.into_iter().map(|(name, schema)| (name, schema.schema.to_string())).collect();
    let kind = match latest.schema.schema_type {
        SchemaType::Avro => SchemaKind::Avro,
        SchemaType::Json => SchemaKind::Json,
        SchemaType::Protobuf => SchemaKind::Protobuf,
    };
    let texts = references.iter().map(|(name, text)| SchemaReference { name: name.clone(), text: text.clone() });
    let registered =
        RegisteredSchema { id: latest.id, kind, text: latest.schema.schema.to_string(), references: texts.collect() };
    let frozen = FrozenSchema {
        subject: subject.to_owned(),
        id: latest.id,
        version: latest.version,
        text: registered.text.clone(),
        references,
    };
    Ok(Some((registered, frozen)))
}
