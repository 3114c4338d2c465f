//! The catalog `examples` with its database `marketplace` (spec sample-data.md): in every listing, read-only, generated.

use std::collections::BTreeMap;

use nutkin_generate::Table as Generated;
use nutkin_plan::table::{ColumnKind, GeneratorTable, PrimaryKey, TableColumn, Watermark, WatermarkStrategy};
use nutkin_plan::{ChangelogMode, Connector, Table, TablePath};

use crate::catalog::Options;
use crate::snapshot::{CatalogNames, DatabaseNames};

pub(crate) const CATALOG: &str = "examples";
pub(crate) const CATALOG_ID: &str = "cat-examples";
pub(crate) const DATABASE: &str = "marketplace";
const DATABASE_ID: &str = "cat-examples-marketplace";

/// What the original prints for each column; the words and ranges that rows are made of follow it.
const EXPRESSIONS: &[(Generated, &[(&str, &str)])] = &[
    (
        Generated::Clicks,
        &[
            ("click_id", "#{Internet.UUID}"),
            ("user_id", "#{Number.numberBetween '3000','5000'}"),
            ("url", "#{regexify 'https://www[.]acme[.]com/product/[a-z]{5}'}"),
            ("user_agent", "#{Internet.UserAgent}"),
            ("view_time", "#{Number.numberBetween '10','120'}"),
        ],
    ),
    (
        Generated::Customers,
        &[
            ("customer_id", "#{Number.numberBetween '3000','3250'}"),
            ("name", "#{Name.fullName}"),
            ("address", "#{Address.streetAddress}"),
            ("postcode", "#{Address.postcode}"),
            ("city", "#{Address.city}"),
            ("email", "#{Internet.emailAddress}"),
        ],
    ),
    (
        Generated::Orders,
        &[
            ("order_id", "#{Internet.UUID}"),
            ("customer_id", "#{Number.numberBetween '3000','3250'}"),
            ("product_id", "#{Number.numberBetween '1000','1500'}"),
            ("price", "#{Number.randomDouble '2','10','100'}"),
        ],
    ),
    (
        Generated::Products,
        &[
            ("product_id", "#{Number.numberBetween '1000','1500'}"),
            ("name", "#{Commerce.productName}"),
            ("brand", "#{Commerce.brand}"),
            ("vendor", "#{Commerce.vendor}"),
            ("department", "#{Commerce.department}"),
        ],
    ),
];

/// The catalog as it is listed.
pub(crate) fn names() -> CatalogNames {
    let database = DatabaseNames { id: DATABASE_ID.to_owned(), name: DATABASE.to_owned() };
    CatalogNames { id: CATALOG_ID.to_owned(), name: CATALOG.to_owned(), databases: vec![database] }
}

/// Names of its tables, sorted.
pub(crate) fn tables() -> impl Iterator<Item = &'static str> {
    Generated::ALL.into_iter().map(Generated::name)
}

/// The table of that name.
pub(crate) fn table(name: &str, options: &Options) -> Option<Table> {
    let generated = Generated::from_name(name)?;
    let schema = generated.schema();
    let columns: Vec<TableColumn> = schema
        .columns
        .iter()
        .map(|column| TableColumn {
            name: column.name.clone(),
            data_type: column.data_type.clone(),
            kind: ColumnKind::Physical,
            comment: None,
        })
        .collect();
    let key: Vec<String> =
        generated.primary_key().iter().filter_map(|&i| columns.get(i)).map(|column| column.name.clone()).collect();
    let primary_key = (!key.is_empty()).then(|| PrimaryKey { name: format!("PK_{}", key.join("_")), columns: key });
    let changelog_mode = if primary_key.is_some() { ChangelogMode::Upsert } else { ChangelogMode::Append };
    Some(Table {
        path: TablePath { catalog: CATALOG.to_owned(), database: DATABASE.to_owned(), name: name.to_owned() },
        columns,
        watermark: Some(Watermark {
            column: "$rowtime".to_owned(),
            strategy: WatermarkStrategy::MaxSeen,
            is_default: true,
        }),
        primary_key,
        distribution: None,
        changelog_mode,
        options: printed(generated, changelog_mode, options.sample_rows_per_second),
        comment: None,
        connector: Connector::Generator(GeneratorTable {
            table: name.to_owned(),
            rows_per_second: options.sample_rows_per_second,
            seed: options.sample_seed,
        }),
    })
}

fn printed(table: Generated, mode: ChangelogMode, rows_per_second: u32) -> BTreeMap<String, String> {
    let mut options = BTreeMap::from([
        ("changelog.mode".to_owned(), mode.name().to_owned()),
        ("connector".to_owned(), "faker".to_owned()),
        ("rows-per-second".to_owned(), rows_per_second.to_string()),
    ]);
    let fields = EXPRESSIONS.iter().filter(|(of, _)| *of == table).flat_map(|(_, fields)| fields.iter());
    options.extend(fields.map(|(field, text)| (format!("fields.{field}.expression"), (*text).to_owned())));
    options
}
