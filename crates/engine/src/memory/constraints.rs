//! [`Constraints`]: what becomes of rows that the columns of a table in memory do not allow, by the rules of Flink's options
//! `table.exec.sink.not-null-enforcer`, `type-length-enforcer` and `nested-constraint-enforcer`.

use nutkin_types::{DataType, LogicalType, Value};

use crate::error::{Failure, FailureKind, Result};

/// NULL where a type is NOT NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NullRule {
    #[default]
    Fail,
    /// The row is left out.
    Drop,
}

/// Texts and bytes that are longer than their type, or shorter than a CHAR or BINARY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LengthRule {
    #[default]
    Ignore,
    TrimAndPad,
    Fail,
}

/// How deep is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    #[default]
    Columns,
    /// Fields of rows, too.
    Rows,
    /// And elements of arrays, maps and multisets.
    RowsAndCollections,
}

/// The rules of a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Constraints {
    pub nulls: NullRule,
    pub lengths: LengthRule,
    pub depth: Depth,
}

impl Constraints {
    /// True when only NULL in a NOT NULL column is wrong.
    pub(crate) fn are_usual(&self) -> bool {
        *self == Constraints::default()
    }

    /// Makes `value` fit; false when its row is to be left out. `path` names the column in messages.
    ///
    /// # Errors
    /// NUTKIN-5104 for what must not be written.
    pub(crate) fn apply(&self, path: &str, data_type: &DataType, value: &mut Value) -> Result<bool> {
        if value.is_null() {
            return match (data_type.nullable, self.nulls) {
                (true, _) => Ok(true),
                (false, NullRule::Drop) => Ok(false),
                (false, NullRule::Fail) => Err(null_in(path, "")),
            };
        }
        self.fit(path, &data_type.logical, value)?;
        let (rows, collections) = (self.depth != Depth::Columns, self.depth == Depth::RowsAndCollections);
        match (&data_type.logical, value) {
            (LogicalType::Row { fields } | LogicalType::Structured { fields, .. }, Value::List(items)) if rows => {
                all(fields
                    .iter()
                    .zip(items)
                    .map(|(field, item)| self.apply(&format!("{path}.{}", field.name), &field.data_type, item)))
            }
            (LogicalType::Array { element }, Value::List(items)) if collections => {
                let path = format!("{path}[element]");
                all(items.iter_mut().map(|item| self.apply(&path, element, item)))
            }
            (LogicalType::Map { key, value }, Value::Map(pairs)) if collections => {
                let (keys, values) = (format!("{path}[key]"), format!("{path}[value]"));
                all(pairs.iter_mut().map(|(k, v)| Ok(self.apply(&keys, key, k)? && self.apply(&values, value, v)?)))
            }
            (LogicalType::Multiset { element }, Value::Map(pairs)) if collections => {
                let path = format!("{path}[element]");
                all(pairs.iter_mut().map(|(item, _)| self.apply(&path, element, item)))
            }
            _ => Ok(true),
        }
    }

    /// Looks at the length of a text or of bytes.
    fn fit(&self, path: &str, logical: &LogicalType, value: &mut Value) -> Result<()> {
        let (length, is_fixed) = match logical {
            LogicalType::Char { length } | LogicalType::Binary { length } => (*length as usize, true),
            LogicalType::VarChar { length } | LogicalType::VarBinary { length } => (*length as usize, false),
            _ => return Ok(()),
        };
        let given = match value {
            Value::String(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            _ => return Ok(()),
        };
        if given == length || (given < length && !is_fixed) {
            return Ok(());
        }
        match (self.lengths, value) {
            (LengthRule::Ignore, _) => Ok(()),
            (LengthRule::Fail, _) => Err(Failure::new(
                FailureKind::Serialization,
                format!(
                    "Column '{path}' is {logical}, however, a value of length {given} is being written into it. The option \
                     'table.exec.sink.type-length-enforcer' says what becomes of such values."
                ),
            )),
            (LengthRule::TrimAndPad, Value::String(text)) => {
                *text = text.chars().chain(std::iter::repeat(' ')).take(length.min(given.max(PADDED))).collect();
                Ok(())
            }
            (LengthRule::TrimAndPad, Value::Bytes(bytes)) => {
                bytes.resize(length.min(given.max(PADDED)), 0);
                Ok(())
            }
            (LengthRule::TrimAndPad, _) => Ok(()),
        }
    }
}

/// Values are padded up to here: a CHAR of two billion characters is a mistake, not a wish.
const PADDED: usize = 1 << 16;

/// True when all are; the first error ends it.
fn all(results: impl Iterator<Item = Result<bool>>) -> Result<bool> {
    let mut fits = true;
    for result in results {
        fits &= result?;
    }
    Ok(fits)
}

/// NULL in a NOT NULL column.
pub(crate) fn null_in(column: &str, of: &str) -> Failure {
    let cause = format!("Column '{column}'{of} is NOT NULL, however, a null value is being written into it.");
    Failure::new(FailureKind::Serialization, cause)
}
