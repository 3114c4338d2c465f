//! The prompt: statements typed over several lines, history, completion.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Cmd, Config, Editor, EventHandler, KeyEvent};

use super::editor::{SqlHelper, ToggleCompletion};
use crate::error::{Error, Result};
use crate::{profile, script};

const HISTORY_LENGTH: usize = 1000;

/// What a person has typed.
#[derive(Debug, PartialEq)]
pub enum Typed {
    Statements(Vec<String>),
    Nothing,
    Exit,
}

/// Names that statements have used or shown, offered for completion. A cheap clone of one set.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary(Arc<Mutex<BTreeSet<String>>>);

/// Names kept; a long session must not grow without end.
const NAMES: usize = 5000;

impl Vocabulary {
    /// Takes the names out of a statement that the service has understood.
    pub fn learn(&self, sql: &str) {
        let words = sql.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
        let names = words.filter(|word| word.len() > 2 && !word.starts_with(|c: char| c.is_ascii_digit()));
        names.for_each(|name| self.add(name));
    }

    pub fn add(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() < NAMES {
            names.insert(name.to_owned());
        }
    }

    /// Names that begin with a prefix, whatever the case of its letters.
    pub fn matching(&self, prefix: &str) -> Vec<String> {
        let lower = prefix.to_lowercase();
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().filter(|name| name.to_lowercase().starts_with(&lower)).cloned().collect()
    }
}

/// The prompt on a terminal.
pub struct Prompt {
    editor: Editor<SqlHelper, FileHistory>,
    history: Option<PathBuf>,
}

impl Prompt {
    pub fn open(vocabulary: Vocabulary) -> Result<Prompt> {
        let config = Config::builder()
            .max_history_size(HISTORY_LENGTH)
            .map_err(terminal)?
            .history_ignore_space(true)
            .auto_add_history(false)
            .build();
        let mut editor = Editor::with_config(config).map_err(terminal)?;
        let helper = SqlHelper::new(vocabulary);
        let toggle = EventHandler::Conditional(Box::new(ToggleCompletion(helper.enabled.clone())));
        editor.bind_sequence(KeyEvent::ctrl('S'), toggle);
        editor.bind_sequence(KeyEvent::ctrl('Q'), EventHandler::Simple(Cmd::EndOfFile));
        editor.set_helper(Some(helper));
        let history = profile::config_dir().map(|directory| directory.join("history"));
        if let Some(path) = &history {
            // There is none at first.
            let _ = editor.load_history(path);
        }
        Ok(Prompt { editor, history })
    }

    /// Reads statements, up to a line that ends one.
    pub fn read(&mut self) -> Result<Typed> {
        match self.editor.readline("> ") {
            Ok(text) => {
                self.remember(&text);
                Ok(typed(&text))
            }
            Err(ReadlineError::Interrupted) => Ok(Typed::Nothing),
            Err(ReadlineError::Eof) => Ok(Typed::Exit),
            Err(error) => Err(terminal(error)),
        }
    }

    /// Statements that may hold a secret are not written to a file.
    fn remember(&mut self, text: &str) {
        let secret = ["secret", "password", "api-key", "api_key"].iter().any(|word| text.to_lowercase().contains(word));
        if text.trim().is_empty() || secret {
            return;
        }
        let _ = self.editor.add_history_entry(text);
        if let Some(path) = &self.history {
            if let Some(directory) = path.parent() {
                let _ = std::fs::create_dir_all(directory);
            }
            // A history that cannot be kept is no reason to stop.
            let _ = self.editor.save_history(path);
        }
    }
}

/// What a text that the person has ended asks for.
pub fn typed(text: &str) -> Typed {
    if is_exit(text) {
        return Typed::Exit;
    }
    let statements = script::split(text).into_statements();
    if statements.is_empty() { Typed::Nothing } else { Typed::Statements(statements) }
}

/// `exit` and `quit` need no `;`.
pub fn is_exit(text: &str) -> bool {
    let word = text.trim().trim_end_matches(';').trim();
    word.eq_ignore_ascii_case("exit") || word.eq_ignore_ascii_case("quit")
}

fn terminal(error: ReadlineError) -> Error {
    let source = match error {
        ReadlineError::Io(source) => source,
        other => std::io::Error::other(other.to_string()),
    };
    Error::Io { context: "the terminal failed".to_owned(), source }
}
