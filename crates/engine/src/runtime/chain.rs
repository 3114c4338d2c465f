//! [`Chain`]: the operators of one subtask, connected without queues.
//!
//! An element enters at a source or an exchange input and runs through everything below it before the next one enters. What
//! leaves the subtask is put into an outbox, in order, because only the subtask may wait.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use nutkin_types::Batch;

use crate::error::{Failure, Result};
use crate::operators::{Cx, Operator};
use crate::runtime::element::Element;
use crate::runtime::valve::{Valve, ValveOutput};
use crate::state::{Part, Snapshot};
use crate::telemetry::Telemetry;

/// Something for the subtask to send on.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// To the exchange with this number among the subtask's outputs.
    Output(usize, Element),
    /// To the sink with this number.
    Sink(usize, Batch),
}

/// What a node does with its input.
pub(crate) enum Body {
    /// Elements come from outside and only pass.
    Source,
    Operator(Box<dyn Operator>),
    Sink(usize),
    /// A sink whose rows pass an operator first.
    CorrectedSink(Box<dyn Operator>, usize),
}

impl Body {
    fn operator(&self) -> Option<&dyn Operator> {
        match self {
            Body::Operator(operator) | Body::CorrectedSink(operator, _) => Some(&**operator),
            Body::Source | Body::Sink(_) => None,
        }
    }

