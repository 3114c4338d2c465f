//! What a plan will probably cost: rows, state and CFUs per operator, before a row has been read.
//!
//! Rates come from the tables' statistics where those are known, else from [`Assumptions`], which stand beside every
//! estimate. From there they flow through the operators: a filter lets a share pass, an aggregation keeps its keys, a join
//! keeps its rows for as long as the time to live says. The numbers order plans and find the expensive operator; what a
//! running statement needs is measured, not estimated.

use nutkin_plan::operators::{ExchangeKind, FrameBound, RankRange, ScanWatermark};
use nutkin_plan::{Connector, Operator, Plan, TablePath, WindowSpec};
use serde::Serialize;

use super::state_size::state_ttl;
use crate::selectivity::selectivity;
use crate::tables::TableStatistics;
use widths::row_bytes;

mod widths;

/// What is taken where nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Assumptions {
    /// Of a table without statistics.
    pub source_rows_per_second: f64,
    /// Different keys among rows.
    pub distinct_share: f64,
    /// State without a time to live is that of this time.
    pub state_horizon_seconds: f64,
    /// Elements of a collection, rows of a table function.
    pub rows_per_call: f64,
    /// Of a CFU, so that there is room for catching up.
    pub target_utilization: f64,
}

impl Default for Assumptions {
    fn default() -> Assumptions {
        Assumptions {
            source_rows_per_second: 1000.0,
            distinct_share: 0.1,
            state_horizon_seconds: 86_400.0,
            rows_per_call: 3.0,
            target_utilization: 0.7,
        }
    }
}

/// What one operator does.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct Estimate {
    /// Changes put out.
    pub rows_per_second: f64,
    pub state_bytes: f64,
    pub cfus: f64,
}

/// Estimates of all operators of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Estimates {
    pub assumptions: Assumptions,
    /// Whether the rates of all tables are known.
    pub from_statistics: bool,
    #[serde(skip)]
    pub operators: Vec<Estimate>,
    pub state_bytes: f64,
    /// A whole number: what the statement would ask its pool for.
    pub cfus: f64,
}

/// The estimates of `plan`, with what `statistics` knows of its tables.
pub(crate) fn estimate(plan: &Plan, statistics: impl Fn(&TablePath) -> Option<TableStatistics>) -> Estimates {
    let assumptions = Assumptions::default();
    let mut work = Work { plan, assumptions, operators: Vec::with_capacity(plan.nodes.len()), from_statistics: true };
    for (position, node) in plan.nodes.iter().enumerate() {
        let found = work.operator(position, &statistics);
        let input: f64 = node.inputs.iter().map(|&input| work.operators[input].rows_per_second).sum();
        let handled = if node.inputs.is_empty() { found.rows_per_second } else { input };
        let cfus = handled * microseconds(&node.operator) / 1e6 / assumptions.target_utilization;
        work.operators.push(Estimate { cfus, ..found });
    }
    let sum = |of: fn(&Estimate) -> f64| work.operators.iter().map(of).sum::<f64>();
    Estimates {
        assumptions,
        from_statistics: work.from_statistics,
        state_bytes: sum(|estimate| estimate.state_bytes),
        cfus: sum(|estimate| estimate.cfus).ceil().max(1.0),
        operators: work.operators,
    }
}

struct Work<'a> {
    plan: &'a Plan,
    assumptions: Assumptions,
    operators: Vec<Estimate>,
    from_statistics: bool,
}

