//! The tables of `examples.marketplace`: their columns, types and keys (spec sample-data).

use nutkin_types::{Column, LogicalType, Schema};

/// Customer ids, both ends included.
pub(crate) const CUSTOMERS: std::ops::RangeInclusive<u64> = 3000..=3250;
/// Product ids, both ends included.
pub(crate) const PRODUCTS: std::ops::RangeInclusive<u64> = 1000..=1500;
/// User ids of clicks, both ends included.
pub(crate) const USERS: std::ops::RangeInclusive<u64> = 3000..=5000;

/// One generated table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    Clicks,
    Customers,
    Orders,
    Products,
}

impl Table {
    pub const ALL: [Table; 4] = [Table::Clicks, Table::Customers, Table::Orders, Table::Products];

    pub fn name(self) -> &'static str {
        match self {
            Table::Clicks => "clicks",
            Table::Customers => "customers",
            Table::Orders => "orders",
            Table::Products => "products",
        }
    }

    /// The table of exactly this name.
    pub fn from_name(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The physical columns; all are NOT NULL. `$rowtime` is not among them.
    pub fn schema(self) -> Schema {
        let int = LogicalType::Int;
        let text = LogicalType::STRING;
        let columns: Vec<(&str, LogicalType)> = match self {
            Table::Clicks => vec![
                ("click_id", text.clone()),
                ("user_id", int.clone()),
                ("url", text.clone()),
                ("user_agent", text),
                ("view_time", int),
            ],
            Table::Customers => vec![
                ("customer_id", int),
                ("name", text.clone()),
                ("address", text.clone()),
                ("postcode", text.clone()),
                ("city", text.clone()),
                ("email", text),
            ],
            Table::Orders => vec![
                ("order_id", text.clone()),
                ("customer_id", int),
                ("product_id", text),
                ("price", LogicalType::Double),
            ],
            Table::Products => vec![
                ("product_id", text.clone()),
                ("name", text.clone()),
                ("brand", text.clone()),
                ("vendor", text.clone()),
                ("department", text),
            ],
        };
        Schema::new(columns.into_iter().map(|(name, logical)| Column::new(name, logical.not_null())))
    }

    /// Positions of the primary key's columns; empty for append-only tables. Tables with a key are upsert changelogs.
    pub fn primary_key(self) -> &'static [usize] {
        match self {
            Table::Customers | Table::Products => &[0],
            Table::Clicks | Table::Orders => &[],
        }
    }

    /// Number of keys that the first rows go through, each once; 0 for append-only tables.
    pub(crate) fn keys(self) -> u64 {
        let count = |range: std::ops::RangeInclusive<u64>| range.end() - range.start() + 1;
        match self {
            Table::Customers => count(CUSTOMERS),
            Table::Products => count(PRODUCTS),
            Table::Clicks | Table::Orders => 0,
        }
    }
}
