//! Agents and tools (D-15).

use super::{ObjectName, OptionEntry, StringLiteral};
use crate::span::Span;

/// `CREATE AGENT [IF NOT EXISTS] a USING MODEL m [USING PROMPT 'p'] [USING TOOLS t1, t2] [COMMENT] [WITH (…)]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateAgent {
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// The agent.
    pub name: ObjectName,
    /// USING MODEL.
    pub model: ObjectName,
    /// USING PROMPT.
    pub prompt: Option<StringLiteral>,
    /// USING TOOLS.
    pub tools: Vec<ObjectName>,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
    /// WITH.
    pub options: Vec<OptionEntry>,
    /// The whole statement.
    pub span: Span,
}

/// `ALTER AGENT [IF EXISTS] a action`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlterAgent {
    /// IF EXISTS.
    pub if_exists: bool,
    /// The agent.
    pub name: ObjectName,
    /// What changes.
    pub action: AlterAgentAction,
    /// The whole statement.
    pub span: Span,
}

/// What changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AlterAgentAction {
    /// `SET MODEL m`
    SetModel(ObjectName),
    /// `SET PROMPT 'p'`
    SetPrompt(StringLiteral),
    /// `ADD TOOL t`
    AddTool(ObjectName),
    /// `REMOVE TOOL t`
    RemoveTool(ObjectName),
    /// `SET ('k' = 'v')`
    SetOptions(Vec<OptionEntry>),
}

/// `CREATE TOOL [IF NOT EXISTS] t USING FUNCTION f | CONNECTION c [TYPE …] [COMMENT] [WITH (…)]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreateTool {
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// The tool.
    pub name: ObjectName,
    /// What it calls.
    pub source: ToolSource,
    /// COMMENT.
    pub comment: Option<StringLiteral>,
    /// WITH.
    pub options: Vec<OptionEntry>,
    /// The whole statement.
    pub span: Span,
}

/// What a tool calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ToolSource {
    /// `USING FUNCTION f`
    Function(ObjectName),
    /// `USING CONNECTION c`
    Connection(ObjectName),
}
