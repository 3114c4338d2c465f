//! CREATE FUNCTION (D-11).

use super::{ObjectName, StringLiteral};
use crate::span::Span;

/// `CREATE [TEMPORARY [SYSTEM]] FUNCTION [IF NOT EXISTS] f AS 'class' [LANGUAGE l] [USING JAR 'uri', …] [USING CONNECTIONS (…)]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateFunction {
    /// TEMPORARY.
    pub temporary: bool,
    /// SYSTEM.
    pub system: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// The function.
    pub name: ObjectName,
    /// Class, or qualified name of the Python object.
    pub class: StringLiteral,
    /// LANGUAGE as written.
    pub language: Option<FunctionLanguage>,
    /// USING JAR, USING ARTIFACT.
    pub resources: Vec<FunctionResource>,
    /// USING CONNECTIONS.
    pub connections: Vec<StringLiteral>,
    /// The whole statement.
    pub span: Span,
}

/// Languages of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the keywords say it")]
pub enum FunctionLanguage {
    Java,
    Scala,
    Sql,
    Python,
}

impl FunctionLanguage {
    /// The keyword in SQL.
    pub fn keyword(self) -> &'static str {
        match self {
            FunctionLanguage::Java => "JAVA",
            FunctionLanguage::Scala => "SCALA",
            FunctionLanguage::Sql => "SQL",
            FunctionLanguage::Python => "PYTHON",
        }
    }
}

/// `JAR 'uri'`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FunctionResource {
    /// What the file is.
    pub kind: ResourceKind,
    /// Where it is: `confluent-artifact://<id>[/<version>]`.
    pub uri: StringLiteral,
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the keywords say it")]
pub enum ResourceKind {
    Jar,
    File,
    Archive,
    Artifact,
}
