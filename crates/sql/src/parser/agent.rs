//! Agents and tools (D-15).

use super::Parsed;
use super::cursor::Parser;
use super::statement::CreateWords;
use crate::ast::{AlterAgent, AlterAgentAction, CreateAgent, CreateTool, Statement, ToolSource};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn create_agent(&mut self, words: CreateWords) -> Parsed<Statement> {
        self.only_words(words, false, false, false)?;
        let if_not_exists = self.if_not_exists();
        let name = self.object_name()?;
        self.expect_kws(&["USING", "MODEL"])?;
        let model = self.object_name()?;
        let prompt = if self.eat_kws(&["USING", "PROMPT"]) { Some(self.string()?) } else { None };
        let tools = if self.eat_kws(&["USING", "TOOLS"]) { self.list(Self::object_name)? } else { Vec::new() };
        let comment = self.comment()?;
        let options = self.with_options()?;
        Ok(Statement::CreateAgent(Box::new(CreateAgent {
            if_not_exists,
            name,
            model,
            prompt,
            tools,
            comment,
            options,
            span: self.since(words.start),
        })))
    }

    pub(super) fn alter_agent(&mut self, start: Span) -> Parsed<Statement> {
        let if_exists = self.if_exists();
        let name = self.object_name()?;
        let action = if self.eat_kws(&["ADD", "TOOL"]) {
            AlterAgentAction::AddTool(self.object_name()?)
        } else if self.eat_kws(&["REMOVE", "TOOL"]) {
            AlterAgentAction::RemoveTool(self.object_name()?)
        } else {
            self.expect_kw("SET")?;
            if self.eat_kw("MODEL") {
                AlterAgentAction::SetModel(self.object_name()?)
            } else if self.eat_kw("PROMPT") {
                AlterAgentAction::SetPrompt(self.string()?)
            } else {
                AlterAgentAction::SetOptions(self.options()?)
            }
        };
        let span = self.since(start);
        let alter = AlterAgent { if_exists, name, action, span };
        Ok(Statement::AlterAgent(Box::new(alter)))
    }

    pub(super) fn create_tool(&mut self, words: CreateWords) -> Parsed<Statement> {
        self.only_words(words, false, false, false)?;
        let if_not_exists = self.if_not_exists();
        let name = self.object_name()?;
        self.expect_kw("USING")?;
        let source = if self.eat_kw("FUNCTION") {
            ToolSource::Function(self.object_name()?)
        } else {
            self.expect_kw("CONNECTION")?;
            ToolSource::Connection(self.object_name()?)
        };
        let comment = self.comment()?;
        let options = self.with_options()?;
        Ok(Statement::CreateTool(Box::new(CreateTool {
            if_not_exists,
            name,
            source,
            comment,
            options,
            span: self.since(words.start),
        })))
    }
}
