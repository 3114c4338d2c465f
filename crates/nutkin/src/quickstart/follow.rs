//! Reads the pipeline's topic as any consumer would: committed records only, decoded by the registered schema.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use nutkin_formats::{DecodedColumn, Decoder, FormatConfig, FormatKind, Framing, mapping};
use nutkin_kafka::{Assignment, Client, ClientConfig, Fetcher, FetcherOptions, IsolationLevel, OffsetSpec};
use nutkin_types::{Column, LogicalType, Schema};

use super::provision::{TABLE, Workplace};
use crate::error::{Error, Result};
use crate::schemas::registered;
use crate::service::Running;

/// Follows the topic from where it ends now.
pub struct Follower {
    fetcher: Fetcher,
    decoder: Decoder,
    schema: Schema,
    ready: VecDeque<String>,
}

impl Follower {
    /// Waits for the topic, which the statement makes, asking `healthy` meanwhile.
    pub async fn start<F: Future<Output = Result<()>>>(
        running: &Running,
        workplace: &Workplace,
        healthy: &impl Fn() -> F,
    ) -> Result<Follower> {
        let config = ClientConfig::new(workplace.bootstrap_without_credentials.as_str());
        let client = Client::connect(config).await?;
        let directory: &dyn nutkin_catalog::Directory = &running.control.clusters;
        let (_, registry) =
            directory.registry(&workplace.environment).await.map_err(|e| Error::Message(e.to_string()))?;
        let subject = format!("{TABLE}-value");
        let latest = loop {
            healthy().await?;
            if let Ok(latest) = registry.latest(&subject).await
                && client.partitions(TABLE).await.is_ok()
            {
                break latest;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let schema = registered(latest.id, &latest.schema, &[]);
        let row = mapping::to_sql(&schema).map_err(|e| Error::Message(e.to_string()))?;
        let LogicalType::Row { fields } = row.logical else {
            return Err(Error::Message(format!("the value of topic {TABLE} is not a record")));
        };
        let columns: Vec<_> = fields.iter().map(|f| DecodedColumn::field(&f.name, f.data_type.clone())).collect();
        let config = FormatConfig { kind: FormatKind::Avro, schema: Some(schema), framing: Framing::Registry };
        let decoder = Decoder::new(config, &columns).map_err(|e| Error::Message(e.to_string()))?;
        let schema = Schema::new(fields.iter().map(|f| Column::new(&f.name, f.data_type.clone())));

        let options = FetcherOptions { isolation: IsolationLevel::ReadCommitted, ..FetcherOptions::default() };
        let mut fetcher = Fetcher::new(&client, options);
        let topic: Arc<str> = TABLE.into();
        let partitions = client.partitions(TABLE).await?;
        let asked: Vec<_> = partitions.iter().map(|&partition| (topic.clone(), partition)).collect();
        let mut assignments = Vec::new();
        for end in client.list_offsets(&asked, OffsetSpec::Latest, IsolationLevel::ReadCommitted).await? {
            assignments.push(Assignment {
                topic: topic.clone(),
                partition: end.partition,
                offset: end.offset.unwrap_or(0),
            });
        }
        fetcher.assign(assignments);
        Ok(Follower { fetcher, decoder, schema, ready: VecDeque::new() })
    }

    /// Names of the columns above their values.
    pub fn heading(&self) -> String {
        let names: Vec<&str> = self.schema.columns.iter().map(|column| column.name.as_str()).collect();
        layout(&names)
    }

    /// Rows that came within `wait`, as text.
    pub async fn next(&mut self, wait: Duration) -> Result<Vec<String>> {
        for fetched in self.fetcher.fetch(wait, 1 << 20).await? {
            let records = &fetched.records;
            let payloads: Vec<Option<&[u8]>> = (0..records.len()).map(|i| records.value(i)).collect();
            let decoded = self.decoder.decode(&payloads).map_err(|e| Error::Message(e.to_string()))?;
            if let Some(error) = decoded.errors.first() {
                return Err(Error::Message(format!("a record of topic {TABLE} cannot be read: {}", error.message)));
            }
            let schema = nutkin_types::arrow::arrow_schema(&self.schema);
            let batch = arrow_array::RecordBatch::try_new(schema, decoded.columns)
                .map_err(|e| Error::Message(e.to_string()))?;
            let rows = nutkin_pool::cells::rows(&nutkin_types::Batch::append(batch), &self.schema);
            for row in rows.map_err(|e| Error::Message(e.to_string()))? {
                let cells: Vec<&str> = row.row.iter().map(|cell| cell.as_str().unwrap_or("NULL")).collect();
                self.ready.push_back(layout(&cells));
            }
        }
        Ok(self.ready.drain(..).collect())
    }
}

fn layout(cells: &[&str]) -> String {
    let padded: Vec<String> = cells.iter().map(|cell| format!("{cell:<24}")).collect();
    padded.join("").trim_end().to_owned()
}
