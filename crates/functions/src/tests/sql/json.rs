//! The syntax of the SQL/JSON functions.

use nutkin_plan::Expr;
use nutkin_types::DataType;

use super::{Answer, Parser, Problem, call, text};
use crate::resolve::json::{self, Item, OnMissing};
use crate::tests::lexer::Token;

impl Parser<'_> {
    /// A call whose opening parenthesis is past.
    pub(super) fn json(&mut self, name: &str) -> Answer {
        match name {
            "JSON_OBJECT" => return self.json_object(),
            "JSON_ARRAY" => return self.json_array(),
            _ => {}
        }
        let input = self.expr(0)?;
        self.reader.expect(",")?;
        let path = self.expr(0)?;
        let returning = if self.reader.word("RETURNING") { Some(self.reader.data_type()?) } else { None };
        let made = match name {
            "JSON_EXISTS" => return self.json_exists(input, path),
            "JSON_VALUE" => self.json_value(input, path, returning)?,
            _ => self.json_query(input, path, returning)?,
        };
        self.reader.expect(")")?;
        Ok(made)
    }

    fn json_exists(&mut self, input: Expr, path: Expr) -> Answer {
        let mut args = vec![input, path];
        let words = ["TRUE", "FALSE", "UNKNOWN", "ERROR"];
        if let Some(word) = words.into_iter().find(|word| self.reader.word(word)) {
            args.push(text(word));
            self.on()?;
        }
        self.reader.expect(")")?;
        call("JSON_EXISTS", args)
    }

    /// `ON EMPTY` is true, `ON ERROR` false.
    fn on(&mut self) -> Result<bool, Problem> {
        if !self.reader.word("ON") {
            return Err(Problem::Syntax("ON is missing".to_owned()));
        }
        Ok(self.reader.name()?.eq_ignore_ascii_case("EMPTY"))
    }

    fn json_value(&mut self, input: Expr, path: Expr, returning: Option<DataType>) -> Answer {
        let (mut on_empty, mut on_error) = (OnMissing::Null, OnMissing::Null);
        while !self.closes() {
            let behavior = if self.reader.word("NULL") {
                OnMissing::Null
            } else if self.reader.word("ERROR") {
                OnMissing::Error
            } else if self.reader.word("DEFAULT") {
                OnMissing::Default(self.expr(0)?)
            } else {
                return Err(Problem::Syntax("a clause of JSON_VALUE".to_owned()));
            };
            if self.on()? { on_empty = behavior } else { on_error = behavior }
        }
        Ok(json::value(input, path, returning, on_empty, on_error)?)
    }

    fn json_query(&mut self, input: Expr, path: Expr, returning: Option<DataType>) -> Answer {
        let (mut wrapper, mut on_empty, mut on_error) = ("WITHOUT", "NULL", "NULL");
        while !self.closes() {
            if self.reader.word("WITHOUT") || self.reader.word("WITH") {
                let conditional = self.reader.word("CONDITIONAL");
                let unconditional = self.reader.word("UNCONDITIONAL");
                let with = matches!(self.reader.tokens.get(self.reader.at - 1), Some(Token::Word(w)) if w.eq_ignore_ascii_case("WITH"));
                if conditional {
                    wrapper = "CONDITIONAL";
                } else if unconditional || with {
                    wrapper = "UNCONDITIONAL";
                }
                self.reader.word("ARRAY");
                self.reader.word("WRAPPER");
                continue;
            }
            let behavior = if self.reader.word("EMPTY") {
                if self.reader.word("ARRAY") {
                    "EMPTY ARRAY"
                } else {
                    self.reader.word("OBJECT");
                    "EMPTY OBJECT"
                }
            } else if self.reader.word("ERROR") {
                "ERROR"
            } else if self.reader.word("NULL") {
                "NULL"
            } else {
                return Err(Problem::Syntax("a clause of JSON_QUERY".to_owned()));
            };
            if self.on()? { on_empty = behavior } else { on_error = behavior }
        }
        Ok(json::query(input, path, returning, wrapper, on_empty, on_error)?)
    }

    fn closes(&self) -> bool {
        self.reader.peek() == Some(&Token::Symbol(")"))
    }

    /// `NULL ON NULL` or `ABSENT ON NULL` before the closing parenthesis: true for the latter.
    fn on_null(&mut self, default: bool) -> Result<bool, Problem> {
        let absent = if self.reader.word("ABSENT") {
            true
        } else if self.reader.word("NULL") {
            false
        } else {
            self.reader.expect(")")?;
            return Ok(default);
        };
        self.on()?;
        self.reader.expect(")")?;
        Ok(absent)
    }

    fn json_object(&mut self) -> Answer {
        let mut entries = Vec::new();
        while !self.closes() && !self.reader.is_word("ABSENT") && !self.reader.is_word("NULL") {
            self.reader.word("KEY");
            let key = self.expr(0)?;
            if !self.reader.word("VALUE") {
                self.reader.expect(":")?;
            }
            entries.push((key, self.json_item()?));
            self.reader.symbol(",");
        }
        let absent = self.on_null(false)?;
        Ok(json::object(entries, absent)?)
    }

    fn json_array(&mut self) -> Answer {
        let mut items = Vec::new();
        while !self.closes() && !self.reader.is_word("ABSENT") && !self.reader.is_word("NULL") {
            items.push(self.json_item()?);
            self.reader.symbol(",");
        }
        let absent = self.on_null(true)?;
        Ok(json::array(items, absent)?)
    }

    fn json_item(&mut self) -> Result<Item, Problem> {
        let follows = self.reader.tokens.get(self.reader.at + 1) == Some(&Token::Symbol("("));
        if !self.reader.is_word("JSON") || !follows {
            return Ok(Item::Value(self.expr(0)?));
        }
        self.reader.at += 2;
        let text = self.expr(0)?;
        self.reader.expect(")")?;
        Ok(Item::Json(text))
    }
}
