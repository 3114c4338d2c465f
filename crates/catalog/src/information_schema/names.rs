//! Catalogs and databases: `CATALOGS`, `INFORMATION_SCHEMA_CATALOG_NAME`, `SCHEMATA` and its other name `DATABASES`.

use nutkin_types::Value;

use super::definition::{Definition, Kind, Source, place, text};
use super::facts::Facts;

const CATALOG: &[(&str, Kind)] = &[("CATALOG_ID", Kind::Text), ("CATALOG_NAME", Kind::Text)];
const SCHEMA: &[(&str, Kind)] =
    &[("CATALOG_ID", Kind::Text), ("CATALOG_NAME", Kind::Text), ("SCHEMA_ID", Kind::Text), ("SCHEMA_NAME", Kind::Text)];

/// Every catalog that the asker may see, in each of them.
pub(super) static CATALOGS: Definition =
    Definition { name: "CATALOGS", columns: CATALOG, source: Source::Names, rows: catalogs };

/// The catalog that this schema belongs to.
pub(super) static INFORMATION_SCHEMA_CATALOG_NAME: Definition =
    Definition { name: "INFORMATION_SCHEMA_CATALOG_NAME", columns: CATALOG, source: Source::Names, rows: own };

pub(super) static SCHEMATA: Definition =
    Definition { name: "SCHEMATA", columns: SCHEMA, source: Source::Names, rows: schemata };

pub(super) static DATABASES: Definition =
    Definition { name: "DATABASES", columns: SCHEMA, source: Source::Names, rows: schemata };

fn catalogs(facts: &Facts) -> Vec<Vec<Value>> {
    facts.catalogs.iter().map(|catalog| vec![text(&catalog.id), text(&catalog.name)]).collect()
}

fn own(facts: &Facts) -> Vec<Vec<Value>> {
    vec![vec![text(&facts.own.id), text(&facts.own.name)]]
}

fn schemata(facts: &Facts) -> Vec<Vec<Value>> {
    let information = super::database();
    facts.own.databases.iter().chain([&information]).map(|database| place(&facts.own, database)).collect()
}
