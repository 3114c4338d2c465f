//! Debezium envelopes: the row before, the row after and what happened, as rows with change kinds (spec sql.md 2.4 no. 9).
//!
//! One record is none, one or two rows. The decoder fills `before` and `after` side by side, and the rows are then picked out
//! of both in one go, so that no row is built by itself. In mode append a record is a new row or nothing, in upsert the row
//! after or a deletion, in retract also the row before a change.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringArray, StructArray, UInt32Array, new_null_array};
use arrow_schema::ArrowError;
use arrow_select::interleave::interleave;
use nutkin_formats::DecodedColumn;
use nutkin_plan::ChangelogMode;
use nutkin_types::{LogicalType, RowField, RowKind};

/// Where a row's values are: in `before`, in `after`, or nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pick {
    Before = 0,
    After = 1,
    Nothing = 2,
}

/// What to decode of an envelope so that `fields` of the rows in it can be had.
pub(crate) fn envelope(fields: &[DecodedColumn]) -> Vec<DecodedColumn> {
    let field = |column: &DecodedColumn| RowField::new(column.path.concat(), column.data_type.clone());
    let row = LogicalType::Row { fields: fields.iter().map(field).collect() }.nullable();
    vec![
        DecodedColumn::field("before", row.clone()),
        DecodedColumn::field("after", row),
        DecodedColumn::field("op", LogicalType::STRING.nullable()),
    ]
}

/// A batch of decoded envelopes.
pub(crate) struct Envelopes<'a> {
    before: &'a StructArray,
    after: &'a StructArray,
    op: &'a StringArray,
}

/// The rows that a batch of envelopes stands for.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Which record each row is of.
    pub records: Vec<u32>,
    pub kinds: Vec<u8>,
    picks: Vec<(usize, usize)>,
}

impl Changes {
    fn push(&mut self, record: usize, kind: RowKind, pick: Pick) {
        self.records.push(record as u32);
        self.kinds.push(kind as u8);
        self.picks.push(if pick == Pick::Nothing { (pick as usize, 0) } else { (pick as usize, record) });
    }
}

impl<'a> Envelopes<'a> {
    /// The three columns of [`envelope`]; None when they are of other types.
    pub fn new(columns: &'a [ArrayRef]) -> Option<Envelopes<'a>> {
        let [before, after, op] = columns else { return None };
        Some(Envelopes {
            before: before.as_struct_opt()?,
            after: after.as_struct_opt()?,
            op: op.as_string_opt::<i32>()?,
        })
    }

    /// Adds the rows of one record. `has_value` is false for a null value, which follows a deletion for the sake of compaction.
    ///
    /// # Errors
    /// What is wrong with the record; nothing was added then.
    pub fn add(&self, record: usize, has_value: bool, mode: ChangelogMode, to: &mut Changes) -> Result<(), String> {
        if !has_value {
            if mode == ChangelogMode::Upsert {
                to.push(record, RowKind::Delete, Pick::Nothing);
            }
            return Ok(());
        }
        if self.op.is_null(record) {
            return Err("the envelope has no 'op'".to_owned());
        }
        let op = self.op.value(record);
        match op {
            "c" | "r" => {
                self.check(record, Pick::After, op)?;
                let kind = if mode == ChangelogMode::Upsert { RowKind::UpdateAfter } else { RowKind::Insert };
                to.push(record, kind, Pick::After);
            }
            "u" => {
                self.check(record, Pick::After, op)?;
                match mode {
                    ChangelogMode::Append => to.push(record, RowKind::Insert, Pick::After),
                    ChangelogMode::Upsert => to.push(record, RowKind::UpdateAfter, Pick::After),
                    ChangelogMode::Retract => {
                        self.check(record, Pick::Before, op)?;
                        to.push(record, RowKind::UpdateBefore, Pick::Before);
                        to.push(record, RowKind::UpdateAfter, Pick::After);
                    }
                }
            }
            "d" => match mode {
                ChangelogMode::Append => {}
                ChangelogMode::Upsert => {
                    let pick = if self.before.is_null(record) { Pick::Nothing } else { Pick::Before };
                    to.push(record, RowKind::Delete, pick);
                }
                ChangelogMode::Retract => {
                    self.check(record, Pick::Before, op)?;
                    to.push(record, RowKind::Delete, Pick::Before);
                }
            },
            other => return Err(format!("the envelope's 'op' is '{other}', which is none of c, r, u and d")),
        }
        Ok(())
    }

    fn check(&self, record: usize, pick: Pick, op: &str) -> Result<(), String> {
        match pick {
            Pick::After if self.after.is_null(record) => Err(format!("the envelope of a change '{op}' has no 'after'")),
            Pick::Before if self.before.is_null(record) => Err(format!(
                "the envelope of a change '{op}' has no 'before', which changelog.mode retract needs. Let the database log \
                 whole rows (for PostgreSQL: REPLICA IDENTITY FULL), or use changelog.mode upsert"
            )),
            _ => Ok(()),
        }
    }

    /// Column `field` of the rows.
    pub fn column(&self, field: usize, changes: &Changes) -> Result<ArrayRef, ArrowError> {
        let [before, after] = [self.before.column(field), self.after.column(field)];
        let nothing = new_null_array(after.data_type(), 1);
        interleave(&[before.as_ref(), after.as_ref(), nothing.as_ref()], &changes.picks)
    }
}

/// A column of the records as one of the rows.
pub(crate) fn spread(column: &ArrayRef, changes: &Changes) -> Result<ArrayRef, ArrowError> {
    let indices = UInt32Array::from(changes.records.clone());
    arrow_select::take::take(column, &indices, None)
}
