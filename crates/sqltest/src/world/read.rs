//! What a topic holds, read through its format like by any query.

use std::collections::BTreeMap;

use nutkin_engine::MemoryWatermarks;
use nutkin_plan::Connector;
use nutkin_plan::table::BoundedMode;
use nutkin_planner::{Action, Analyzed};

use super::{Manner, RESULT, Way, World};
use crate::changes::Output;
use crate::random::Random;
use crate::refusal::Refusal;

/// Offsets after the last record by topic and partition.
pub type Ends = BTreeMap<String, BTreeMap<i32, i64>>;

impl World {
    /// The ends of all topics now.
    pub fn ends(&self) -> Result<Ends, Refusal> {
        let mut ends = Ends::new();
        for table in self.tables.values() {
            if let Connector::Kafka(kafka) = &table.connector {
                ends.insert(kafka.topic.clone(), (0..).zip(self.cluster.ends(&kafka.topic)?).collect());
            }
        }
        Ok(ends)
    }

    /// The table's changes up to `ends`, or to its end now.
    ///
    /// # Errors
    /// Records that cannot be read.
    pub fn read(&mut self, name: &str, ends: Option<&Ends>, random: &mut Random) -> Result<Output, Refusal> {
        let table = self.get(name).cloned().ok_or_else(|| Refusal::internal(format!("no table {name}")))?;
        let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
        let columns: Vec<String> = table.persisted_columns().map(|column| quoted(&column.name)).collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), quoted(name));
        let Some(Analyzed { action: Action::Run(mut execution), .. }) = self.analyze(&sql)? else {
            return Err(Refusal::internal(format!("no query: {sql}")));
        };
        for table in &mut execution.plan.tables {
            if let Connector::Kafka(kafka) = &mut table.connector
                && let Some(stops) = ends.and_then(|ends| ends.get(&kafka.topic))
            {
                kafka.bounded = BoundedMode::SpecificOffsets(stops.clone());
            }
        }
        let manner = Manner::new(Way::Straight, MemoryWatermarks::AtEnd);
        let mut outputs = self.run(&execution, &[], manner, random)?;
        outputs.remove(RESULT).ok_or_else(|| Refusal::internal("no result"))
    }
}