    fn operator_mut(&mut self) -> Option<&mut Box<dyn Operator>> {
        match self {
            Body::Operator(operator) | Body::CorrectedSink(operator, _) => Some(operator),
            Body::Source | Body::Sink(_) => None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Local { node: usize, port: usize },
    Output(usize),
}

pub(crate) struct ChainNode {
    /// Position in the plan.
    pub plan_node: usize,
    pub body: Body,
    pub targets: Vec<Target>,
    valve: Valve,
    open_ports: usize,
}

impl ChainNode {
    pub fn new(plan_node: usize, body: Body, ports: usize, targets: Vec<Target>) -> ChainNode {
        ChainNode { plan_node, body, targets, valve: Valve::new(ports.max(1)), open_ports: ports.max(1) }
    }
}

pub(crate) struct Chain {
    nodes: Vec<ChainNode>,
    by_plan_node: HashMap<usize, usize>,
    outbox: VecDeque<Outgoing>,
    telemetry: Arc<Telemetry>,
    subtask: u32,
    now: i64,
}

impl Chain {
    pub fn new(nodes: Vec<ChainNode>, telemetry: Arc<Telemetry>, subtask: u32) -> Chain {
        let by_plan_node = nodes.iter().enumerate().map(|(i, node)| (node.plan_node, i)).collect();
        Chain { nodes, by_plan_node, outbox: VecDeque::new(), telemetry, subtask, now: 0 }
    }

    /// The chain's number of a plan node.
    pub fn position(&self, plan_node: usize) -> Result<usize> {
        let found = self.by_plan_node.get(&plan_node).copied();
        found.ok_or_else(|| Failure::internal(format!("node {plan_node} is not in this task")))
    }

    pub fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    pub fn take_outgoing(&mut self) -> Option<Outgoing> {
        self.outbox.pop_front()
    }

    /// An element at input `port` of a node; for a source, what it read.
    pub fn deliver(&mut self, node: usize, port: usize, element: Element) -> Result<()> {
        match element {
            Element::Batch(batch) => self.on_batch(node, port, batch),
            Element::Watermark(watermark) => {
                let change = self.nodes[node].valve.on_watermark(port, watermark);
                change.map_or(Ok(()), |change| self.on_valve(node, change))
            }
            Element::Idle => {
                let changes = self.nodes[node].valve.on_idle(port);
                changes.into_iter().try_for_each(|change| self.on_valve(node, change))
            }
            Element::Active => {
                let change = self.nodes[node].valve.on_active(port);
                change.map_or(Ok(()), |change| self.on_valve(node, change))
            }
            Element::End => {
                let open = &mut self.nodes[node].open_ports;
                *open = open.saturating_sub(1);
                if *open > 0 { Ok(()) } else { self.send(node, Element::End) }
            }
            Element::Barrier(_) => Err(Failure::internal("a barrier inside a chain")),
        }
    }

    fn on_batch(&mut self, position: usize, port: usize, batch: Batch) -> Result<()> {
        let rows = batch.num_rows() as u64;
        let node = &mut self.nodes[position];
        let counters = &self.telemetry.nodes[node.plan_node];
        match &mut node.body {
            Body::Source => {
                counters.records_out.fetch_add(rows, Relaxed);
                self.send(position, Element::Batch(batch))
            }
            Body::Sink(sink) => {
                counters.records_in.fetch_add(rows, Relaxed);
                self.outbox.push_back(Outgoing::Sink(*sink, batch));
                Ok(())
            }
            Body::Operator(operator) | Body::CorrectedSink(operator, _) => {
                counters.records_in.fetch_add(rows, Relaxed);
                let mut out = Vec::new();
                let watermark = node.valve.watermark();
                let mut cx = Cx { now: self.now, watermark, telemetry: &self.telemetry, out: &mut out };
                operator.on_batch(port, batch, &mut cx)?;
                self.send_batches(position, out)
            }
        }
    }

    fn on_valve(&mut self, position: usize, change: ValveOutput) -> Result<()> {
        let watermark = match change {
            ValveOutput::Idle => return self.send(position, Element::Idle),
            ValveOutput::Active => return self.send(position, Element::Active),
            ValveOutput::Watermark(watermark) => watermark,
        };
        let node = &mut self.nodes[position];
        self.telemetry.nodes[node.plan_node].set_watermark(self.subtask, watermark);
        if let Some(operator) = node.body.operator_mut() {
            let mut out = Vec::new();
            let mut cx = Cx { now: self.now, watermark, telemetry: &self.telemetry, out: &mut out };
            operator.on_watermark(watermark, &mut cx)?;
            self.send_batches(position, out)?;
        }
        self.send(position, Element::Watermark(watermark))
    }

    fn send_batches(&mut self, position: usize, batches: Vec<Batch>) -> Result<()> {
        if let Body::CorrectedSink(_, sink) = self.nodes[position].body {
            self.outbox.extend(batches.into_iter().map(|batch| Outgoing::Sink(sink, batch)));
            return Ok(());
        }
        for batch in batches {
            let plan_node = self.nodes[position].plan_node;
            self.telemetry.nodes[plan_node].records_out.fetch_add(batch.num_rows() as u64, Relaxed);
            self.send(position, Element::Batch(batch))?;
        }
        Ok(())
    }

    fn send(&mut self, position: usize, element: Element) -> Result<()> {
        for index in 0..self.nodes[position].targets.len() {
            match self.nodes[position].targets[index] {
                Target::Local { node, port } => self.deliver(node, port, element.clone())?,
                Target::Output(output) => self.outbox.push_back(Outgoing::Output(output, element.clone())),
            }
        }
        Ok(())
    }

    /// State of every operator by plan node; `full` says for which plan nodes all of it is wanted.
    pub fn snapshot(&mut self, mut full: impl FnMut(usize) -> bool) -> Result<Vec<(usize, Snapshot)>> {
        let mut states = Vec::new();
        for node in &mut self.nodes {
            if let Some(operator) = node.body.operator_mut() {
                states.push((node.plan_node, operator.snapshot(full(node.plan_node))?));
                let bytes = operator.state_bytes() as u64;
                self.telemetry.nodes[node.plan_node].set_state_bytes(self.subtask, bytes);
            }
        }
        Ok(states)
    }

    pub fn restore(&mut self, plan_node: usize, parts: &[Part]) -> Result<()> {
        let position = self.position(plan_node)?;
        self.nodes[position].body.operator_mut().map_or(Ok(()), |operator| operator.restore(parts))
    }

    /// Tells the telemetry how much state there is.
    pub fn report_state(&self) {
        for node in &self.nodes {
            if let Some(operator) = node.body.operator() {
                let bytes = operator.state_bytes() as u64;
                self.telemetry.nodes[node.plan_node].set_state_bytes(self.subtask, bytes);
            }
        }
    }
}
