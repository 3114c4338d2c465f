//! Typed scalar expressions over the columns of an operator's input, and calls of aggregate functions.
//!
//! Every node knows its [`DataType`]; implicit casts have been written out by the analysis, so whoever evaluates never
//! has to choose a type. Functions are named by their canonical name in the function registry.

use nutkin_types::{DataType, Value};
use serde::{Deserialize, Serialize};

/// An expression with its type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expr {
    pub kind: ExprKind,
    pub data_type: DataType,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ExprKind {
    /// Column at this position of the input; for a join, of left columns followed by right columns.
    Input(usize),
    Literal(Value),
    /// A function or operator by its canonical upper-case name: `+`, `AND`, `=`, `UPPER`, `CURRENT_TIMESTAMP`.
    /// `AND` and `OR` take two or more arguments.
    Call {
        function: String,
        args: Vec<Expr>,
    },
    /// CAST or TRY_CAST of `arg` to the type of this expression.
    Cast {
        arg: Box<Expr>,
        on_failure: CastFailure,
    },
    /// Searched CASE: value of the first branch whose condition is TRUE, else `otherwise`. Branches that are not taken
    /// are not evaluated.
    Case {
        branches: Vec<(Expr, Expr)>,
        otherwise: Box<Expr>,
    },
    /// Field `index` of a ROW.
    Field {
        arg: Box<Expr>,
        index: usize,
    },
}

/// What a value that cannot be converted becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CastFailure {
    /// CAST: the statement fails.
    Error,
    /// TRY_CAST: NULL.
    Null,
}

/// One aggregate function of an aggregation. Arguments, filter and order are columns of the operator's input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AggregateCall {
    /// Name of the output column.
    pub name: String,
    /// Canonical upper-case name: `COUNT`, `SUM`, `LISTAGG`.
    pub function: String,
    pub args: Vec<usize>,
    /// Constant arguments after the columns, such as the separator of LISTAGG.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub literals: Vec<Value>,
    pub distinct: bool,
    /// BOOLEAN column; only rows where it is TRUE count.
    pub filter: Option<usize>,
    pub data_type: DataType,
}

impl Expr {
    pub fn input(index: usize, data_type: DataType) -> Expr {
        Expr { kind: ExprKind::Input(index), data_type }
    }

    pub fn literal(value: Value, data_type: DataType) -> Expr {
        Expr { kind: ExprKind::Literal(value), data_type }
    }

    pub fn call(function: impl Into<String>, args: Vec<Expr>, data_type: DataType) -> Expr {
        Expr { kind: ExprKind::Call { function: function.into(), args }, data_type }
    }

    /// `arg` as `data_type`, or `arg` itself when it has that type already.
    pub fn cast(arg: Expr, data_type: DataType, on_failure: CastFailure) -> Expr {
        if arg.data_type == data_type {
            return arg;
        }
        Expr { kind: ExprKind::Cast { arg: Box::new(arg), on_failure }, data_type }
    }

    /// The direct parts of this expression, left to right.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Input(_) | ExprKind::Literal(_) => Vec::new(),
            ExprKind::Call { args, .. } => args.iter().collect(),
            ExprKind::Cast { arg, .. } | ExprKind::Field { arg, .. } => vec![arg],
            ExprKind::Case { branches, otherwise } => {
                branches.iter().flat_map(|(when, then)| [when, then]).chain([otherwise.as_ref()]).collect()
            }
        }
    }

    /// The direct parts, to be changed in place.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            ExprKind::Input(_) | ExprKind::Literal(_) => Vec::new(),
            ExprKind::Call { args, .. } => args.iter_mut().collect(),
            ExprKind::Cast { arg, .. } | ExprKind::Field { arg, .. } => vec![arg],
            ExprKind::Case { branches, otherwise } => {
                branches.iter_mut().flat_map(|(when, then)| [when, then]).chain([otherwise.as_mut()]).collect()
            }
        }
    }

    /// Calls `visit` on this expression and every part of it, outside in.
    pub fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// Replaces every column position by `map` of it.
    pub fn map_inputs(&mut self, map: &impl Fn(usize) -> usize) {
        if let ExprKind::Input(index) = &mut self.kind {
            *index = map(*index);
        }
        for child in self.children_mut() {
            child.map_inputs(map);
        }
    }

    /// The column positions read, sorted, each once.
    pub fn inputs(&self) -> Vec<usize> {
        let mut found = Vec::new();
        self.walk(&mut |expr| {
            if let ExprKind::Input(index) = expr.kind {
                found.push(index);
            }
        });
        found.sort_unstable();
        found.dedup();
        found
    }
}
