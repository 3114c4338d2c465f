//! Primary keys: `TABLE_CONSTRAINTS`, `KEY_COLUMN_USAGE`.

use nutkin_plan::table::PrimaryKey;
use nutkin_types::Value;

use super::definition::{Definition, Kind, Source, ordinal, place, table_name, text};
use super::facts::{Entry, Facts};

pub(super) static TABLE_CONSTRAINTS: Definition = Definition {
    name: "TABLE_CONSTRAINTS",
    columns: &[
        ("CONSTRAINT_CATALOG_ID", Kind::Text),
        ("CONSTRAINT_CATALOG", Kind::Text),
        ("CONSTRAINT_SCHEMA_ID", Kind::Text),
        ("CONSTRAINT_SCHEMA", Kind::Text),
        ("CONSTRAINT_NAME", Kind::Text),
        ("TABLE_CATALOG_ID", Kind::Text),
        ("TABLE_CATALOG", Kind::Text),
        ("TABLE_SCHEMA_ID", Kind::Text),
        ("TABLE_SCHEMA", Kind::Text),
        ("TABLE_NAME", Kind::Text),
        ("CONSTRAINT_TYPE", Kind::Text),
        ("ENFORCED", Kind::Text),
    ],
    source: Source::Tables { by_name: &[] },
    rows: |facts| {
        keys(facts)
            .map(|(entry, key)| {
                let mut row = named(facts, entry, key);
                row.extend([text("PRIMARY KEY"), text("NO")]);
                row
            })
            .collect()
    },
};

pub(super) static KEY_COLUMN_USAGE: Definition = Definition {
    name: "KEY_COLUMN_USAGE",
    columns: &[
        ("CONSTRAINT_CATALOG_ID", Kind::Text),
        ("CONSTRAINT_CATALOG", Kind::Text),
        ("CONSTRAINT_SCHEMA_ID", Kind::Text),
        ("CONSTRAINT_SCHEMA", Kind::Text),
        ("CONSTRAINT_NAME", Kind::Text),
        ("TABLE_CATALOG_ID", Kind::Text),
        ("TABLE_CATALOG", Kind::Text),
        ("TABLE_SCHEMA_ID", Kind::Text),
        ("TABLE_SCHEMA", Kind::Text),
        ("TABLE_NAME", Kind::Text),
        ("COLUMN_NAME", Kind::Text),
        ("ORDINAL_POSITION", Kind::Int),
    ],
    source: Source::Tables { by_name: &[] },
    rows: |facts| {
        let of_key = |(entry, key): (&Entry, &PrimaryKey)| -> Vec<Vec<Value>> {
            let column = |(index, column): (usize, &String)| {
                let mut row = named(facts, entry, key);
                row.extend([text(column), ordinal(index)]);
                row
            };
            key.columns.iter().enumerate().map(column).collect()
        };
        keys(facts).flat_map(of_key).collect()
    },
};

fn keys(facts: &Facts) -> impl Iterator<Item = (&Entry, &PrimaryKey)> {
    facts.tables.iter().filter_map(|entry| Some((entry, entry.table.as_ref()?.primary_key.as_ref()?)))
}

fn named(facts: &Facts, entry: &Entry, key: &PrimaryKey) -> Vec<Value> {
    let mut row = place(&facts.own, &entry.database);
    row.push(text(&key.name));
    row.extend(table_name(&facts.own, entry));
    row
}