impl Work<'_> {
    /// Rows and state of the node; its CFUs are not its own to know.
    fn operator(&mut self, position: usize, statistics: &impl Fn(&TablePath) -> Option<TableStatistics>) -> Estimate {
        let node = &self.plan.nodes[position];
        let rate = |port: usize| node.inputs.get(port).map_or(0.0, |&input| self.operators[input].rows_per_second);
        let width = |port: usize| node.inputs.get(port).map_or(0.0, |&input| row_bytes(&self.plan.nodes[input].schema));
        let (input, bytes) = (rate(0), width(0));
        let seconds = state_ttl(&node.operator).map_or(self.assumptions.state_horizon_seconds, |ttl| ttl as f64 / 1e3);
        let kept = |rate: f64| rate * seconds;
        let keys = |rate: f64| kept(rate) * self.assumptions.distinct_share;
        let own = row_bytes(&node.schema);
        // An update is two changes where the old row is sent, too.
        let changes = if node.changelog_mode == nutkin_plan::ChangelogMode::Retract { 2.0 } else { 1.0 };
        let (rows, state) = match &node.operator {
            Operator::TableSourceScan(scan) => {
                let state = scan.watermark.as_ref().map_or(16.0, |watermark| match watermark {
                    // The lateness of the last 5000 rows.
                    ScanWatermark::Source { .. } => 20_016.0,
                    _ => 24.0,
                });
                (self.source(scan.table, statistics), state)
            }
            Operator::Values(_) => (0.0, 0.0),
            Operator::Calc(calc) => (input * calc.condition.as_ref().map_or(1.0, selectivity), 0.0),
            Operator::Exchange(exchange) => match exchange.kind {
                ExchangeKind::Hash(_) | ExchangeKind::Single => (input, 0.0),
            },
            Operator::Union(_) => ((0..node.inputs.len()).map(rate).sum(), 0.0),
            Operator::Expand(expand) => (input * expand.projections.len() as f64, 0.0),
            Operator::Correlate(_) => (input * self.assumptions.rows_per_call, 0.0),
            Operator::LookupJoin(_) | Operator::DropUpdateBefore(_) => (input, 0.0),
            Operator::ChangelogNormalize(_) => (input * changes, keys(input) * bytes),
            // It keeps the values, and folds as a first phase does.
            Operator::IncrementalGroupAggregate(_) => (input * self.assumptions.distinct_share, kept(input) * bytes),
            Operator::GlobalGroupAggregate(aggregate) => match aggregate.grouping.is_empty() {
                true => (input * changes, own),
                false => (input * changes, keys(input) * own),
            },
            Operator::GroupAggregate(aggregate) => match aggregate.grouping.is_empty() {
                true => (input * changes, own),
                false => (input * changes, keys(input) * own),
            },
            Operator::WindowAggregate(aggregate) => {
                let window = match aggregate.input {
                    nutkin_plan::operators::WindowInput::Assign { window, .. }
                    | nutkin_plan::operators::WindowInput::Attached { window, .. } => window,
                };
                self.windowed(input, &window, aggregate.grouping.is_empty(), own)
            }
            // A batch has most keys more than once.
            Operator::LocalWindowAggregate(_) | Operator::LocalGroupAggregate(_) => {
                (input * self.assumptions.distinct_share, 0.0)
            }
            Operator::GlobalWindowAggregate(aggregate) => {
                self.windowed(input, &aggregate.window, aggregate.grouping.is_empty(), own)
            }
            Operator::GroupWindowAggregate(aggregate) => {
                self.windowed(input, &aggregate.window, aggregate.grouping.is_empty(), own)
            }
            Operator::WindowTableFunction(function) => (input * windows_per_row(&function.window), 0.0),
            Operator::Join(_) => {
                let state = kept(rate(0)) * width(0) + kept(rate(1)) * width(1);
                ((rate(0) + rate(1)) * changes, state)
            }
            Operator::IntervalJoin(join) => {
                let open = (join.upper - join.lower).max(0) as f64 / 1e3;
                (rate(0).max(rate(1)), open * (rate(0) * width(0) + rate(1) * width(1)))
            }
            Operator::WindowJoin(join) => {
                let open = length(&join.window);
                (rate(0).max(rate(1)), open * (rate(0) * width(0) + rate(1) * width(1)))
            }
            Operator::TemporalJoin(_) => (input, keys(rate(1)) * width(1)),
            Operator::OverAggregate(over) => {
                let state = match &over.frame.start {
                    FrameBound::Preceding(nutkin_types::Value::Integer(count))
                        if over.frame.unit == nutkin_plan::operators::FrameUnit::Rows =>
                    {
                        keys(input) * *count as f64 * bytes
                    }
                    FrameBound::Preceding(nutkin_types::Value::Integer(millis)) => input * *millis as f64 / 1e3 * bytes,
                    _ => keys(input) * own,
                };
                (input * changes, state)
            }
            Operator::Rank(rank) => {
                let rows = match rank.range {
                    RankRange::Constant { end, .. } => end as f64,
                    RankRange::Variable { .. } => 1.0 / self.assumptions.distinct_share,
                };
                let partitions = if rank.partition.is_empty() { 1.0 } else { keys(input) };
                (input * self.assumptions.distinct_share * changes, (partitions * rows).min(kept(input)) * bytes)
            }
            Operator::Deduplicate(_) => (keys(input) / seconds.max(1.0) * changes, keys(input) * bytes),
            Operator::WindowRank(rank) => {
                (input * self.assumptions.distinct_share, input * length(&rank.window) * bytes)
            }
            Operator::WindowDeduplicate(dedup) => {
                (input * self.assumptions.distinct_share, input * length(&dedup.window) * bytes)
            }
            Operator::Limit(_) => (input, 16.0),
            Operator::SortLimit(sort) => (input * self.assumptions.distinct_share * changes, sort.fetch as f64 * bytes),
            Operator::Sort(_) => (input, kept(input) * bytes),
            Operator::TemporalSort(_) => (input, input * bytes),
            Operator::Match(found) => {
                let open = found.within.map_or(seconds, |within| within as f64 / 1e3);
                (input * self.assumptions.distinct_share, input * open * self.assumptions.distinct_share * bytes)
            }
            Operator::Sink(sink) if sink.upsert_materialize => (input, keys(input) * bytes),
            Operator::Sink(_) => (input, 0.0),
        };
        Estimate { rows_per_second: rows, state_bytes: state, cfus: 0.0 }
    }

    /// Rows per second of a table.
    fn source(&mut self, table: usize, statistics: &impl Fn(&TablePath) -> Option<TableStatistics>) -> f64 {
        let Some(table) = self.plan.tables.get(table) else { return 0.0 };
        let known = statistics(&table.path).and_then(|known| self.known_rate(known));
        match (known, &table.connector) {
            (Some(known), _) => known,
            (None, Connector::Generator(generator)) => f64::from(generator.rows_per_second),
            (None, _) => {
                self.from_statistics = false;
                self.assumptions.source_rows_per_second
            }
        }
    }

    /// Where fewer rows come than are there, those that are there count, as if they came over the time that state is kept for.
    fn known_rate(&self, known: TableStatistics) -> Option<f64> {
        let there = known.rows.map(|rows| rows / self.assumptions.state_horizon_seconds);
        match (known.rows_per_second, there) {
            (Some(rate), Some(there)) => Some(rate.max(there)),
            (rate, there) => rate.or(there),
        }
    }

    /// Results and state of an aggregation over windows: a result per key when a window closes.
    fn windowed(&self, input: f64, window: &WindowSpec, one_key: bool, own: f64) -> (f64, f64) {
        let length = length(window).max(0.001);
        let keys = if one_key { 1.0 } else { (input * length * self.assumptions.distinct_share).max(1.0) };
        let windows = windows_per_row(window);
        (keys * windows / length, keys * windows * own)
    }
}

