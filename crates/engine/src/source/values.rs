//! StreamValues: the rows of the plan, once, by the first subtask.

use std::collections::VecDeque;

use async_trait::async_trait;
use nutkin_plan::Node;
use nutkin_plan::operators::Values;
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;
use nutkin_types::value::array_of;
use serde::{Deserialize, Serialize};

use crate::error::{Failure, Result};
use crate::runtime::element::END_OF_TIME;
use crate::source::{Source, SourceEvent};

pub(crate) struct ValuesSource {
    events: VecDeque<SourceEvent>,
    emitted: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    emitted: bool,
}

impl ValuesSource {
    pub fn new(values: &Values, node: &Node, subtask: u32, restored: &[serde_json::Value]) -> Result<ValuesSource> {
        let emitted = |state: &serde_json::Value| State::deserialize(state).is_ok_and(|state| state.emitted);
        let emitted = subtask > 0 || restored.iter().any(emitted);
        let mut events = VecDeque::new();
        if !emitted && !values.rows.is_empty() {
            events.push_back(SourceEvent::Batch(batch_of(values, node)?));
        }
        events.push_back(SourceEvent::Watermark(END_OF_TIME));
        events.push_back(SourceEvent::End);
        Ok(ValuesSource { events, emitted })
    }
}

fn batch_of(values: &Values, node: &Node) -> Result<Batch> {
    let mut columns = Vec::with_capacity(node.schema.len());
    for (index, column) in node.schema.columns.iter().enumerate() {
        let cells: Option<Vec<_>> = values.rows.iter().map(|row| row.get(index)).collect();
        let cells = cells.ok_or_else(|| Failure::internal(format!("a row of {} is too short", node.id)))?;
        columns.push(array_of(&cells, &column.data_type.logical)?);
    }
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(values.rows.len()));
    let rows = arrow_array::RecordBatch::try_new_with_options(arrow_schema(&node.schema), columns, &options)?;
    Ok(Batch::append(rows))
}

#[async_trait]
impl Source for ValuesSource {
    async fn next(&mut self) -> Result<SourceEvent> {
        match self.events.pop_front() {
            Some(event) => {
                self.emitted |= matches!(event, SourceEvent::Batch(_));
                Ok(event)
            }
            None => std::future::pending().await,
        }
    }

    fn snapshot(&mut self) -> Result<serde_json::Value> {
        serde_json::to_value(State { emitted: self.emitted }).map_err(|error| Failure::internal(error.to_string()))
    }
}
