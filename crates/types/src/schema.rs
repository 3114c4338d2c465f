//! The columns that flow between two operators.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data_type::{DataType, LogicalType};

/// What a time column may be used for besides being a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimeAttribute {
    /// Event time: watermarks speak of this column.
    Rowtime,
    /// Processing time: read from the clock.
    Proctime,
}

/// One column: its name, type and role in time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub data_type: DataType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_attribute: Option<TimeAttribute>,
}

/// Columns in order. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Schema {
    pub columns: Arc<[Column]>,
}

impl Column {
    pub fn new(name: impl Into<String>, data_type: DataType) -> Column {
        Column { name: name.into(), data_type, time_attribute: None }
    }

    pub fn rowtime(name: impl Into<String>, data_type: DataType) -> Column {
        Column { name: name.into(), data_type, time_attribute: Some(TimeAttribute::Rowtime) }
    }

    pub fn is_rowtime(&self) -> bool {
        self.time_attribute == Some(TimeAttribute::Rowtime)
    }

    /// Type as DESCRIBE prints it: with ` *ROWTIME*` or ` *PROCTIME*` before NOT NULL (spec D-16).
    pub fn summary(&self) -> String {
        let mark = match self.time_attribute {
            None => "",
            Some(TimeAttribute::Rowtime) => " *ROWTIME*",
            Some(TimeAttribute::Proctime) => " *PROCTIME*",
        };
        let not_null = if self.data_type.nullable { "" } else { " NOT NULL" };
        format!("{}{mark}{not_null}", self.data_type.logical)
    }
}

impl Schema {
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Schema {
        Schema { columns: columns.into_iter().collect() }
    }

    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Position of the column with exactly this name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The columns at `indices`, in that order; indices past the end are left out.
    pub fn project(&self, indices: &[usize]) -> Schema {
        Schema::new(indices.iter().filter_map(|&i| self.columns.get(i).cloned()))
    }

    /// The columns as a ROW type.
    pub fn row_type(&self) -> LogicalType {
        LogicalType::row(self.columns.iter().map(|c| (c.name.clone(), c.data_type.clone())))
    }
}
