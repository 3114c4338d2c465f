//! ALTER TABLE (D-08).

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{
    AlterTable, AlterTableAction, ColumnChange, ColumnPosition, Ident, ObjectName, SchemaChange, Statement,
    StringLiteral,
};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn alter_table(&mut self, start: Span) -> Parsed<Statement> {
        let if_exists = self.if_exists();
        let name = self.object_name()?;
        let action = self.alter_table_action()?;
        let span = self.since(start);
        let alter = AlterTable { if_exists, name, action, span };
        Ok(Statement::AlterTable(Box::new(alter)))
    }

    pub(super) fn alter_table_action(&mut self) -> Parsed<AlterTableAction> {
        if self.eat_kw("ADD") {
            return self.schema_change().map(AlterTableAction::Add);
        }
        if self.eat_kw("MODIFY") {
            return self.schema_change().map(AlterTableAction::Modify);
        }
        if self.eat_kw("DROP") {
            return self.alter_table_drop();
        }
        if self.eat_kw("RENAME") {
            return self.alter_table_rename();
        }
        if self.eat_kw("SET") {
            if self.eat_kw("LIGHTNING") {
                self.expect_kw("MODE")?;
                return self.parens(Self::lightning_mode).map(AlterTableAction::SetLightningMode);
            }
            return self.options().map(AlterTableAction::SetOptions);
        }
        self.expect_kw("RESET")?;
        self.reset_keys().map(AlterTableAction::ResetOptions)
    }

    /// A name, or UPSERT, which is reserved.
    fn lightning_mode(&mut self) -> Parsed<Ident> {
        if self.at_kw("UPSERT") {
            let token = self.advance();
            return Ok(self.ident_of(token));
        }
        self.ident()
    }

    /// `('k', …)`
    pub(super) fn reset_keys(&mut self) -> Parsed<Vec<StringLiteral>> {
        self.paren_list(Self::string)
    }

    fn alter_table_drop(&mut self) -> Parsed<AlterTableAction> {
        if self.eat_kws(&["PRIMARY", "KEY"]) {
            return Ok(AlterTableAction::DropPrimaryKey);
        }
        if self.eat_kw("CONSTRAINT") {
            return self.ident().map(AlterTableAction::DropConstraint);
        }
        if self.eat_kw("WATERMARK") {
            return Ok(AlterTableAction::DropWatermark);
        }
        if self.eat_kw("DISTRIBUTION") {
            return Ok(AlterTableAction::DropDistribution);
        }
        if self.symbol_at(0, "(") {
            let columns = self.paren_list(Self::object_name)?;
            return Ok(AlterTableAction::DropColumns(columns));
        }
        let column = self.object_name()?;
        Ok(AlterTableAction::DropColumns(vec![column]))
    }

    fn alter_table_rename(&mut self) -> Parsed<AlterTableAction> {
        if self.eat_kw("TO") {
            return self.object_name().map(AlterTableAction::RenameTable);
        }
        let from = self.object_name()?;
        self.expect_kw("TO")?;
        let to = self.ident()?;
        Ok(AlterTableAction::RenameColumn { from, to })
    }

    /// One element, or several in parentheses.
    fn schema_change(&mut self) -> Parsed<SchemaChange> {
        let mut change = SchemaChange::default();
        if !self.eat("(") {
            self.schema_element(&mut change)?;
            return Ok(change);
        }
        loop {
            self.schema_element(&mut change)?;
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(change)
    }

    fn schema_element(&mut self, change: &mut SchemaChange) -> Parsed<()> {
        let start = self.peek().span;
        if self.at_watermark() {
            let watermark = self.watermark()?;
            if change.watermark.is_some() {
                return self.invalid(watermark.span, "Multiple WATERMARK statements is not supported yet.");
            }
            change.watermark = Some(watermark);
        } else if self.at_table_constraint() {
            change.constraints.push(self.table_constraint()?);
        } else if self.eat_kw("DISTRIBUTION") {
            change.distribution = Some(self.distribution_after(start)?);
        } else {
            let column = self.column_change()?;
            change.columns.push(column);
        }
        Ok(())
    }

    fn column_change(&mut self) -> Parsed<ColumnChange> {
        let path = self.object_name()?;
        let (parent, name) = split_path(path);
        let column = self.column_after(name)?;
        let position = if self.eat_kw("FIRST") {
            Some(ColumnPosition::First)
        } else if self.eat_kw("AFTER") {
            Some(ColumnPosition::After(self.object_name()?))
        } else {
            None
        };
        if column.kind == crate::ast::ColumnKind::Reference {
            return self.unexpected();
        }
        Ok(ColumnChange { column, parent, position })
    }
}

fn split_path(path: ObjectName) -> (Vec<Ident>, Ident) {
    let mut parts = path.parts;
    let name = parts.pop().unwrap_or_default();
    (parts, name)
}
