//! StreamSink: what the table takes, and what must be done so that it gets it.

use nutkin_plan::operators::{Sink, SinkTarget};
use nutkin_plan::{ChangelogMode, Connector, Table};
use nutkin_types::{Column, Schema};

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::{Changes, changes, culprit};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::Rel;
use crate::relational::keys::upsert_keys;

/// Where rows go.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    Collect,
    /// The relation has the table's persisted columns in order.
    Table(&'a Table),
}

/// What a sink asks of its input.
struct Demand {
    need: Need,
    upsert_materialize: bool,
    /// Positions of the table's primary key in the input.
    primary_key: Vec<usize>,
}

impl Builder<'_> {
    /// Adds the sink for `rel`.
    pub fn sink(&mut self, rel: &Rel, target: Target<'_>) -> Result<usize> {
        let demand = match target {
            Target::Collect => {
                Demand { need: Need::BeforeAndAfter, upsert_materialize: false, primary_key: Vec::new() }
            }
            Target::Table(table) => demand(rel, table)?,
        };
        let mut input = self.lower(rel, demand.need)?;
        // What the exchange does to keys must not hide which key the query has.
        let keys = self.node(input).upsert_keys.clone();
        if demand.upsert_materialize {
            input = self.exchange(input, &demand.primary_key);
        }
        let (target, schema) = match target {
            Target::Collect => (SinkTarget::Collect, rel.schema.clone()),
            Target::Table(table) => (SinkTarget::Table(self.table(table)), sink_schema(rel, table)),
        };
        let below = self.node(input);
        let draft = Draft {
            operator: Sink {
                target,
                upsert_materialize: demand.upsert_materialize,
                state_ttl: self.session.state_ttl.filter(|_| demand.upsert_materialize),
            }
            .into(),
            inputs: vec![input],
            schema,
            mode: below.changelog_mode,
            keys,
        };
        Ok(self.push(draft))
    }
}

/// The input's types under the table's names.
fn sink_schema(rel: &Rel, table: &Table) -> Schema {
    let names = table.persisted_columns().map(|column| column.name.clone());
    Schema::new(rel.schema.columns.iter().zip(names).map(|(column, name)| Column { name, ..column.clone() }))
}

fn demand(rel: &Rel, table: &Table) -> Result<Demand> {
    let changes = changes(rel);
    let primary_key = primary_key(table);
    let plain = |need| Demand { need, upsert_materialize: false, primary_key: Vec::new() };
    if changes.is_append() {
        return Ok(plain(Need::After));
    }
    match (&table.connector, table.changelog_mode) {
        // Takes everything.
        (Connector::Blackhole, _) => Ok(plain(Need::BeforeAndAfter)),
        (_, ChangelogMode::Append) => Err(refused(rel, table, changes)),
        (_, ChangelogMode::Retract) => Ok(plain(Need::BeforeAndAfter)),
        (_, ChangelogMode::Upsert) => {
            let keys = upsert_keys(rel);
            let same = |key: &Vec<usize>| key.len() == primary_key.len() && key.iter().all(|c| primary_key.contains(c));
            let within = |key: &Vec<usize>| key.iter().all(|column| primary_key.contains(column));
            // As Flink: +U alone only when the keys are the same, and no correction when a key lies within the primary key.
            let need = if keys.iter().any(same) { Need::After } else { Need::BeforeAndAfter };
            Ok(Demand { need, upsert_materialize: !keys.iter().any(within), primary_key })
        }
    }
}

/// Positions of the primary key among the persisted columns.
fn primary_key(table: &Table) -> Vec<usize> {
    let Some(key) = &table.primary_key else { return Vec::new() };
    let place = |name: &String| table.persisted_columns().position(|column| column.name == *name);
    key.columns.iter().filter_map(place).collect()
}

fn refused(rel: &Rel, table: &Table, changes: Changes) -> PlannerError {
    let path = &table.path;
    PlannerError::new(
        ErrorKind::Sink,
        format!(
            "Table sink '{}.{}.{}' doesn't support consuming {} changes which is produced by node {}",
            path.catalog,
            path.database,
            path.name,
            changes.name(),
            culprit(rel)
        ),
    )
    .with_remedy(
        "The query's result is updated, and the table takes inserts only. Write into a table with a PRIMARY KEY \
         (changelog.mode upsert) or with 'changelog.mode' = 'retract', or aggregate over windows.",
    )
}
