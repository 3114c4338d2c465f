//! Option lists: `WITH ('key' = 'value', ...)`.

use std::collections::BTreeMap;

use nutkin_sql::ast::OptionEntry;

/// By key; of a key written twice the last.
pub(super) fn options(entries: &[OptionEntry]) -> BTreeMap<String, String> {
    entries.iter().map(|entry| (entry.key.value.clone(), entry.value.value.clone())).collect()
}
