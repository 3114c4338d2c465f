//! CREATE TABLE ... LIKE (spec D-07): what of the source is taken, and what the new definition adds or replaces.

use std::collections::BTreeMap;

use nutkin_plan::Table;
use nutkin_plan::table::{ColumnKind, TableColumn};
use nutkin_sql::ast::{self, LikeFeature, LikeStrategy, LikeTable};

use super::{create_table, options};
use crate::analyze::Analyzer;
use crate::analyze::definition::typed;
use crate::analyzed::{Action, CreateTable, Distribution};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::{resolve_path, resolve_table};

/// What happens to each feature of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Merging {
    constraints: LikeStrategy,
    distribution: LikeStrategy,
    generated: LikeStrategy,
    metadata: LikeStrategy,
    options: LikeStrategy,
    watermarks: LikeStrategy,
}

pub(super) fn create_table_like(
    analyzer: &Analyzer<'_>,
    written: &ast::CreateTable,
    like: &LikeTable,
) -> Result<Action> {
    let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
    let source = resolve_table(&like.source, analyzer.session, analyzer.tables)?;
    let merging = Merging::of(like)?;
    let mut columns = columns(&source, &written.schema.columns, merging)?;
    let own_key = create_table::primary_key(&written.schema, &mut columns)?;
    let source_key = source.primary_key.clone().filter(|_| merging.constraints != LikeStrategy::Excluding);
    if own_key.is_some() && source_key.is_some() {
        let cause = "The base table already has a primary key. You might want to specify EXCLUDING CONSTRAINTS.";
        return Err(clash(cause).at(like.span));
    }
    create_table::retyped(&mut columns, analyzer.session.flink_extensions)?;
    let own_watermark = written.schema.watermark.as_ref();
    let own_watermark = own_watermark.map(|mark| create_table::of_watermark(mark, &columns)).transpose()?;
    let kept = merging.watermarks != LikeStrategy::Excluding;
    let source_watermark = source.watermark.clone().filter(|watermark| kept && !watermark.is_default);
    if let (Some(_), Some(base), LikeStrategy::Including) = (&own_watermark, &source_watermark, merging.watermarks) {
        let cause = format!(
            "There already exists a watermark spec for column '{}' in the base table. You might want to specify EXCLUDING WATERMARKS or OVERWRITING WATERMARKS.",
            base.column
        );
        return Err(clash(cause).at(like.span));
    }
    let own_distribution = create_table::written_distribution(written, &columns)?;
    let table = CreateTable {
        path,
        if_not_exists: written.if_not_exists,
        watermark: own_watermark.or(source_watermark),
        primary_key: own_key.or(source_key),
        distribution: own_distribution.or_else(|| distribution(&source, merging)),
        options: merged_options(&source, written, merging).map_err(|error| error.at(like.span))?,
        comment: written.comment.as_ref().map(|comment| comment.value.clone()),
        as_query: None,
        columns,
    };
    Ok(Action::CreateTable(Box::new(table)))
}

impl Merging {
    /// INCLUDING ALL OVERWRITING OPTIONS, unless the statement says otherwise; ALL stands for all features not named.
    fn of(like: &LikeTable) -> Result<Merging> {
        let all = like.options.iter().find(|option| option.feature == LikeFeature::All).map(|option| option.strategy);
        let rest = all.unwrap_or(LikeStrategy::Including);
        let mut merging = Merging {
            constraints: rest,
            distribution: rest,
            generated: rest,
            metadata: rest,
            options: all.unwrap_or(LikeStrategy::Overwriting),
            watermarks: rest,
        };
        for option in &like.options {
            let place = match option.feature {
                // Tables have no partitions besides their buckets.
                LikeFeature::All | LikeFeature::Partitions => continue,
                LikeFeature::Constraints => &mut merging.constraints,
                LikeFeature::Distribution => &mut merging.distribution,
                LikeFeature::Generated => &mut merging.generated,
                LikeFeature::Metadata => &mut merging.metadata,
                LikeFeature::Options => &mut merging.options,
                LikeFeature::Watermarks => &mut merging.watermarks,
            };
            *place = option.strategy;
        }
        for (strategy, name) in [(merging.constraints, "CONSTRAINTS"), (merging.distribution, "DISTRIBUTION")] {
            if strategy == LikeStrategy::Overwriting && all != Some(LikeStrategy::Overwriting) {
                let cause = format!("Illegal merging strategy OVERWRITING for {name}: use INCLUDING or EXCLUDING");
                return Err(clash(cause).at(like.span));
            }
        }
        Ok(merging)
    }
}

