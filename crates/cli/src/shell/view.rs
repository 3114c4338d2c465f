//! The results of a statement on the terminal.
//!
//! Rows that only come are printed as they come. Rows that change are shown as a table that is drawn over, or as the changes
//! themselves; `M` changes between the two, `Q` and Ctrl-C leave, and leaving stops the statement (spec W-03).

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use nutkin_api::sql::{ResultColumn, ResultRow, ResultType, Statement};

use super::Next;
use super::prompt::Vocabulary;
use super::terminal::{self, Keys};
use crate::client::Client;
use crate::error::{Context, Result};
use crate::execution::{self, Results};
use crate::interrupt::Interrupt;
use crate::materialized::Materialized;
use crate::render::table::{row_cells, write_table};
use crate::render::{RowWriter, TableWriter, clip};
use crate::session::{ResultMode, Session};

/// Rows of a changing result that are kept to be shown (spec 3.3).
const KEPT: usize = 5000;
/// The least time between two drawings.
const FRAME: Duration = Duration::from_millis(150);

pub struct View<'a> {
    client: &'a Client,
    session: &'a Session,
    statement: &'a Statement,
    vocabulary: &'a Vocabulary,
    columns: Vec<ResultColumn>,
    form: Form,
    screen: Screen,
}

/// How the rows are shown.
enum Form {
    /// As they come.
    Append(TableWriter),
    /// What is there at the end.
    Final(Materialized),
    Changing {
        rows: Materialized,
        changelog: TableWriter,
        mode: ResultMode,
        may_draw: bool,
    },
}

impl<'a> View<'a> {
    pub fn new(
        client: &'a Client,
        session: &'a Session,
        statement: &'a Statement,
        vocabulary: &'a Vocabulary,
    ) -> View<'a> {
        let columns = execution::columns(statement);
        let (bounded, append_only) = (execution::is_bounded(statement), execution::is_append_only(statement));
        let may_draw = io::stdout().is_terminal() && io::stdin().is_terminal() && !session.is_plain_text();
        let mode = if may_draw { session.result_mode() } else { ResultMode::Changelog };
        let form = match (append_only, bounded) {
            (true, _) => Form::Append(TableWriter::new(&columns, false)),
            (false, true) if session.result_mode() == ResultMode::Table => Form::Final(Materialized::of(statement)),
            _ => Form::Changing {
                rows: Materialized::of(statement).with_limit(KEPT),
                changelog: TableWriter::new(&columns, true),
                mode,
                may_draw,
            },
        };
        View { client, session, statement, vocabulary, columns, form, screen: Screen::default() }
    }

    /// Shows the results until they end or the person leaves.
    pub async fn show(mut self, mut interrupt: Interrupt) -> Result<Next> {
        let (client, at, name) = (self.client, &self.session.at, self.statement.name.as_str());
        let mut results = Results::new(client, at, name);
        let mut keys = Keys::listen();
        if keys.is_some() && !execution::is_bounded(self.statement) {
            let toggle =
                if matches!(self.form, Form::Changing { may_draw: true, .. }) { " [M] Table or changelog" } else { "" };
            println!("[Q] Stop and leave{toggle}");
        }
        let mut frames = tokio::time::interval(FRAME);
        frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let left = loop {
            tokio::select! {
                batch = results.next() => match batch? {
                    Some(batch) => self.rows(batch)?,
                    None => break false,
                },
                () = interrupt.wait() => break true,
                key = Keys::next(&mut keys) => match key {
                    b'q' | b'Q' => break true,
                    b'm' | b'M' => self.toggle()?,
                    _ => {}
                },
                _ = frames.tick() => self.draw()?,
            }
        };
        drop(keys);
        self.finish()?;
        if left {
            println!("Stopping the statement.");
            execution::stop(client, at, name).await?;
            return Ok(Next::Prompt);
        }
        Ok(Next::Statement)
    }

    fn rows(&mut self, batch: Vec<ResultRow>) -> Result<()> {
        self.learn(&batch);
        let mut out = io::stdout();
        match &mut self.form {
            Form::Append(writer) => writer.rows(&batch, &mut out).and_then(|()| out.flush()).context(WRITE),
            Form::Final(rows) => {
                rows.apply(batch);
                Ok(())
            }
            Form::Changing { rows, changelog, mode, .. } => {
                if *mode == ResultMode::Changelog {
                    changelog.rows(&batch, &mut out).and_then(|()| out.flush()).context(WRITE)?;
                }
                rows.apply(batch);
                self.screen.stale = true;
                Ok(())
            }
        }
    }

    /// Names that SHOW has listed are offered for completion.
    fn learn(&self, batch: &[ResultRow]) {
        let traits = self.statement.status.as_ref().and_then(|status| status.traits.as_ref());
        if traits.is_some_and(|traits| traits.sql_kind.starts_with("SHOW")) && self.columns.len() <= 2 {
            let names = batch.iter().filter_map(|row| row.row.first()?.as_str());
            names.filter(|name| !name.contains(char::is_whitespace)).for_each(|name| self.vocabulary.add(name));
        }
    }

    fn toggle(&mut self) -> Result<()> {
        let Form::Changing { mode, may_draw: true, .. } = &mut self.form else { return Ok(()) };
        *mode = match mode {
            ResultMode::Table => ResultMode::Changelog,
            ResultMode::Changelog => ResultMode::Table,
        };
        // What is on the screen stays there.
        self.screen = Screen { lines: 0, stale: true };
        println!("Result mode: {}", if *mode == ResultMode::Table { "table" } else { "changelog" });
        self.draw()
    }

    fn draw(&mut self) -> Result<()> {
        if let Form::Changing { rows, mode: ResultMode::Table, .. } = &self.form
            && std::mem::take(&mut self.screen.stale)
        {
            let text = frame(&self.columns, rows, terminal::size());
            let mut out = io::stdout();
            self.screen.draw(&text, &mut out).context(WRITE)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.screen.stale = true;
        self.draw()?;
        let mut out = io::stdout();
        match &mut self.form {
            Form::Append(writer) => writer.finish(&mut out),
            Form::Changing { changelog, mode: ResultMode::Changelog, .. } => changelog.finish(&mut out),
            Form::Changing { .. } => Ok(()),
            Form::Final(rows) => {
                let mut writer = TableWriter::new(&self.columns, false);
                let rows = std::mem::replace(rows, Materialized::new(None)).into_rows();
                writer.rows(&rows, &mut out).and_then(|()| writer.finish(&mut out))
            }
        }
        .and_then(|()| out.flush())
        .context(WRITE)
    }
}

