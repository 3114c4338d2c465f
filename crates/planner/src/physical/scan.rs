//! StreamTableSourceScan, and what an upsert source needs for consumers of -U.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::{Calc, ChangelogNormalize, DropUpdateBefore, ScanWatermark, TableSourceScan};

use super::Need;
use super::builder::{Builder, Draft};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::keys::upsert_keys;
use crate::relational::{Rel, Scan, ScanTime, WatermarkSource, identity};

/// A scan that is not below a Calc, or whose changes must be completed first.
pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Scan, need: Need) -> Result<usize> {
    let is_normalized = needs_normalize(builder, op, need);
    let scan = source(builder, rel, op, if is_normalized { Need::After } else { need });
    // Flink's plans have a projection on top of every scan.
    let below = builder.node(scan);
    let draft = Draft {
        operator: Calc { projection: identity(&rel.schema), condition: None }.into(),
        inputs: vec![scan],
        schema: rel.schema.clone(),
        mode: below.changelog_mode,
        keys: below.upsert_keys.clone(),
    };
    let calc = builder.push(draft);
    if !is_normalized {
        return Ok(calc);
    }
    normalize(builder, rel, op, calc)
}

/// True when the source's changes lack the -U that the consumer needs, or may come twice.
pub(super) fn needs_normalize(builder: &Builder<'_>, op: &Scan, need: Need) -> bool {
    op.at_end
        || match op.table.changelog_mode {
            ChangelogMode::Append => false,
            ChangelogMode::Upsert => need == Need::BeforeAndAfter,
            ChangelogMode::Retract => builder.session.duplicate_events && op.table.primary_key.is_some(),
        }
}

/// The scan itself, without the old rows of updates where nobody needs them.
pub(super) fn source(builder: &mut Builder<'_>, rel: &Rel, op: &Scan, need: Need) -> usize {
    let table = builder.table(&op.table);
    let draft = Draft {
        operator: TableSourceScan { table, columns: op.columns.clone(), watermark: op.time.as_ref().map(watermark) }
            .into(),
        inputs: Vec::new(),
        schema: rel.schema.clone(),
        mode: op.table.changelog_mode,
        keys: upsert_keys(rel),
    };
    let scan = builder.push(draft);
    if op.at_end || op.table.changelog_mode != ChangelogMode::Retract || need == Need::BeforeAndAfter {
        return scan;
    }
    let draft = Draft {
        operator: DropUpdateBefore {}.into(),
        inputs: vec![scan],
        schema: rel.schema.clone(),
        mode: ChangelogMode::Upsert,
        keys: upsert_keys(rel),
    };
    builder.push(draft)
}

fn watermark(time: &ScanTime) -> ScanWatermark {
    let rowtime = time.rowtime.clone();
    match &time.source {
        WatermarkSource::Source => ScanWatermark::Source { rowtime },
        WatermarkSource::MaxSeen => ScanWatermark::MaxSeen { rowtime },
        WatermarkSource::Expression(watermark) => ScanWatermark::Expression { rowtime, watermark: watermark.clone() },
    }
}

fn normalize(builder: &mut Builder<'_>, rel: &Rel, op: &Scan, input: usize) -> Result<usize> {
    let keys = upsert_keys(rel);
    let Some(key) = keys.first().cloned() else {
        let cause = format!(
            "Table {} is configured to produce an upsert stream, but has no primary key that its changes can be completed by",
            op.table.path
        );
        return Err(PlannerError::new(ErrorKind::Query, cause)
            .with_remedy("Declare a PRIMARY KEY on the table, or set its 'changelog.mode' to append or retract."));
    };
    let input = builder.exchange(input, &key);
    let draft = Draft {
        operator: ChangelogNormalize { key, state_ttl: builder.session.state_ttl, at_end: op.at_end }.into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: if op.at_end { ChangelogMode::Append } else { ChangelogMode::Retract },
        keys,
    };
    Ok(builder.push(draft))
}
