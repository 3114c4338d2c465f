//! Several reads of one table in a statement become one read of all columns that any of them wants (spec D-22).
//!
//! Equal relations are found when they are lowered; this makes the scans equal.

use nutkin_plan::operators::ScanColumn;
use nutkin_types::{Column, Schema};

use crate::relational::{Calc, Rel, RelOp, Scan, ScanTime};
use nutkin_plan::Expr;

/// Widens scans of the same table in `rels` until they are the same.
pub(crate) fn share_scans(rels: &mut [Rel]) {
    let mut groups: Vec<(Scan, Schema, usize)> = Vec::new();
    for rel in rels.iter() {
        collect(rel, &mut groups);
    }
    groups.retain(|(_, _, count)| *count > 1);
    for rel in rels.iter_mut() {
        widen(rel, &groups);
    }
}

fn collect(rel: &Rel, groups: &mut Vec<(Scan, Schema, usize)>) {
    if let RelOp::Scan(scan) = &rel.op {
        match groups.iter_mut().find(|(known, _, _)| known.table == scan.table) {
            None => groups.push((scan.clone(), rel.schema.clone(), 1)),
            Some((known, schema, count)) => {
                *count += 1;
                let mut columns: Vec<Column> = schema.columns.to_vec();
                for (source, column) in scan.columns.iter().zip(rel.schema.columns.iter()) {
                    if !known.columns.contains(source) {
                        known.columns.push(source.clone());
                        columns.push(column.clone());
                    }
                }
                *schema = Schema::new(columns);
                if known.time.is_none()
                    && let Some(time) = &scan.time
                {
                    known.time = Some(moved(time.clone(), &scan.columns, &known.columns));
                }
            }
        }
    }
    for input in rel.inputs() {
        collect(input, groups);
    }
}

fn widen(rel: &mut Rel, groups: &[(Scan, Schema, usize)]) {
    // A scan always has a Calc above; its expressions move to the wider columns.
    if let RelOp::Calc(Calc { input, projection, condition }) = &mut rel.op
        && let RelOp::Scan(scan) = &mut input.op
        && let Some((wide, schema, _)) = groups.iter().find(|(known, _, _)| known.table == scan.table)
    {
        let place = |column: usize| position(&scan.columns, &wide.columns, column);
        for expr in projection.iter_mut().chain(condition.as_mut()) {
            expr.map_inputs(&place);
        }
        *scan = wide.clone();
        input.schema = schema.clone();
    }
    for input in rel.inputs_mut() {
        widen(input, groups);
    }
}

fn position(from: &[ScanColumn], to: &[ScanColumn], column: usize) -> usize {
    from.get(column).and_then(|source| to.iter().position(|other| other == source)).unwrap_or(column)
}

fn moved(mut time: ScanTime, from: &[ScanColumn], to: &[ScanColumn]) -> ScanTime {
    let map = |expr: &mut Expr| expr.map_inputs(&|column| position(from, to, column));
    time.exprs_mut().into_iter().for_each(map);
    time
}
