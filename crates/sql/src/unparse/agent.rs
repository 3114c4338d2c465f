//! Agents and tools.

use super::{List, optional, optional_list, word};
use crate::ast::{AlterAgent, AlterAgentAction, CreateAgent, CreateTool, ToolSource};
use std::fmt::{self, Display, Formatter};

impl Display for CreateAgent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE AGENT ")?;
        word(f, self.if_not_exists, "IF NOT EXISTS")?;
        write!(f, "{} USING MODEL {}", self.name, self.model)?;
        optional(f, "USING PROMPT ", self.prompt.as_ref())?;
        if !self.tools.is_empty() {
            write!(f, " USING TOOLS {}", List(&self.tools))?;
        }
        optional(f, "COMMENT ", self.comment.as_ref())?;
        optional_list(f, "WITH ", &self.options)
    }
}

impl Display for AlterAgent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("ALTER AGENT ")?;
        word(f, self.if_exists, "IF EXISTS")?;
        write!(f, "{} {}", self.name, self.action)
    }
}

impl Display for AlterAgentAction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AlterAgentAction::SetModel(model) => write!(f, "SET MODEL {model}"),
            AlterAgentAction::SetPrompt(prompt) => write!(f, "SET PROMPT {prompt}"),
            AlterAgentAction::AddTool(tool) => write!(f, "ADD TOOL {tool}"),
            AlterAgentAction::RemoveTool(tool) => write!(f, "REMOVE TOOL {tool}"),
            AlterAgentAction::SetOptions(options) => write!(f, "SET ({})", List(options)),
        }
    }
}

impl Display for CreateTool {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE TOOL ")?;
        word(f, self.if_not_exists, "IF NOT EXISTS")?;
        match &self.source {
            ToolSource::Function(name) => write!(f, "{} USING FUNCTION {name}", self.name)?,
            ToolSource::Connection(name) => write!(f, "{} USING CONNECTION {name}", self.name)?,
        }
        optional(f, "COMMENT ", self.comment.as_ref())?;
        optional_list(f, "WITH ", &self.options)
    }
}
