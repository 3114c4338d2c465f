//! Which parts of an expression call aggregate functions.

use nutkin_sql::ast::{self, ExprKind as Ast, FunctionCall, JsonFunctionKind};
use nutkin_sql::{Visitor, walk_expr, walk_function_call};

/// True when the call is one of an aggregate function, not of an OVER window.
pub(crate) fn is_aggregate(call: &FunctionCall) -> bool {
    call.over.is_none()
        && call.name.as_simple().is_some_and(|name| nutkin_functions::aggregate::lookup(&name.value).is_some())
}

/// True when `expr` calls an aggregate function anywhere outside of sub-queries.
pub(crate) fn has_aggregate(expr: &ast::Expr) -> bool {
    let mut search = Search { found: false };
    search.expr(expr);
    search.found
}

/// True when `expr` has an OVER window or a sub-query in it.
pub(crate) fn has_over_or_query(expr: &ast::Expr) -> bool {
    let mut search = SpecialSearch { found: false };
    search.expr(expr);
    search.found
}

struct SpecialSearch {
    found: bool,
}

impl Visitor for SpecialSearch {
    fn expr(&mut self, expr: &ast::Expr) {
        if !self.found {
            walk_expr(self, expr);
        }
    }

    fn function_call(&mut self, call: &FunctionCall) {
        self.found |= call.over.is_some();
        if !self.found {
            walk_function_call(self, call);
        }
    }

    fn query(&mut self, _query: &ast::Query) {
        self.found = true;
    }
}

struct Search {
    found: bool,
}

impl Visitor for Search {
    fn expr(&mut self, expr: &ast::Expr) {
        self.found |= match &expr.kind {
            Ast::Json(json) => {
                matches!(json.kind, JsonFunctionKind::ObjectAgg { .. } | JsonFunctionKind::ArrayAgg { .. })
            }
            _ => false,
        };
        if !self.found {
            walk_expr(self, expr);
        }
    }

    fn function_call(&mut self, call: &FunctionCall) {
        self.found |= is_aggregate(call);
        if !self.found {
            walk_function_call(self, call);
        }
    }

    fn query(&mut self, _query: &ast::Query) {}
}
