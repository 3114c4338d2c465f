//! DROP of any object.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{DropObject, ObjectKind, Statement};

const DROPPED: [(&[&str], ObjectKind); 10] = [
    (&["TABLE"], ObjectKind::Table),
    (&["MATERIALIZED", "TABLE"], ObjectKind::MaterializedTable),
    (&["VIEW"], ObjectKind::View),
    (&["FUNCTION"], ObjectKind::Function),
    (&["MODEL"], ObjectKind::Model),
    (&["CONNECTION"], ObjectKind::Connection),
    (&["AGENT"], ObjectKind::Agent),
    (&["TOOL"], ObjectKind::Tool),
    (&["CATALOG"], ObjectKind::Catalog),
    (&["DATABASE"], ObjectKind::Database),
];

impl Parser<'_> {
    pub(super) fn drop(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("DROP")?;
        let temporary = self.eat_kw("TEMPORARY");
        for (words, kind) in DROPPED {
            if self.eat_kws(words) {
                let if_exists = self.if_exists();
                let name = self.object_name()?;
                let span = self.since(start);
                let object = DropObject { kind, temporary, if_exists, name, span };
                return Ok(Statement::Drop(Box::new(object)));
            }
        }
        self.unexpected()
    }
}
