//! Small complete results: headings, rows of text, detail.

use nutkin_types::{Column, DataType, Schema};

use crate::outcome::{Outcome, ResultTable, Traits};

/// One row of a result.
pub(crate) type Row = Vec<Option<String>>;

/// A row of texts.
pub(crate) fn row<S: Into<String>>(cells: impl IntoIterator<Item = S>) -> Row {
    cells.into_iter().map(|cell| Some(cell.into())).collect()
}

/// A statement that is done and gives rows under `headings`.
pub(crate) fn table(sql_kind: String, headings: &[&str], rows: Vec<Row>) -> Outcome {
    let schema = Schema::new(headings.iter().map(|heading| Column::new(*heading, DataType::string())));
    Outcome::Executed {
        traits: traits(sql_kind, Some(schema)),
        result: ResultTable { rows },
        detail: String::new(),
        warnings: Vec::new(),
    }
}

/// A statement that is done and gives no rows.
pub(crate) fn done(sql_kind: String, detail: impl Into<String>) -> Outcome {
    Outcome::Executed {
        traits: traits(sql_kind, None),
        result: ResultTable::default(),
        detail: detail.into(),
        warnings: Vec::new(),
    }
}

/// The same outcome with a detail.
pub(crate) fn with_detail(outcome: Outcome, text: &str) -> Outcome {
    match outcome {
        Outcome::Executed { traits, result, warnings, .. } => {
            Outcome::Executed { traits, result, detail: text.to_owned(), warnings }
        }
        job => job,
    }
}

fn traits(sql_kind: String, schema: Option<Schema>) -> Traits {
    Traits { sql_kind, is_bounded: true, is_append_only: true, upsert_columns: None, schema }
}
