//! Offsets in options: `partition:0,offset:3;partition:1,offset:42` (spec sql.md 2.3).

use std::collections::BTreeMap;

/// Partition to offset, or what is wrong with `text`.
pub fn parse_offsets(text: &str) -> Result<BTreeMap<i32, i64>, String> {
    let problem = || format!("'{text}' is no list of offsets; write 'partition:0,offset:3;partition:1,offset:42'");
    let mut offsets = BTreeMap::new();
    for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (partition, offset) = entry.split_once(',').ok_or_else(problem)?;
        let partition = number(partition, "partition").ok_or_else(problem)?;
        let offset = number(offset, "offset").ok_or_else(problem)?;
        let partition = i32::try_from(partition).map_err(|_| problem())?;
        if offsets.insert(partition, offset).is_some() {
            return Err(format!("partition {partition} has two offsets in '{text}'"));
        }
    }
    if offsets.is_empty() { Err(problem()) } else { Ok(offsets) }
}

fn number(text: &str, label: &str) -> Option<i64> {
    let (name, value) = text.split_once(':')?;
    if name.trim() != label {
        return None;
    }
    value.trim().parse().ok().filter(|&n: &i64| n >= 0)
}
