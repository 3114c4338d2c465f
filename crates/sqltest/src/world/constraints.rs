//! Flink's options of sinks: what becomes of rows that their columns do not allow.

use std::collections::BTreeMap;

use nutkin_engine::{Constraints, Depth, LengthRule, NullRule};
use nutkin_plan::{Plan, Table};
use nutkin_planner::ErrorKind;
use nutkin_types::LogicalType;

use crate::refusal::Refusal;

const NULLS: &str = "table.exec.sink.not-null-enforcer";
const LENGTHS: &str = "table.exec.sink.type-length-enforcer";
const DEPTH: &str = "table.exec.sink.nested-constraint-enforcer";
pub(super) const OPTIONS: &[&str] = &[NULLS, LENGTHS, DEPTH];

/// What sinks do with rows that their columns do not allow.
///
/// # Errors
/// A value that Flink does not know either.
pub fn constraints(config: &BTreeMap<String, String>) -> Result<Constraints, Refusal> {
    let given = |key: &str| config.get(key).map(|value| value.to_ascii_uppercase()).unwrap_or_default();
    let wrong = |key: &str| {
        let problem = format!("'{}' is no value of the option '{key}'", given(key));
        Refusal::validation(ErrorKind::Property.code(), problem)
    };
    Ok(Constraints {
        nulls: match given(NULLS).as_str() {
            "" | "ERROR" => NullRule::Fail,
            "DROP" => NullRule::Drop,
            _ => return Err(wrong(NULLS)),
        },
        lengths: match given(LENGTHS).as_str() {
            "" | "IGNORE" => LengthRule::Ignore,
            "TRIM_PAD" => LengthRule::TrimAndPad,
            "ERROR" => LengthRule::Fail,
            _ => return Err(wrong(LENGTHS)),
        },
        depth: match given(DEPTH).as_str() {
            "" | "IGNORE" => Depth::Columns,
            "ROWS" => Depth::Rows,
            "ROWS_AND_COLLECTIONS" => Depth::RowsAndCollections,
            _ => return Err(wrong(DEPTH)),
        },
    })
}

/// Flink cannot cut what is inside of collections.
pub(super) fn check(constraints: &Constraints, plan: &Plan) -> Result<(), Refusal> {
    let Constraints { lengths: LengthRule::TrimAndPad, depth: Depth::RowsAndCollections, .. } = *constraints else {
        return Ok(());
    };
    let sinks = plan.sinks().filter_map(|sink| plan.tables.get(plan.nodes[sink].operator.table()?));
    let mut columns = sinks.flat_map(Table::persisted_columns);
    match columns.any(|column| has_length_in_collection(&column.data_type.logical, false)) {
        true => Err(Refusal::validation(
            ErrorKind::Property.code(),
            "Trimming and/or padding is not supported if constraint checking is enabled on types nested in \
             collections.",
        )),
        false => Ok(()),
    }
}

fn has_length_in_collection(logical: &LogicalType, inside: bool) -> bool {
    match logical {
        LogicalType::Char { .. }
        | LogicalType::VarChar { .. }
        | LogicalType::Binary { .. }
        | LogicalType::VarBinary { .. } => inside,
        LogicalType::Row { fields } | LogicalType::Structured { fields, .. } => {
            fields.iter().any(|field| has_length_in_collection(&field.data_type.logical, inside))
        }
        LogicalType::Array { element } | LogicalType::Multiset { element } => {
            has_length_in_collection(&element.logical, true)
        }
        LogicalType::Map { key, value } => {
            [key, value].iter().any(|part| has_length_in_collection(&part.logical, true))
        }
        _ => false,
    }
}
