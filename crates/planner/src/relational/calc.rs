//! Filter and projection.

use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{Column, Schema, TimeAttribute};

use super::Rel;

/// Keeps the rows where `condition` is TRUE and computes `projection` on them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Calc {
    pub input: Box<Rel>,
    pub projection: Vec<Expr>,
    pub condition: Option<Expr>,
}

impl Calc {
    pub(super) fn inputs(&self) -> Vec<&Rel> {
        vec![&self.input]
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        vec![&mut self.input]
    }

    /// True when every input column is passed on in its place and no row is dropped.
    pub fn is_identity(&self) -> bool {
        self.condition.is_none()
            && self.projection.len() == self.input.schema.len()
            && self.projection.iter().enumerate().all(|(i, expr)| matches!(expr.kind, ExprKind::Input(n) if n == i))
    }
}

impl Rel {
    /// A projection with these column names. Time attributes survive in bare columns only.
    pub fn project(self, projection: Vec<Expr>, names: Vec<String>) -> Rel {
        let schema = projected_schema(&self.schema, &projection, &names);
        Rel::new(Calc { input: Box::new(self), projection, condition: None }, schema)
    }

    /// A filter that keeps all columns.
    pub fn filter(self, condition: Expr) -> Rel {
        let schema = self.schema.clone();
        let projection = identity(&schema);
        Rel::new(Calc { input: Box::new(self), projection, condition: Some(condition) }, schema)
    }
}

/// One expression per column, in place.
pub(crate) fn identity(schema: &Schema) -> Vec<Expr> {
    schema.columns.iter().enumerate().map(|(i, column)| Expr::input(i, column.data_type.clone())).collect()
}

/// The columns that `projection` gives over `input`.
fn projected_schema(input: &Schema, projection: &[Expr], names: &[String]) -> Schema {
    Schema::new(projection.iter().zip(names).map(|(expr, name)| {
        let time_attribute = match expr.kind {
            ExprKind::Input(index) => input.columns.get(index).and_then(|column| column.time_attribute),
            _ => time_of(expr),
        };
        Column { name: name.clone(), data_type: expr.data_type.clone(), time_attribute }
    }))
}

/// PROCTIME() is a time attribute by itself (decision 15).
pub(crate) fn time_of(expr: &Expr) -> Option<TimeAttribute> {
    match &expr.kind {
        ExprKind::Call { function, .. } if function == "PROCTIME" => Some(TimeAttribute::Proctime),
        _ => None,
    }
}
