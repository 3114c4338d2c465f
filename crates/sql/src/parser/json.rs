//! The SQL/JSON functions.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{
    Expr, ExprKind, JsonExistsOnError, JsonFunction, JsonFunctionKind, JsonOnNull, JsonQueryBehavior,
    JsonValueBehavior, JsonWrapper,
};
use crate::span::Span;

impl Parser<'_> {
    /// `keyword ( … )`: the clauses between the parentheses give the function.
    fn json_call(
        &mut self,
        aggregate: bool,
        clauses: impl FnOnce(&mut Self) -> Parsed<JsonFunctionKind>,
    ) -> Parsed<Option<Expr>> {
        let start: Span = self.advance().span;
        let kind = self.parens(clauses)?;
        let over = if aggregate { self.over()? } else { None };
        let span = self.since(start);
        let function = JsonFunction { kind, over, span };
        Ok(Some(Expr::new(ExprKind::Json(Box::new(function)), span)))
    }

    fn input_and_path(&mut self) -> Parsed<(Expr, Expr)> {
        let input = self.expr()?;
        self.expect(",")?;
        let path = self.expr()?;
        Ok((input, path))
    }

    pub(super) fn json_exists(&mut self) -> Parsed<Option<Expr>> {
        self.json_call(false, |parser| {
            let (input, path) = parser.input_and_path()?;
            let behaviors = [
                ("TRUE", JsonExistsOnError::True),
                ("FALSE", JsonExistsOnError::False),
                ("UNKNOWN", JsonExistsOnError::Unknown),
                ("ERROR", JsonExistsOnError::Error),
            ];
            let mut on_error = None;
            for (word, behavior) in behaviors {
                if on_error.is_none() && parser.eat_kw(word) {
                    parser.expect_kws(&["ON", "ERROR"])?;
                    on_error = Some(behavior);
                }
            }
            Ok(JsonFunctionKind::Exists { input, path, on_error })
        })
    }

    pub(super) fn json_value(&mut self) -> Parsed<Option<Expr>> {
        self.json_call(false, |parser| {
            let (input, path) = parser.input_and_path()?;
            let returning = parser.json_returning()?;
            let (on_empty, on_error) = parser.json_behaviors(Self::json_value_behavior)?;
            Ok(JsonFunctionKind::Value { input, path, returning, on_empty, on_error })
        })
    }

    pub(super) fn json_query(&mut self) -> Parsed<Option<Expr>> {
        self.json_call(false, |parser| {
            let (input, path) = parser.input_and_path()?;
            let returning = parser.json_returning()?;
            let wrapper = parser.json_wrapper()?;
            let (on_empty, on_error) = parser.json_behaviors(Self::json_query_behavior)?;
            Ok(JsonFunctionKind::Query { input, path, returning, wrapper, on_empty, on_error })
        })
    }

    fn json_returning(&mut self) -> Parsed<Option<crate::ast::DataType>> {
        if self.eat_kw("RETURNING") { self.data_type().map(Some) } else { Ok(None) }
    }

    fn json_wrapper(&mut self) -> Parsed<Option<JsonWrapper>> {
        let wrapper = if self.eat_kw("WITHOUT") {
            JsonWrapper::Without
        } else if self.eat_kw("WITH") {
            if self.eat_kw("CONDITIONAL") {
                JsonWrapper::Conditional
            } else {
                self.eat_kw("UNCONDITIONAL");
                JsonWrapper::Unconditional
            }
        } else {
            return Ok(None);
        };
        self.eat_kw("ARRAY");
        self.expect_kw("WRAPPER")?;
        Ok(Some(wrapper))
    }

    /// `behavior ON EMPTY`, `behavior ON ERROR`, either, both or none, in any order.
    fn json_behaviors<B>(
        &mut self,
        mut behavior: impl FnMut(&mut Self) -> Parsed<Option<B>>,
    ) -> Parsed<(Option<B>, Option<B>)> {
        let (mut on_empty, mut on_error) = (None, None);
        while on_empty.is_none() || on_error.is_none() {
            let Some(found) = behavior(self)? else { break };
            self.expect_kw("ON")?;
            if on_empty.is_none() && self.eat_kw("EMPTY") {
                on_empty = Some(found);
            } else if on_error.is_none() && self.eat_kw("ERROR") {
                on_error = Some(found);
            } else {
                return self.unexpected();
            }
        }
        Ok((on_empty, on_error))
    }

    fn json_value_behavior(&mut self) -> Parsed<Option<JsonValueBehavior>> {
        Ok(if self.eat_kw("NULL") {
            Some(JsonValueBehavior::Null)
        } else if self.eat_kw("ERROR") {
            Some(JsonValueBehavior::Error)
        } else if self.eat_kw("DEFAULT") {
            Some(JsonValueBehavior::Default(Box::new(self.expr()?)))
        } else {
            None
        })
    }

    fn json_query_behavior(&mut self) -> Parsed<Option<JsonQueryBehavior>> {
        Ok(if self.eat_kw("NULL") {
            Some(JsonQueryBehavior::Null)
        } else if self.eat_kw("ERROR") {
            Some(JsonQueryBehavior::Error)
        } else if self.eat_kw("EMPTY") {
            if self.eat_kw("ARRAY") {
                Some(JsonQueryBehavior::EmptyArray)
            } else {
                self.expect_kw("OBJECT")?;
                Some(JsonQueryBehavior::EmptyObject)
            }
        } else {
            None
        })
    }

    pub(super) fn json_object(&mut self) -> Parsed<Option<Expr>> {
        self.json_call(false, |parser| {
            let mut entries = Vec::new();
            let mut on_null = parser.json_on_null();
            if on_null.is_none() && !parser.symbol_at(0, ")") {
                entries = parser.list(Self::json_entry)?;
                on_null = parser.json_on_null();
            }
            Ok(JsonFunctionKind::Object { entries, on_null })
        })
    }

    pub(super) fn json_array(&mut self) -> Parsed<Option<Expr>> {
        self.json_call(false, |parser| {
            let mut elements = Vec::new();
            let mut on_null = parser.json_on_null();
            if on_null.is_none() && !parser.symbol_at(0, ")") {
                elements = parser.list(Self::expr)?;
                on_null = parser.json_on_null();
            }
            Ok(JsonFunctionKind::Array { elements, on_null })
        })
    }

    pub(super) fn json_object_agg(&mut self) -> Parsed<Option<Expr>> {
        self.json_call(true, |parser| {
            let (key, value) = parser.json_entry()?;
            let on_null = parser.json_on_null();
            Ok(JsonFunctionKind::ObjectAgg { key, value, on_null })
        })
    }

    pub(super) fn json_array_agg(&mut self) -> Parsed<Option<Expr>> {
        self.json_call(true, |parser| {
            let element = parser.expr()?;
            let on_null = parser.json_on_null();
            Ok(JsonFunctionKind::ArrayAgg { element, on_null })
        })
    }

    /// `[KEY] key VALUE value`, `key : value`
    fn json_entry(&mut self) -> Parsed<(Expr, Expr)> {
        let key_is_column = self.keyword_at(1, "VALUE") || self.symbol_at(1, ":") || self.symbol_at(1, ".");
        if self.at_kw("KEY") && !key_is_column {
            self.advance();
        }
        let key = self.expr()?;
        if !self.eat(":") {
            self.expect_kw("VALUE")?;
        }
        let value = self.expr()?;
        Ok((key, value))
    }

    fn json_on_null(&mut self) -> Option<JsonOnNull> {
        if self.eat_kws(&["NULL", "ON", "NULL"]) {
            Some(JsonOnNull::Null)
        } else if self.eat_kws(&["ABSENT", "ON", "NULL"]) {
            Some(JsonOnNull::Absent)
        } else {
            None
        }
    }
}
