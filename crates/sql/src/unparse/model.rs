//! Models, connections, catalogs and databases.

use super::{List, optional, optional_list, word};
use crate::ast::{
    AlterConnection, AlterModel, AlterModelAction, AlterNamespace, CreateConnection, CreateModel, CreateNamespace,
    ModelColumn,
};
use std::fmt::{self, Display, Formatter};

impl Display for CreateModel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE ")?;
        word(f, self.temporary, "TEMPORARY")?;
        f.write_str("MODEL ")?;
        word(f, self.if_not_exists, "IF NOT EXISTS")?;
        self.name.fmt(f)?;
        optional_list(f, "INPUT ", &self.input)?;
        optional_list(f, "OUTPUT ", &self.output)?;
        optional(f, "COMMENT ", self.comment.as_ref())?;
        optional_list(f, "WITH ", &self.options)?;
        optional(f, "AS ", self.query.as_ref())
    }
}

impl Display for ModelColumn {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.data_type)?;
        optional(f, "COMMENT ", self.comment.as_ref())
    }
}

impl Display for AlterModel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("ALTER MODEL ")?;
        word(f, self.if_exists, "IF EXISTS")?;
        let name = &self.name;
        match &self.action {
            AlterModelAction::Rename(to) => write!(f, "{name} RENAME TO {to}"),
            AlterModelAction::SetOptions(options) => write!(f, "{name} SET ({})", List(options)),
            AlterModelAction::ResetOptions(keys) => write!(f, "{name} RESET ({})", List(keys)),
        }
    }
}

impl Display for CreateConnection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE ")?;
        word(f, self.or_replace, "OR REPLACE")?;
        f.write_str("CONNECTION ")?;
        word(f, self.if_not_exists, "IF NOT EXISTS")?;
        self.name.fmt(f)?;
        optional(f, "COMMENT ", self.comment.as_ref())?;
        write!(f, " WITH ({})", List(&self.options))
    }
}

impl Display for AlterConnection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("ALTER CONNECTION ")?;
        word(f, self.if_exists, "IF EXISTS")?;
        write!(f, "{} SET ({})", self.name, List(&self.options))
    }
}

impl Display for CreateNamespace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "CREATE {} ", self.kind.keyword())?;
        word(f, self.if_not_exists, "IF NOT EXISTS")?;
        self.name.fmt(f)?;
        optional(f, "COMMENT ", self.comment.as_ref())?;
        optional_list(f, "WITH ", &self.options)
    }
}

impl Display for AlterNamespace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = self.kind.keyword();
        write!(f, "ALTER {kind} {} SET ({})", self.name, List(&self.options))
    }
}
