//! SHOW (D-18).

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{
    ObjectKind, Preposition, Show, ShowColumns, ShowCreate, ShowFilter, ShowKind, ShowList, ShowScope, Statement,
};

/// What can be listed, longer keywords first.
const KINDS: [(&[&str], ShowKind); 16] = [
    (&["CATALOGS"], ShowKind::Catalogs),
    (&["DATABASES"], ShowKind::Databases),
    (&["TABLES"], ShowKind::Tables),
    (&["MATERIALIZED", "TABLES"], ShowKind::MaterializedTables),
    (&["VIEWS"], ShowKind::Views),
    (&["FUNCTIONS"], ShowKind::Functions),
    (&["USER", "FUNCTIONS"], ShowKind::UserFunctions),
    (&["PROCEDURES"], ShowKind::Procedures),
    (&["MODELS"], ShowKind::Models),
    (&["CONNECTIONS"], ShowKind::Connections),
    (&["AGENTS"], ShowKind::Agents),
    (&["TOOLS"], ShowKind::Tools),
    (&["JOBS"], ShowKind::Jobs),
    (&["MODULES"], ShowKind::Modules),
    (&["FULL", "MODULES"], ShowKind::FullModules),
    (&["JARS"], ShowKind::Jars),
];

/// Objects of SHOW CREATE.
const CREATED: [(&[&str], ObjectKind); 9] = [
    (&["TABLE"], ObjectKind::Table),
    (&["MATERIALIZED", "TABLE"], ObjectKind::MaterializedTable),
    (&["VIEW"], ObjectKind::View),
    (&["MODEL"], ObjectKind::Model),
    (&["CATALOG"], ObjectKind::Catalog),
    (&["CONNECTION"], ObjectKind::Connection),
    (&["FUNCTION"], ObjectKind::Function),
    (&["AGENT"], ObjectKind::Agent),
    (&["TOOL"], ObjectKind::Tool),
];

impl Parser<'_> {
    pub(super) fn show(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("SHOW")?;
        let show = if self.eat_kw("CURRENT") {
            if self.eat_kw("CATALOG") {
                Show::CurrentCatalog(self.since(start))
            } else {
                self.expect_kw("DATABASE")?;
                Show::CurrentDatabase(self.since(start))
            }
        } else if self.eat_kw("CREATE") {
            let kind = self.created_kind()?;
            let name = self.object_name()?;
            let span = self.since(start);
            Show::Create(ShowCreate { kind, name, span })
        } else if self.eat_kw("COLUMNS") {
            let Some(scope) = self.show_scope()? else {
                return self.unexpected();
            };
            let filter = self.show_filter()?;
            let span = self.since(start);
            Show::Columns(ShowColumns { scope, filter, span })
        } else if self.eat_kw("PARTITIONS") {
            Show::Partitions(self.object_name()?)
        } else {
            let kind = self.show_kind()?;
            let scope = self.show_scope()?;
            let filter = self.show_filter()?;
            let span = self.since(start);
            Show::List(ShowList { kind, scope, filter, span })
        };
        Ok(Statement::Show(Box::new(show)))
    }

    fn created_kind(&mut self) -> Parsed<ObjectKind> {
        for (words, kind) in CREATED {
            if self.eat_kws(words) {
                return Ok(kind);
            }
        }
        self.unexpected()
    }

    fn show_kind(&mut self) -> Parsed<ShowKind> {
        for (words, kind) in KINDS {
            if self.eat_kws(words) {
                return Ok(kind);
            }
        }
        for word in ["CURRENT", "CREATE", "COLUMNS", "PARTITIONS"] {
            self.note(word);
        }
        self.unexpected()
    }

    fn show_scope(&mut self) -> Parsed<Option<ShowScope>> {
        let preposition = if self.eat_kw("FROM") {
            Preposition::From
        } else if self.eat_kw("IN") {
            Preposition::In
        } else {
            return Ok(None);
        };
        let name = self.object_name()?;
        Ok(Some(ShowScope { preposition, name }))
    }

    fn show_filter(&mut self) -> Parsed<Option<ShowFilter>> {
        let negated = self.eat_kw("NOT");
        let case_insensitive = self.eat_kw("ILIKE");
        if !case_insensitive && !self.eat_kw("LIKE") {
            return if negated { self.unexpected() } else { Ok(None) };
        }
        let pattern = self.string()?;
        Ok(Some(ShowFilter { negated, case_insensitive, pattern }))
    }
}