const WRITE: &str = "cannot write to the terminal";

/// The last rows as lines that fit on a terminal of so many columns and lines.
pub fn frame(columns: &[ResultColumn], rows: &Materialized, size: (usize, usize)) -> String {
    // Rules, names, the line below and the one of the cursor.
    let room = size.1.saturating_sub(6).max(1);
    let types: Vec<ResultType> = columns.iter().map(|column| column.data_type.clone()).collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let lines: Vec<Vec<String>> = rows.last(room).into_iter().map(|row| row_cells(row, &types).collect()).collect();
    let mut table = Vec::new();
    // Writing to memory does not fail.
    let _ = write_table(&names, &lines, &mut table);
    let mut text = String::new();
    for line in String::from_utf8_lossy(&table).lines() {
        text.push_str(&clip(line, size.0));
        text.push('\n');
    }
    let hidden = rows.len() - lines.len();
    let note = if hidden == 0 { String::new() } else { format!(", the last {} shown", lines.len()) };
    text.push_str(&clip(&format!("{} rows{note}", rows.len()), size.0));
    text.push('\n');
    text
}

/// The part of the terminal that is drawn over.
#[derive(Debug, Default)]
pub struct Screen {
    /// Lines drawn last.
    lines: usize,
    /// Something has changed since.
    stale: bool,
}

impl Screen {
    pub fn draw(&mut self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.lines > 0 {
            // Up to where the last drawing began, and clear from there.
            write!(out, "\x1b[{}A\r\x1b[J", self.lines)?;
        }
        self.lines = text.lines().count();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}
