//! Prometheus export with the original's metric names (spec operations.md 4.3).
//!
//! Only metrics that mean something here are exported; a completed statement has no series, an idle pool reports 0.

use std::fmt::Write;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use nutkin_control::resources::ComputePool;
use nutkin_control::statement::overview::Entry;

use crate::auth::Caller;
use crate::error::Result;
use crate::state::AppState;

pub fn routes() -> Router<AppState> {
    Router::new().route("/v2/metrics/cloud/export", get(export)).route("/metrics", get(export))
}

/// One metric with its samples.
struct Metric {
    name: &'static str,
    help: &'static str,
    samples: Vec<(String, f64)>,
}

impl Metric {
    fn new(name: &'static str, help: &'static str) -> Metric {
        Metric { name, help, samples: Vec::new() }
    }

    fn write(&self, text: &mut String) {
        if self.samples.is_empty() {
            return;
        }
        let _ = writeln!(text, "# HELP {} {}\n# TYPE {} gauge", self.name, self.help, self.name);
        for (labels, value) in &self.samples {
            let _ = writeln!(text, "{}{{{labels}}} {value}", self.name);
        }
    }
}

async fn export(State(state): State<AppState>, _: Caller) -> Result<impl IntoResponse> {
    let mut text = String::new();
    for metric in pool_metrics(&state).await? {
        metric.write(&mut text);
    }
    for metric in statement_metrics(&state) {
        metric.write(&mut text);
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

async fn pool_metrics(state: &AppState) -> Result<Vec<Metric>> {
    let mut current = Metric::new("confluent_flink_compute_pool_utilization_current_cfus", "CFUs in use now");
    let mut limit = Metric::new("confluent_flink_compute_pool_utilization_cfu_limit", "Most CFUs the pool may use");
    for pool in state.control.resources.all::<ComputePool>(None).await? {
        let labels = format!("compute_pool_id=\"{}\"", pool.id);
        current.samples.push((labels.clone(), f64::from(state.control.pools.current_cfu(&pool.id))));
        limit.samples.push((labels, f64::from(pool.resource.max_cfu)));
    }
    Ok(vec![current, limit])
}

fn statement_metrics(state: &AppState) -> Vec<Metric> {
    let mut records_in = Metric::new("confluent_flink_num_records_in", "Records this statement received");
    let mut records_out = Metric::new("confluent_flink_num_records_out", "Records this statement emitted");
    let mut pending = Metric::new("confluent_flink_pending_records", "Records after the consumer offset");
    let mut watermark_in =
        Metric::new("confluent_flink_current_input_watermark_milliseconds", "Last watermark received per table");
    let mut watermark_out =
        Metric::new("confluent_flink_current_output_watermark_milliseconds", "Last watermark produced per table");
    let mut lateness = Metric::new("confluent_flink_max_input_lateness_milliseconds", "Largest lateness of an input");
    let mut late = Metric::new("confluent_flink_num_late_records_in", "Late records");
    let mut status = Metric::new("confluent_flink_statement_status", "1 for the status the statement is in");
    let mut cfus = Metric::new("confluent_flink_statement_utilization_current_cfus", "CFUs of the statement");
    for statement in state.control.statements.not_completed() {
        let labels = labels(&statement);
        let phase = statement.phase.name();
        status.samples.push((format!("{labels},status=\"{phase}\""), 1.0));
        let Some(job) = state.control.statements.status(&statement.compute_pool, &statement.uid) else { continue };
        cfus.samples.push((labels.clone(), f64::from(statement.cfus)));
        late.samples.push((labels.clone(), job.metrics.late_records as f64));
        lateness.samples.push((labels.clone(), job.metrics.max_lateness as f64));
        for input in &job.metrics.inputs {
            let labels = format!("{labels},table_name=\"{}\"", escape(&input.table));
            records_in.samples.push((labels.clone(), input.records as f64));
            watermark_in.samples.push((labels.clone(), input.watermark as f64));
            if let Some(count) = input.pending_records {
                pending.samples.push((labels, count as f64));
            }
        }
        for output in &job.metrics.outputs {
            let labels = format!("{labels},table_name=\"{}\"", escape(&output.table));
            records_out.samples.push((labels.clone(), output.records as f64));
            watermark_out.samples.push((labels, output.watermark as f64));
        }
    }
    vec![records_in, records_out, pending, watermark_in, watermark_out, lateness, late, status, cfus]
}

fn labels(statement: &Entry) -> String {
    let Entry { compute_pool, name, uid, .. } = statement;
    format!("compute_pool_id=\"{compute_pool}\",flink_statement_name=\"{name}\",flink_statement_uid=\"{uid}\"")
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
