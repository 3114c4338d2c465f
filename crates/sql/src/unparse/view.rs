//! Views and functions.

use super::{List, optional, optional_list, word};
use crate::ast::{
    AlterView, AlterViewAction, CreateFunction, CreateView, FunctionLanguage, FunctionResource, ResourceKind,
    ViewColumn,
};
use std::fmt::{self, Display, Formatter};

impl Display for CreateView {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE ")?;
        word(f, self.or_replace, "OR REPLACE")?;
        word(f, self.temporary, "TEMPORARY")?;
        f.write_str("VIEW ")?;
        word(f, self.if_not_exists, "IF NOT EXISTS")?;
        self.name.fmt(f)?;
        optional_list(f, "", &self.columns)?;
        optional(f, "COMMENT ", self.comment.as_ref())?;
        write!(f, " AS {}", self.query)
    }
}

impl Display for ViewColumn {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        optional(f, "COMMENT ", self.comment.as_ref())
    }
}

impl Display for AlterView {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("ALTER VIEW ")?;
        word(f, self.if_exists, "IF EXISTS")?;
        match &self.action {
            AlterViewAction::Rename(name) => write!(f, "{} RENAME TO {name}", self.name),
            AlterViewAction::As(query) => write!(f, "{} AS {query}", self.name),
        }
    }
}

impl Display for CreateFunction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE ")?;
        word(f, self.temporary, "TEMPORARY")?;
        word(f, self.system, "SYSTEM")?;
        f.write_str("FUNCTION ")?;
        word(f, self.if_not_exists, "IF NOT EXISTS")?;
        write!(f, "{} AS {}", self.name, self.class)?;
        optional(f, "LANGUAGE ", self.language.as_ref())?;
        if !self.resources.is_empty() {
            write!(f, " USING {}", List(&self.resources))?;
        }
        optional_list(f, "USING CONNECTIONS ", &self.connections)
    }
}

impl Display for FunctionLanguage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

impl Display for FunctionResource {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ResourceKind::Jar => "JAR",
            ResourceKind::File => "FILE",
            ResourceKind::Archive => "ARCHIVE",
            ResourceKind::Artifact => "ARTIFACT",
        };
        write!(f, "{kind} {}", self.uri)
    }
}
