//! [`Scope`]: which names an expression sees, and what they mean.

use nutkin_plan::{Expr, ExprKind, TablePath};
use nutkin_sql::ast::{Ident, ObjectName};
use nutkin_types::{DataType, LogicalType, Schema};

use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::Rel;

/// The columns of a relation by name. Position in `columns` is position in the relation's output.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    pub tables: Vec<ScopeTable>,
    pub columns: Vec<ScopeColumn>,
}

/// A table in FROM.
#[derive(Debug, Clone)]
pub(crate) struct ScopeTable {
    /// Alias, or the table's own name; None for an unnamed sub-query.
    pub name: Option<String>,
    /// What it is called in full, when it has no alias.
    pub path: Option<TablePath>,
}

/// A column with its table.
#[derive(Debug, Clone)]
pub(crate) struct ScopeColumn {
    pub name: String,
    /// Position in [`Scope::tables`].
    pub table: usize,
    pub data_type: DataType,
    /// A system column such as `$rowtime`: found by name, left out of `*`.
    pub hidden: bool,
    /// Of a USING or NATURAL join: the same as a column of another table, found by its full name only.
    pub merged: bool,
}

/// A relation with the names of its columns.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    pub rel: Rel,
    pub scope: Scope,
}

impl Scope {
    /// The columns of `schema` as those of one table, of which the names in `hidden` are system columns.
    pub fn of(name: Option<String>, path: Option<TablePath>, schema: &Schema, hidden: &[String]) -> Scope {
        let column = |column: &nutkin_types::Column| ScopeColumn {
            name: column.name.clone(),
            table: 0,
            data_type: column.data_type.clone(),
            hidden: hidden.contains(&column.name),
            merged: false,
        };
        Scope { tables: vec![ScopeTable { name, path }], columns: schema.columns.iter().map(column).collect() }
    }

    /// This scope's columns followed by those of `right`.
    pub fn join(mut self, right: Scope) -> Scope {
        let shift = self.tables.len();
        self.tables.extend(right.tables);
        self.columns.extend(right.columns.into_iter().map(|c| ScopeColumn { table: c.table + shift, ..c }));
        self
    }

    /// The name of a table with all of its columns under another name; `columns` renames them from the left.
    pub fn renamed(mut self, name: String, columns: &[Ident]) -> Result<Scope> {
        let visible: Vec<usize> = self.columns.iter().enumerate().filter(|(_, c)| !c.hidden).map(|(i, _)| i).collect();
        if let Some(first) = columns.first() {
            if columns.len() != visible.len() {
                let cause = format!(
                    "List of column aliases must have same degree as table; table has {} columns, whereas alias list has {} columns",
                    visible.len(),
                    columns.len()
                );
                let last = columns.last().unwrap_or(first);
                return Err(PlannerError::new(ErrorKind::Query, cause).at(first.span.to(last.span)));
            }
            for (&place, ident) in visible.iter().zip(columns) {
                ident.value.clone_into(&mut self.columns[place].name);
            }
        }
        self.tables = vec![ScopeTable { name: Some(name), path: None }];
        self.columns.iter_mut().for_each(|column| column.table = 0);
        Ok(self)
    }

    /// Column `index` as an expression.
    pub fn input(&self, index: usize) -> Expr {
        let data_type = self.columns.get(index).map_or(LogicalType::Null.nullable(), |c| c.data_type.clone());
        Expr::input(index, data_type)
    }

    /// Positions of the columns that `*` stands for.
    pub fn visible(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns.iter().enumerate().filter(|(_, column)| !column.hidden).map(|(i, _)| i)
    }

    /// Positions of the columns that `name.*` stands for, when `name` is a table.
    pub fn visible_of(&self, name: &ObjectName) -> Option<Vec<usize>> {
        let table = self.find_table(&name.parts)?;
        Some(self.visible().filter(|&i| self.columns[i].table == table).collect())
    }

    /// The column or nested field of that name.
    pub fn resolve(&self, name: &ObjectName) -> Result<Expr> {
        self.resolve_parts(&name.parts).map_err(|error| error.at(name.span))
    }

