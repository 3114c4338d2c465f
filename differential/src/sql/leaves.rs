//! Columns and literals.

use nutkin_fuzz::random::Random;
use nutkin_types::LogicalType;
use nutkin_types::data_type::TypeFamily as F;

use super::tree::Tree;
use crate::sides::nutkin::Typing;

/// Every leaf that is used, with its type; columns first.
pub struct Leaves {
    columns: Vec<Tree>,
    literals: Vec<Tree>,
}

const LITERALS: &[&str] = &[
    "TRUE",
    "FALSE",
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "2147483647",
    "9223372036854775807",
    "CAST(5 AS TINYINT)",
    "CAST(300 AS SMALLINT)",
    "1.5",
    "-0.01",
    "2.50",
    "123456789.987654321",
    "CAST('99999999999999999999.99' AS DECIMAL(22, 2))",
    "1e0",
    "-2.5e0",
    "1.5e300",
    "CAST(0.1 AS FLOAT)",
    "''",
    "'a'",
    "'abc'",
    "'Hello World'",
    "'äöü'",
    "' pad '",
    "'12'",
    "'-7.5'",
    "'2024-02-29'",
    "'2024-02-29 12:34:56.789'",
    "'true'",
    "'a,b,c'",
    "','",
    "'it''s'",
    "X'00ff'",
    "X'616263'",
    "DATE '2024-02-29'",
    "DATE '1969-12-31'",
    "TIME '12:34:56'",
    "TIME '00:00:00'",
    "TIMESTAMP '2024-02-29 12:34:56.789'",
    "TIMESTAMP '1969-12-31 23:59:59'",
    "TIMESTAMP '2000-01-01 00:00:00.123456'",
    "CAST(TIMESTAMP '2024-02-29 12:34:56.789' AS TIMESTAMP_LTZ(3))",
    "TO_TIMESTAMP_LTZ(0, 3)",
    "INTERVAL '1' DAY",
    "INTERVAL '90' MINUTE",
    "INTERVAL '1 02:03:04.567' DAY TO SECOND",
    "INTERVAL '3' MONTH",
    "INTERVAL '1-2' YEAR TO MONTH",
    "INTERVAL -'5' SECOND",
    "ARRAY[1, 2, 3]",
    "ARRAY['a', 'b', CAST(NULL AS STRING)]",
    "MAP['k', 1]",
    "ROW(1, 'x')",
    "CAST(NULL AS INT)",
    "CAST(NULL AS STRING)",
    "CAST(NULL AS BOOLEAN)",
    "CAST(NULL AS DECIMAL(10, 2))",
    "CAST(NULL AS DOUBLE)",
    "CAST(NULL AS TIMESTAMP(3))",
    "CAST(NULL AS ARRAY<INT>)",
];

/// Fields of the columns that are rows.
const FIELDS: &[&str] = &["t.w.a", "t.w.b"];

impl Leaves {
    pub fn new(columns: &[(&str, &str)], typing: &Typing) -> Leaves {
        let typed = |text: &str| Some(Tree::leaf(text, typing.of(text)?));
        let mut names: Vec<Tree> = columns.iter().filter_map(|(name, _)| typed(name)).collect();
        let of_rows =
            FIELDS.iter().filter_map(|name| Some(Tree::leaf(*name, typing.of(name.trim_start_matches("t."))?)));
        if columns.iter().any(|(name, _)| *name == "w") {
            names.extend(of_rows);
        }
        let literals = LITERALS.iter().map(|text| typed(text).unwrap_or_else(|| panic!("{text} is refused"))).collect();
        Leaves { columns: names, literals }
    }

    /// One of the family, mostly a column.
    pub fn pick(&self, family: F, random: &mut Random) -> Tree {
        let from = if random.once_in(4) { &self.literals } else { &self.columns };
        self.one(from, &|leaf| leaf.logical.family() == family, random)
            .or_else(|| self.one(&self.literals, &|leaf| leaf.logical.family() == family, random))
            .unwrap_or_else(|| random.pick(&self.columns).clone())
    }

    /// One of exactly the type, if there is one.
    pub fn of_type(&self, logical: &LogicalType, random: &mut Random) -> Option<Tree> {
        let is_same = |leaf: &Tree| leaf.logical == *logical;
        self.one(&self.columns, &is_same, random).or_else(|| self.one(&self.literals, &is_same, random))
    }

    fn one(&self, from: &[Tree], fits: &dyn Fn(&Tree) -> bool, random: &mut Random) -> Option<Tree> {
        let fitting: Vec<&Tree> = from.iter().filter(|leaf| fits(leaf)).collect();
        (!fitting.is_empty()).then(|| (*random.pick(&fitting)).clone())
    }

    /// Simple leaves of the type, to put in the place of an expression.
    pub fn simple(&self, logical: &LogicalType) -> Vec<Tree> {
        let mut found: Vec<Tree> = vec![Tree::leaf(format!("CAST(NULL AS {})", nullable(logical)), logical.clone())];
        let all = self.columns.iter().chain(&self.literals);
        found.extend(all.filter(|leaf| leaf.logical == *logical).take(6).cloned());
        found
    }
}

/// The text of the type with no NOT NULL inside, which not every CAST takes.
fn nullable(logical: &LogicalType) -> String {
    logical.clone().nullable().erase_nullability().to_string()
}
