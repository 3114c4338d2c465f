//! Points at the place in a statement that an error names.

use crate::render::printable;

/// The line that `line N, column M` of an error names, with a caret under the column; `None` when the error names no place
/// of the statement. Both count from 1, columns in characters.
pub fn point_at(error: &str, statement: &str) -> Option<String> {
    let (line, column) = position(error)?;
    let text = statement.lines().nth(line.checked_sub(1)?)?;
    let before: String = text.chars().take(column.checked_sub(1)?).collect();
    // A position one past the end is that of a missing word.
    if column > text.chars().count() + 1 {
        return None;
    }
    // Tabs stay tabs in the second line, so that the caret stands right however wide they are.
    let indent: String = before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let shown: String = text.split('\t').map(printable).collect::<Vec<_>>().join("\t");
    Some(format!("{shown}\n{indent}^"))
}

/// The first `line N, column M` in a text, in any case of letters.
fn position(error: &str) -> Option<(usize, usize)> {
    let lower = error.to_ascii_lowercase();
    let mut rest = lower.as_str();
    while let Some(at) = rest.find("line ") {
        rest = &rest[at + "line ".len()..];
        let Some((line, after)) = number(rest) else { continue };
        let after = after.trim_start_matches(',').trim_start();
        if let Some((column, _)) = after.strip_prefix("column ").and_then(number) {
            return Some((line, column));
        }
    }
    None
}

fn number(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}
