//! Hints: `/*+ NAME('k' = 'v'), NAME2(a, b) */`.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{Hint, HintArgs, OptionEntry, StringLiteral};
use crate::lexer::TokenKind;

impl Parser<'_> {
    /// The hints that stand here, if any.
    pub(super) fn hints(&mut self) -> Parsed<Vec<Hint>> {
        let mut hints = Vec::new();
        while self.peek().kind == TokenKind::HintStart {
            self.advance();
            loop {
                hints.push(self.hint()?);
                // Commas between hints may be left out.
                self.eat(",");
                if self.peek().kind == TokenKind::HintEnd {
                    self.advance();
                    break;
                }
            }
        }
        Ok(hints)
    }

    fn hint(&mut self) -> Parsed<Hint> {
        let name = self.ident()?;
        let start = name.span;
        let args = if self.symbol_at(0, "(") { self.hint_args()? } else { HintArgs::None };
        let span = self.since(start);
        Ok(Hint { name, args, span })
    }

    fn hint_args(&mut self) -> Parsed<HintArgs> {
        if self.symbol_at(1, ")") {
            self.advance();
            self.advance();
            return Ok(HintArgs::None);
        }
        self.expect("(")?;
        let first = self.hint_item()?;
        if !self.eat("=") {
            let mut items = vec![first];
            while self.eat(",") {
                items.push(self.hint_item()?);
            }
            self.expect(")")?;
            return Ok(HintArgs::Items(items));
        }
        let mut entries = vec![self.hint_entry(first)?];
        while self.eat(",") {
            let key = self.hint_item()?;
            self.expect("=")?;
            entries.push(self.hint_entry(key)?);
        }
        self.expect(")")?;
        Ok(HintArgs::Options(entries))
    }

    fn hint_entry(&mut self, key: StringLiteral) -> Parsed<OptionEntry> {
        let value = self.string()?;
        let span = self.since(key.span);
        Ok(OptionEntry { key, value, span })
    }

    /// A name (dotted), a string or a number, as text.
    fn hint_item(&mut self) -> Parsed<StringLiteral> {
        let token = self.peek();
        let value = match token.kind {
            TokenKind::Word | TokenKind::QuotedIdent => {
                let name = self.object_name()?;
                name.values().collect::<Vec<_>>().join(".")
            }
            TokenKind::Number => {
                self.advance();
                self.text_of(token).to_owned()
            }
            _ => return self.string(),
        };
        let span = self.since(token.span);
        Ok(StringLiteral { value, span })
    }
}
