//! [`Subtask`]: one running piece of a task: takes what comes, runs it through the chain, sends on what comes out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use nutkin_state::lineage::FileWriter;
use tokio::sync::mpsc;

use crate::checkpoint::SubtaskState;
use crate::clock::Clock;
use crate::commit::PreparedTransaction;
use crate::error::{Failure, FailureKind, Result};
use crate::runtime::chain::{Chain, Outgoing};
use crate::runtime::element::Element;
use crate::runtime::gate::Gate;
use crate::runtime::output::Output;
use crate::sink::SinkTask;
use crate::source::{Source, SourceEvent};
use crate::state::Snapshot;
use crate::telemetry::{SubtaskTimes, Telemetry};
use nutkin_state::FileRef;

/// What a subtask tells the coordinator.
#[derive(Debug)]
pub(crate) enum Report {
    /// All inputs have ended and everything was sent on.
    Ended,
    Snapshot(SnapshotReport),
    Failed(Failure),
}

/// A subtask's part of a checkpoint; its files are written.
#[derive(Debug)]
pub(crate) struct SnapshotReport {
    pub epoch: u64,
    /// The subtask had ended before the barrier: nothing of it comes after this checkpoint.
    pub ended: bool,
    /// State by plan node: what is new, and whether a table's older files are obsolete.
    pub states: Vec<(usize, NewState)>,
    pub transactions: Vec<PreparedTransaction>,
    pub bytes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct NewState {
    pub subtask: u32,
    pub meta: serde_json::Value,
    /// Table name, whether it is full, and its file if it has rows.
    pub tables: Vec<(&'static str, bool, Option<FileRef>)>,
}

impl NewState {
    /// Adds this to what was known of the subtask before.
    pub fn merge_into(self, state: &mut SubtaskState) {
        state.subtask = self.subtask;
        state.meta = self.meta;
        for (name, full, file) in self.tables {
            let files = state.tables.entry(name.to_owned()).or_default();
            if full {
                files.clear();
            }
            files.extend(file);
        }
    }
}

/// A source inside a subtask.
pub(crate) struct SourceSlot {
    pub plan_node: usize,
    pub source: Box<dyn Source>,
    pub ended: bool,
}

pub(crate) struct SubtaskOptions {
    pub task: usize,
    pub subtask: u32,
    pub chain: Chain,
    pub sources: Vec<SourceSlot>,
    pub gate: Gate,
    /// Node and port of the chain behind each channel of the gate, and the channel's number at that port.
    pub routes: Vec<Route>,
    pub outputs: Vec<Output>,
    pub sinks: Vec<SinkTask>,
    pub triggers: mpsc::UnboundedReceiver<u64>,
    pub reports: mpsc::UnboundedSender<Report>,
    pub files: FileWriter,
    pub file_prefix: String,
    pub deltas_per_full: u32,
    pub memory_budget: usize,
    pub clock: Arc<dyn Clock>,
    pub telemetry: Arc<Telemetry>,
}

/// Where the elements of a gate's channel go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    /// Port valve of the edge that the channel belongs to.
    pub edge: usize,
    /// The channel's number within the edge.
    pub channel: usize,
    /// Position in the chain.
    pub node: usize,
    pub port: usize,
}

pub(crate) struct Subtask {
    options: SubtaskOptions,
    /// One valve per edge, over its channels.
    valves: Vec<EdgeValve>,
    /// Epoch of the barrier that is being aligned.
    aligning: Option<u64>,
    triggered: bool,
    barriers: usize,
    deltas: HashMap<usize, u32>,
    ended: bool,
    turn: bool,
    started: Instant,
    times: SubtaskTimes,
}

struct EdgeValve {
    valve: crate::runtime::valve::Valve,
    open: usize,
}

enum Event {
    Trigger(u64),
    Source(usize, Result<SourceEvent>),
    Channel(usize, Element),
}

impl Subtask {
    pub fn new(options: SubtaskOptions) -> Subtask {
        let edges = options.routes.iter().map(|route| route.edge + 1).max().unwrap_or(0);
        let valves = (0..edges).map(|edge| {
            let channels = options.routes.iter().filter(|route| route.edge == edge).count();
            EdgeValve { valve: crate::runtime::valve::Valve::new(channels), open: channels }
        });
        Subtask {
            valves: valves.collect(),
            aligning: None,
            triggered: false,
            barriers: 0,
            deltas: HashMap::new(),
            ended: false,
            turn: false,
            started: Instant::now(),
            times: SubtaskTimes::default(),
            options,
        }
    }

    /// Runs until the job is torn down; a failure is reported.
    pub async fn run(mut self) {
        let reports = self.options.reports.clone();
        if let Err(failure) = self.work().await {
            let _ = reports.send(Report::Failed(failure));
        }
    }