fn clash(cause: impl Into<String>) -> PlannerError {
    PlannerError::new(ErrorKind::Definition, cause)
}

/// The source's columns, then those of the definition; overwritten ones in their old place.
fn columns(source: &Table, written: &[ast::ColumnDef], merging: Merging) -> Result<Vec<TableColumn>> {
    let taken = |column: &&TableColumn| match column.kind {
        ColumnKind::Physical => true,
        ColumnKind::Computed { .. } => merging.generated != LikeStrategy::Excluding,
        ColumnKind::Metadata { .. } => merging.metadata != LikeStrategy::Excluding,
    };
    let mut columns: Vec<TableColumn> = source.columns.iter().filter(taken).cloned().collect();
    let stored: Vec<ast::ColumnDef> =
        written.iter().filter(|column| !matches!(column.kind, ast::ColumnKind::Computed(_))).cloned().collect();
    for (column, written) in create_table::columns(&stored, false)?.into_iter().zip(&stored) {
        put(&mut columns, column, merging).map_err(|error| error.at(written.name.span))?;
    }
    let all: Vec<TableColumn> =
        columns.iter().filter(|column| !matches!(column.kind, ColumnKind::Computed { .. })).cloned().collect();
    for written in written {
        if let ast::ColumnKind::Computed(expression) = &written.kind {
            let analyzed = typed(expression, &all)?;
            let column = TableColumn {
                name: written.name.value.clone(),
                data_type: analyzed.expr.data_type,
                kind: ColumnKind::Computed { expression: analyzed.text },
                comment: written.comment.as_ref().map(|comment| comment.value.clone()),
            };
            put(&mut columns, column, merging).map_err(|error| error.at(written.name.span))?;
        }
    }
    Ok(columns)
}

fn put(columns: &mut Vec<TableColumn>, column: TableColumn, merging: Merging) -> Result<()> {
    let Some(base) = columns.iter_mut().find(|other| other.name == column.name) else {
        columns.push(column);
        return Ok(());
    };
    let (name, what, strategy) = match (&column.kind, &base.kind) {
        (ColumnKind::Computed { .. }, ColumnKind::Computed { .. }) => ("generated", "GENERATED", merging.generated),
        (ColumnKind::Metadata { .. }, ColumnKind::Metadata { .. }) => ("metadata", "METADATA", merging.metadata),
        _ => {
            return Err(clash(format!("A column named '{}' already exists in the base table.", column.name)));
        }
    };
    if strategy == LikeStrategy::Overwriting {
        *base = column;
        return Ok(());
    }
    Err(clash(format!(
        "A {name} column named '{}' already exists in the base table. You might want to specify EXCLUDING {what} or OVERWRITING {what}.",
        column.name
    )))
}

fn distribution(source: &Table, merging: Merging) -> Option<Distribution> {
    let base = source.distribution.as_ref().filter(|_| merging.distribution != LikeStrategy::Excluding)?;
    Some(Distribution { keys: base.keys.clone(), buckets: Some(base.buckets) })
}

fn merged_options(source: &Table, written: &ast::CreateTable, merging: Merging) -> Result<BTreeMap<String, String>> {
    let own = options::options(&written.options);
    if merging.options == LikeStrategy::Excluding {
        return Ok(own);
    }
    let mut all = source.options.clone();
    for (key, value) in own {
        let before = all.insert(key.clone(), value);
        if let (Some(before), LikeStrategy::Including) = (before, merging.options) {
            return Err(clash(format!(
                "There already exists an option ['{key}' -> '{before}']  in the base table. You might want to specify EXCLUDING OPTIONS or OVERWRITING OPTIONS."
            )));
        }
    }
    Ok(all)
}