/// Seconds that a window is open.
fn length(window: &WindowSpec) -> f64 {
    let millis = match *window {
        WindowSpec::Tumble { size, .. } | WindowSpec::Hop { size, .. } => size,
        WindowSpec::Cumulate { max, .. } => max,
        WindowSpec::Session { gap } => gap,
    };
    millis as f64 / 1e3
}

fn windows_per_row(window: &WindowSpec) -> f64 {
    match *window {
        WindowSpec::Tumble { .. } | WindowSpec::Session { .. } => 1.0,
        WindowSpec::Hop { slide, size, .. } => size as f64 / slide.max(1) as f64,
        WindowSpec::Cumulate { step, max, .. } => max as f64 / step.max(1) as f64,
    }
}

/// Processor time for a row, of the order that was measured: reading and decoding a record is most of a simple statement.
fn microseconds(operator: &Operator) -> f64 {
    match operator {
        Operator::TableSourceScan(_) => 0.9,
        Operator::Sink(_) => 0.9,
        Operator::Values(_) | Operator::Union(_) | Operator::Limit(_) | Operator::DropUpdateBefore(_) => 0.01,
        Operator::Calc(_) | Operator::Expand(_) | Operator::WindowTableFunction(_) => 0.1,
        Operator::Exchange(_) => 0.2,
        Operator::Correlate(_) => 0.3,
        Operator::GroupAggregate(_)
        | Operator::LocalGroupAggregate(_)
        | Operator::GlobalGroupAggregate(_)
        | Operator::IncrementalGroupAggregate(_)
        | Operator::WindowAggregate(_)
        | Operator::LocalWindowAggregate(_)
        | Operator::GlobalWindowAggregate(_)
        | Operator::GroupWindowAggregate(_)
        | Operator::ChangelogNormalize(_)
        | Operator::Deduplicate(_)
        | Operator::WindowDeduplicate(_) => 0.5,
        Operator::TemporalJoin(_)
        | Operator::OverAggregate(_)
        | Operator::Rank(_)
        | Operator::WindowRank(_)
        | Operator::Sort(_)
        | Operator::TemporalSort(_)
        | Operator::SortLimit(_) => 1.0,
        Operator::Join(_) | Operator::IntervalJoin(_) | Operator::WindowJoin(_) => 1.5,
        Operator::Match(_) => 2.0,
        // A question over the network.
        Operator::LookupJoin(_) => 20.0,
    }
}