    async fn work(&mut self) -> Result<()> {
        loop {
            let event = self.next_event().await;
            let begin = Instant::now();
            self.options.chain.set_now(self.options.clock.now_millis());
            match event {
                Event::Trigger(epoch) => {
                    self.aligning = Some(epoch);
                    self.triggered = true;
                }
                Event::Source(index, event) => self.on_source(index, event?)?,
                Event::Channel(channel, element) => self.on_channel(channel, element)?,
            }
            self.times.busy += begin.elapsed().as_micros() as u64;
            self.send_outgoing().await?;
            self.check_barrier().await?;
            self.check_end();
            self.times.running = self.started.elapsed().as_micros() as u64;
            self.options.telemetry.times(self.options.task, self.options.subtask, self.times);
        }
    }

    /// Sources take no more once the barrier is there; the gate holds back aligned channels itself.
    async fn next_event(&mut self) -> Event {
        let options = &mut self.options;
        let read_sources = !self.triggered;
        self.turn = !self.turn;
        let sources = next_source(&mut options.sources, read_sources, self.turn);
        let channels = options.gate.next();
        // Sources and channels take turns at being asked first, so that neither starves the other.
        if self.turn {
            tokio::select! {
                biased;
                Some(epoch) = options.triggers.recv(), if !self.triggered => Event::Trigger(epoch),
                (index, event) = sources => Event::Source(index, event),
                (channel, element) = channels => Event::Channel(channel, element),
            }
        } else {
            tokio::select! {
                biased;
                Some(epoch) = options.triggers.recv(), if !self.triggered => Event::Trigger(epoch),
                (channel, element) = channels => Event::Channel(channel, element),
                (index, event) = sources => Event::Source(index, event),
            }
        }
    }

    fn on_source(&mut self, index: usize, event: SourceEvent) -> Result<()> {
        let slot = &mut self.options.sources[index];
        let element = match event {
            SourceEvent::Batch(batch) => Element::Batch(batch),
            SourceEvent::Watermark(watermark) => Element::Watermark(watermark),
            SourceEvent::Idle => Element::Idle,
            SourceEvent::Active => Element::Active,
            SourceEvent::End => {
                slot.ended = true;
                Element::End
            }
        };
        let node = self.options.chain.position(slot.plan_node)?;
        self.options.chain.deliver(node, 0, element)
    }

    fn on_channel(&mut self, channel: usize, element: Element) -> Result<()> {
        let Route { edge, channel: number, node, port } = self.options.routes[channel];
        let state = &mut self.valves[edge];
        let chain = &mut self.options.chain;
        use crate::runtime::valve::ValveOutput;
        let element_of = |output: ValveOutput| match output {
            ValveOutput::Watermark(watermark) => Element::Watermark(watermark),
            ValveOutput::Idle => Element::Idle,
            ValveOutput::Active => Element::Active,
        };
        match element {
            Element::Batch(_) => chain.deliver(node, port, element),
            Element::Watermark(watermark) => {
                let change = state.valve.on_watermark(number, watermark);
                change.map_or(Ok(()), |change| chain.deliver(node, port, element_of(change)))
            }
            Element::Idle => {
                let changes = state.valve.on_idle(number);
                changes.into_iter().try_for_each(|change| chain.deliver(node, port, element_of(change)))
            }
            Element::Active => {
                let change = state.valve.on_active(number);
                change.map_or(Ok(()), |change| chain.deliver(node, port, element_of(change)))
            }
            Element::End => {
                state.open = state.open.saturating_sub(1);
                if state.open > 0 { Ok(()) } else { chain.deliver(node, port, Element::End) }
            }
            Element::Barrier(epoch) => {
                if self.aligning.is_some_and(|aligning| aligning != epoch) {
                    return Err(Failure::internal(format!("barrier {epoch} while another is being aligned")));
                }
                self.aligning = Some(epoch);
                self.barriers += 1;
                self.options.gate.block(channel);
                Ok(())
            }
        }
    }

    async fn send_outgoing(&mut self) -> Result<()> {
        let begin = Instant::now();
        let mut sent = false;
        while let Some(outgoing) = self.options.chain.take_outgoing() {
            sent = true;
            match outgoing {
                Outgoing::Output(output, element) => self.options.outputs[output].send(element).await?,
                Outgoing::Sink(sink, batch) => self.options.sinks[sink].write(batch).await?,
            }
        }
        if sent {
            self.times.backpressured += begin.elapsed().as_micros() as u64;
        }
        Ok(())
    }

