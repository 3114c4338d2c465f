//! From expressions of the plan to compiled nodes.

use nutkin_plan::{Expr, ExprKind};

use super::lazy::{Case, Coalesce, Connective};
use super::node::Node;
use crate::cast;
use crate::column::Column;
use crate::context::EvaluatorOptions;
use crate::error::{FunctionError, SignatureError};
use crate::registry::{self, Determinism, Evaluation, Site};
use crate::resolve::literal;

pub(super) fn compile(expr: &Expr, options: &EvaluatorOptions) -> Result<Node, FunctionError> {
    match &expr.kind {
        ExprKind::Input(index) => Ok(Node::Input(*index)),
        ExprKind::Literal(value) => {
            let array = value.to_array(&expr.data_type, 1).map_err(|e| FunctionError::Inconsistent(e.to_string()))?;
            Ok(Node::Constant(Column::constant(array)))
        }
        ExprKind::Call { function, args } => call(expr, function, args, options),
        ExprKind::Cast { arg, on_failure } => {
            let node = compile(arg, options)?;
            if arg.data_type.logical == expr.data_type.logical {
                return Ok(Node::Same(Box::new(node)));
            }
            let kernel = cast::kernel(&arg.data_type, &expr.data_type, *on_failure, options)?;
            Ok(Node::Call { kernel, args: vec![node], per_row: false })
        }
        ExprKind::Case { branches, otherwise } => {
            let branches = branches
                .iter()
                .map(|(when, then)| Ok((compile(when, options)?, compile(then, options)?)))
                .collect::<Result<_, FunctionError>>()?;
            Ok(Node::Case(Box::new(Case { branches, otherwise: compile(otherwise, options)? })))
        }
        ExprKind::Field { arg, index } => Ok(Node::Field { arg: Box::new(compile(arg, options)?), index: *index }),
    }
}

fn call(expr: &Expr, name: &str, args: &[Expr], options: &EvaluatorOptions) -> Result<Node, FunctionError> {
    let function = registry::lookup(name).ok_or_else(|| SignatureError::UnknownFunction { name: name.to_owned() })?;
    if let (Evaluation::In(_), Some(parts)) = (function.evaluation, member_parts(expr, name, args)) {
        let nodes = parts.iter().map(|part| compile(part, options)).collect::<Result<_, _>>()?;
        return Ok(Node::Connective(Connective { args: nodes, decides: true }));
    }
    let mut nodes = args.iter().map(|arg| compile(arg, options)).collect::<Result<Vec<_>, _>>()?;
    match function.evaluation {
        Evaluation::Kernel(compile_kernel) | Evaluation::In(compile_kernel) => {
            let types: Vec<_> = args.iter().map(|arg| arg.data_type.clone()).collect();
            let literals: Vec<_> = args.iter().map(literal).collect();
            let site = Site { args: &types, literals: &literals, result: &expr.data_type, options };
            let per_row = function.determinism == Determinism::NonDeterministic;
            Ok(Node::Call { kernel: compile_kernel(&site)?, args: nodes, per_row })
        }
        Evaluation::And => Ok(Node::Connective(Connective { args: nodes, decides: false })),
        Evaluation::Or => Ok(Node::Connective(Connective { args: nodes, decides: true })),
        Evaluation::Coalesce => Ok(Node::Coalesce(Coalesce { args: nodes })),
        Evaluation::If => match (nodes.pop(), nodes.pop(), nodes.pop()) {
            (Some(otherwise), Some(then), Some(when)) => {
                Ok(Node::Case(Box::new(Case { branches: vec![(when, then)], otherwise })))
            }
            _ => Err(FunctionError::Inconsistent("IF takes three arguments".to_owned())),
        },
    }
}

/// `value IN (...)` as the conditions that an OR goes through: first all that is there without being computed, then one by one
/// what is. None when there is nothing to compute, or nothing else.
fn member_parts(expr: &Expr, name: &str, args: &[Expr]) -> Option<Vec<Expr>> {
    let (value, list) = args.split_first()?;
    let is_there = |item: &&Expr| matches!(item.kind, ExprKind::Literal(_) | ExprKind::Input(_));
    let (there, computed): (Vec<&Expr>, Vec<&Expr>) = list.iter().partition(is_there);
    if computed.is_empty() || list.len() == 1 {
        return None;
    }
    let one_of = |items: &[&Expr]| {
        let args = std::iter::once(value).chain(items.iter().copied()).cloned().collect();
        Expr::call(name, args, expr.data_type.clone())
    };
    let first = (!there.is_empty()).then(|| one_of(&there));
    Some(first.into_iter().chain(computed.iter().map(|item| one_of(&[item]))).collect())
}
