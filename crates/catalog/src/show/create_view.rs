//! SHOW CREATE VIEW (spec D-10): the statement that makes the view.

use nutkin_plan::TablePath;
use nutkin_types::display::quote_identifier;

use super::create_table::literal;
use crate::view::View;

/// The statement's text, ending in a line break. The query is as it was written.
pub(super) fn text(path: &TablePath, view: &View) -> String {
    let columns = view.columns.iter().map(|column| {
        let comment = column.comment.as_ref().map_or(String::new(), |text| format!(" COMMENT {}", literal(text)));
        format!("  {}{comment}", quote_identifier(&column.name))
    });
    let columns: Vec<String> = columns.collect();
    let comment = view.comment.as_ref().map_or(String::new(), |text| format!("COMMENT {}\n", literal(text)));
    format!("CREATE VIEW {path} (\n{}\n)\n{comment}AS {}\n", columns.join(",\n"), view.record.query)
}