    /// Takes the checkpoint when the barrier has come from everywhere.
    async fn check_barrier(&mut self) -> Result<()> {
        let Some(epoch) = self.aligning else { return Ok(()) };
        let sources_ready = self.options.sources.is_empty() || self.triggered;
        if !sources_ready || self.barriers < self.options.gate.len() {
            return Ok(());
        }
        let mut states: Vec<(usize, Snapshot)> = Vec::new();
        for slot in &mut self.options.sources {
            let snapshot = Snapshot { meta: slot.source.snapshot()?, tables: Vec::new() };
            states.push((slot.plan_node, snapshot));
        }
        let (deltas, limit) = (&mut self.deltas, self.options.deltas_per_full);
        states.extend(self.options.chain.snapshot(|node| {
            let count = deltas.entry(node).or_insert(limit);
            *count += 1;
            if *count > limit {
                *count = 0;
            }
            *count == 0
        })?);
        self.check_memory()?;
        for output in &mut self.options.outputs {
            output.send(Element::Barrier(epoch)).await?;
        }
        let mut transactions = Vec::new();
        for sink in &mut self.options.sinks {
            transactions.extend(sink.prepare(epoch).await?);
        }
        let upload = Upload {
            prefix: format!("{}-{epoch:010}", self.options.file_prefix),
            subtask: self.options.subtask,
            ended: self.ended,
            files: self.options.files.clone(),
        };
        let reports = self.options.reports.clone();
        // Encoding and writing go on beside the next epoch's work.
        tokio::spawn(async move {
            let report = match upload.run(epoch, states, transactions).await {
                Ok(report) => Report::Snapshot(report),
                Err(failure) => Report::Failed(failure),
            };
            let _ = reports.send(report);
        });
        self.aligning = None;
        self.triggered = false;
        self.barriers = 0;
        self.options.gate.unblock_all();
        Ok(())
    }

    fn check_memory(&self) -> Result<()> {
        let held = self.options.telemetry.state_bytes();
        if held <= self.options.memory_budget as u64 {
            return Ok(());
        }
        Err(Failure::new(
            FailureKind::Memory,
            format!(
                "the statement's state holds {held} bytes, more than the {} that it may hold: the memory per CFU times its \
                 CFUs. Set 'sql.state-ttl', narrow the keys, or start the service with more --memory-per-cfu",
                self.options.memory_budget
            ),
        ))
    }

    fn check_end(&mut self) {
        let open = self.valves.iter().any(|valve| valve.open > 0);
        if !self.ended && !open && self.options.sources.iter().all(|slot| slot.ended) {
            self.ended = true;
            let _ = self.options.reports.send(Report::Ended);
        }
    }
}

/// The next event of any source that has not ended; `reversed` changes who is asked first.
async fn next_source(sources: &mut [SourceSlot], read: bool, reversed: bool) -> (usize, Result<SourceEvent>) {
    let mut waiting: Vec<_> = sources
        .iter_mut()
        .enumerate()
        .filter(|(_, slot)| read && !slot.ended)
        .map(|(index, slot)| (index, slot.source.next()))
        .collect();
    if reversed {
        waiting.reverse();
    }
    std::future::poll_fn(move |cx| {
        for (index, next) in &mut waiting {
            if let std::task::Poll::Ready(event) = next.as_mut().poll(cx) {
                return std::task::Poll::Ready((*index, event));
            }
        }
        std::task::Poll::Pending
    })
    .await
}

/// Writes the state of one subtask at one barrier.
struct Upload {
    prefix: String,
    subtask: u32,
    ended: bool,
    files: FileWriter,
}

impl Upload {
    async fn run(
        self,
        epoch: u64,
        states: Vec<(usize, Snapshot)>,
        transactions: Vec<PreparedTransaction>,
    ) -> Result<SnapshotReport> {
        let mut report = SnapshotReport { epoch, ended: self.ended, states: Vec::new(), transactions, bytes: 0 };
        report.bytes += report.transactions.iter().flat_map(|t| &t.batches).map(|file| file.bytes).sum::<u64>();
        for (node, snapshot) in states {
            let mut state = NewState { subtask: self.subtask, meta: snapshot.meta, tables: Vec::new() };
            for table in snapshot.tables {
                let mut file = None;
                if !table.batches.is_empty() {
                    let content = nutkin_state::file::encode(&table.schema, &table.batches)?;
                    let name = format!("{}-{node}-{}-{}", self.prefix, self.subtask, table.name);
                    let written = self.files.write(&name, content).await?;
                    report.bytes += written.bytes;
                    file = Some(written);
                }
                state.tables.push((table.name, table.full, file));
            }
            report.states.push((node, state));
        }
        Ok(report)
    }
}