    fn resolve_parts(&self, parts: &[Ident]) -> Result<Expr> {
        // The longest prefix that is a table wins: `t.a` is a column of t even when there is a row column `t`.
        for qualifier in (1..parts.len().min(4)).rev() {
            let Some(table) = self.find_table(&parts[..qualifier]) else { continue };
            let column = &parts[qualifier];
            let found = self.find(&column.value, Some(table))?;
            let Some(index) = found else {
                let cause = format!("Column '{}' not found in table '{}'", column.value, parts[qualifier - 1].value);
                return Err(self.unknown(cause, &column.value).at(column.span));
            };
            return fields(self.input(index), &parts[qualifier + 1..]);
        }
        let Some((first, rest)) = parts.split_first() else {
            return Err(PlannerError::new(ErrorKind::Internal, "a name without parts"));
        };
        match self.find(&first.value, None)? {
            Some(index) => fields(self.input(index), rest),
            None if rest.is_empty() => {
                let cause = format!("Column '{}' not found in any table", first.value);
                Err(self.unknown(cause, &first.value).at(first.span))
            }
            None => {
                let table: Vec<&str> = parts[..parts.len() - 1].iter().map(|part| part.value.as_str()).collect();
                Err(PlannerError::new(ErrorKind::NotFound, format!("Table '{}' not found", table.join(".")))
                    .at(first.span)
                    .with_remedy("An alias hides the table's own name: use the alias."))
            }
        }
    }

    fn find(&self, name: &str, table: Option<usize>) -> Result<Option<usize>> {
        let fits =
            |column: &&ScopeColumn| column.name == name && table.map_or(!column.merged, |table| column.table == table);
        let mut found = self.columns.iter().filter(fits);
        let (first, second) = (found.next(), found.next());
        if second.is_some() {
            return Err(PlannerError::new(ErrorKind::NotFound, format!("Column '{name}' is ambiguous"))
                .with_remedy("Write the table's alias before the column."));
        }
        Ok(first.and_then(|_| {
            self.columns.iter().position(|c| c.name == name && table.map_or(!c.merged, |table| c.table == table))
        }))
    }

    fn find_table(&self, parts: &[Ident]) -> Option<usize> {
        let matches = |table: &ScopeTable| match parts {
            [name] => table.name.as_deref() == Some(name.value.as_str()),
            [database, name] => {
                table.path.as_ref().is_some_and(|path| path.database == database.value && path.name == name.value)
            }
            [catalog, database, name] => table.path.as_ref().is_some_and(|path| {
                path.catalog == catalog.value && path.database == database.value && path.name == name.value
            }),
            _ => false,
        };
        self.tables.iter().position(matches)
    }

    fn unknown(&self, cause: String, name: &str) -> PlannerError {
        let error = PlannerError::new(ErrorKind::NotFound, cause);
        let similar = self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
        match similar {
            Some(column) => error.with_remedy(format!("Did you mean '{}'? Names are case-sensitive.", column.name)),
            None => error,
        }
    }
}

/// `expr.a.b`
fn fields(expr: Expr, path: &[Ident]) -> Result<Expr> {
    path.iter().try_fold(expr, field)
}

/// Field `name` of a ROW or of an object; NULL when that is.
pub(crate) fn field(row: Expr, name: &Ident) -> Result<Expr> {
    let Some(fields) = row.data_type.logical.fields() else {
        let cause = format!("Incompatible types: '{}' is no field of a value of type {}", name.value, row.data_type);
        return Err(PlannerError::new(ErrorKind::Type, cause).at(name.span));
    };
    let Some(index) = fields.iter().position(|field| field.name == name.value) else {
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        return Err(PlannerError::new(ErrorKind::NotFound, format!("Column '{}' not found in any table", name.value))
            .at(name.span)
            .with_remedy(format!("The row has the fields {}.", names.join(", "))));
    };
    let of_field = &fields[index].data_type;
    let data_type = of_field.with_nullable(of_field.nullable || row.data_type.nullable);
    Ok(Expr { kind: ExprKind::Field { arg: Box::new(row), index }, data_type })
}
