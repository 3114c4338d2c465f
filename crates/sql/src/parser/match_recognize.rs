//! MATCH_RECOGNIZE.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{AfterMatch, Define, MatchRecognize, Measure, Pattern, RowsPerMatch, Subset};

impl Parser<'_> {
    /// The clauses in parentheses after the keyword.
    pub(super) fn match_recognize(&mut self) -> Parsed<MatchRecognize> {
        let start = self.expect("(")?;
        let partition_by = if self.eat_kws(&["PARTITION", "BY"]) { self.list(Self::expr)? } else { Vec::new() };
        let order_by = if self.at_kw("ORDER") { self.order_by()? } else { Vec::new() };
        let measures = if self.eat_kw("MEASURES") { self.list(Self::measure)? } else { Vec::new() };
        let rows_per_match = self.rows_per_match();
        let after_match = self.after_match()?;
        self.expect_kw("PATTERN")?;
        self.expect("(")?;
        let anchored_start = self.eat("^");
        let pattern = self.pattern()?;
        // `$` is a letter to the lexer.
        let anchored_end = self.eat_kw("$");
        self.expect(")")?;
        let within = if self.eat_kw("WITHIN") { Some(self.expr()?) } else { None };
        let subsets = if self.eat_kw("SUBSET") { self.list(Self::subset)? } else { Vec::new() };
        let defines = if self.eat_kw("DEFINE") { self.list(Self::define)? } else { Vec::new() };
        self.expect(")")?;
        let span = self.since(start);
        Ok(MatchRecognize {
            partition_by,
            order_by,
            measures,
            rows_per_match,
            after_match,
            pattern,
            anchored_start,
            anchored_end,
            within,
            subsets,
            defines,
            span,
        })
    }

    fn measure(&mut self) -> Parsed<Measure> {
        let expr = self.expr()?;
        self.expect_kw("AS")?;
        let alias = self.ident()?;
        Ok(Measure { expr, alias })
    }

    fn rows_per_match(&mut self) -> Option<RowsPerMatch> {
        if self.eat_kws(&["ONE", "ROW", "PER", "MATCH"]) {
            Some(RowsPerMatch::One)
        } else if self.eat_kws(&["ALL", "ROWS", "PER", "MATCH"]) {
            Some(RowsPerMatch::All)
        } else {
            None
        }
    }

    fn after_match(&mut self) -> Parsed<Option<AfterMatch>> {
        if !self.eat_kw("AFTER") {
            return Ok(None);
        }
        self.expect_kws(&["MATCH", "SKIP"])?;
        let skip = if self.eat_kw("PAST") {
            self.expect_kws(&["LAST", "ROW"])?;
            AfterMatch::PastLastRow
        } else {
            self.expect_kw("TO")?;
            if self.eat_kws(&["NEXT", "ROW"]) {
                AfterMatch::NextRow
            } else if self.keyword_at(0, "FIRST") && self.ident_at(1) {
                self.advance();
                AfterMatch::First(self.ident()?)
            } else {
                if self.keyword_at(0, "LAST") && self.ident_at(1) {
                    self.advance();
                }
                AfterMatch::Last(self.ident()?)
            }
        };
        Ok(Some(skip))
    }

    fn pattern(&mut self) -> Parsed<Pattern> {
        self.nested(|parser| {
            let mut branches = vec![parser.pattern_sequence()?];
            while parser.eat("|") {
                branches.push(parser.pattern_sequence()?);
            }
            Ok(only_or(branches, Pattern::Alternation))
        })
    }

    fn pattern_sequence(&mut self) -> Parsed<Pattern> {
        let mut items = vec![self.pattern_factor()?];
        while self.at_pattern_item() {
            items.push(self.pattern_factor()?);
        }
        Ok(only_or(items, Pattern::Sequence))
    }

    fn at_pattern_item(&self) -> bool {
        let anchor = self.keyword_at(0, "$");
        self.symbol_at(0, "(")
            || self.symbol_at(0, "{")
            || self.keyword_at(0, "PERMUTE")
            || (self.ident_at(0) && !anchor)
    }

    fn pattern_factor(&mut self) -> Parsed<Pattern> {
        let pattern = self.pattern_item()?;
        let (min, max) = if self.eat("*") {
            (0, None)
        } else if self.eat("+") {
            (1, None)
        } else if self.eat("?") {
            (0, Some(1))
        } else if self.symbol_at(0, "{") && !self.symbol_at(1, "-") {
            self.pattern_bounds()?
        } else {
            return Ok(pattern);
        };
        let reluctant = self.eat("?");
        let pattern = Box::new(pattern);
        Ok(Pattern::Quantified { pattern, min, max, reluctant })
    }

    /// `{n}`, `{n,}`, `{,m}`, `{n,m}`
    fn pattern_bounds(&mut self) -> Parsed<(u32, Option<u32>)> {
        self.expect("{")?;
        let min = if self.symbol_at(0, ",") { 0 } else { self.unsigned()? };
        let max = if !self.eat(",") {
            Some(min)
        } else if self.symbol_at(0, "}") {
            None
        } else {
            Some(self.unsigned()?)
        };
        self.expect("}")?;
        Ok((min, max))
    }

    fn pattern_item(&mut self) -> Parsed<Pattern> {
        if self.symbol_at(0, "(") {
            return self.parens(Self::pattern);
        }
        if self.symbol_at(0, "{") {
            self.advance();
            self.expect("-")?;
            let inner = Box::new(self.pattern()?);
            self.expect("-")?;
            self.expect("}")?;
            return Ok(Pattern::Exclude(inner));
        }
        if self.eat_kw("PERMUTE") {
            return self.paren_list(Self::pattern).map(Pattern::Permute);
        }
        self.ident().map(Pattern::Variable)
    }

    fn subset(&mut self) -> Parsed<Subset> {
        let name = self.ident()?;
        self.expect("=")?;
        let variables = self.ident_list()?;
        Ok(Subset { name, variables })
    }

    fn define(&mut self) -> Parsed<Define> {
        let variable = self.ident()?;
        self.expect_kw("AS")?;
        let condition = self.expr()?;
        Ok(Define { variable, condition })
    }
}

fn only_or(mut items: Vec<Pattern>, many: fn(Vec<Pattern>) -> Pattern) -> Pattern {
    match (items.len(), items.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            items.push(last);
            many(items)
        }
        (_, None) => many(items),
    }
}
