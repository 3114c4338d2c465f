//! [`build`]: the subtasks of a job, connected and restored, ready to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_functions::{Evaluator, EvaluatorOptions, TimeZone};
use nutkin_kafka::{Compression, IsolationLevel};
use nutkin_plan::operators::{Exchange, ExchangeKind, ScanWatermark, SinkTarget, TableSourceScan};
use nutkin_plan::table::{
    Compression as PlanCompression, Connector, IsolationLevel as PlanIsolation, KafkaTable, Table,
};
use nutkin_plan::{Operator as PlanOperator, Plan};
use nutkin_state::lineage::FileWriter;
use tokio::sync::mpsc;

use crate::checkpoint::CheckpointBody;
use crate::commit::marker_group;
use crate::error::{Failure, FailureKind, Result};
use crate::job::context::JobContext;
use crate::job::event::JobEvent;
use crate::job::results::ResultBuffer;
use crate::job::spec::JobSpec;
use crate::operators::{self, OperatorOptions};
use crate::runtime::chain::{Body, Chain, ChainNode, Target};
use crate::runtime::channel::{Receiver, Sender, channel};
use crate::runtime::gate::Gate;
use crate::runtime::graph::JobGraph;
use crate::runtime::output::Output;
use crate::runtime::subtask::{Report, Route, SourceSlot, Subtask, SubtaskOptions};
use crate::sink::SinkTask;
use crate::sink::kafka::{KafkaSink, KafkaSinkOptions};
use crate::sink::memory::MemorySink;
use crate::sink::record::RecordEncoder;
use crate::source::Source;
use crate::source::alignment::{Alignment, Seat};
use crate::source::generator::{GeneratedRows, GeneratorOptions, GeneratorSource};
use crate::source::kafka::{KafkaSource, KafkaSourceOptions, WatermarkRule};
use crate::source::memory::MemorySource;
use crate::source::record::RecordDecoder;
use crate::source::values::ValuesSource;
use crate::source::watermark::Idleness;
use crate::state::{KeyGroupRange, Part};
use crate::telemetry::{TaskLayout, Telemetry};

/// What a job's subtasks are made from.
pub(crate) struct BuildOptions<'a> {
    pub spec: &'a JobSpec,
    pub plan: Arc<Plan>,
    pub context: &'a JobContext,
    pub telemetry: Arc<Telemetry>,
    pub results: Arc<ResultBuffer>,
    pub events: mpsc::UnboundedSender<JobEvent>,
    /// The checkpoint to go on from.
    pub restored: Option<&'a CheckpointBody>,
    pub markers: &'a BTreeMap<String, u64>,
    /// Checkpoint that the first rows belong to.
    pub epoch: u64,
    pub files: FileWriter,
    pub file_prefix: String,
    /// When the job was started, for progressive idleness.
    pub started_at: i64,
}

pub(crate) struct Built {
    pub subtasks: Vec<Subtask>,
    pub triggers: Vec<mpsc::UnboundedSender<u64>>,
    pub reports: mpsc::UnboundedReceiver<Report>,
}

pub(crate) async fn build(options: &BuildOptions<'_>) -> Result<Built> {
    let graph = JobGraph::new(&options.plan, options.spec.parallelism)?;
    options.telemetry.layout(
        graph
            .tasks
            .iter()
            .map(|task| TaskLayout { parallelism: task.parallelism, nodes: task.nodes.clone() })
            .collect(),
    );
    let zone = TimeZone::parse(&options.plan.time_zone)
        .map_err(|error| Failure::new(FailureKind::Unsupported, error.to_string()))?;
    let mut builder = Builder {
        options,
        parts: restored_parts(options).await?,
        evaluator: EvaluatorOptions { time_zone: zone },
        wiring: Wiring::new(&graph, options.spec.settings.channel_bytes),
        alignment: options.plan.scan.max_drift().and_then(Alignment::new),
        graph: &graph,
        triggers: Vec::new(),
    };
    let (reports, received) = mpsc::unbounded_channel();
    let mut subtasks = Vec::new();
    for task in 0..graph.tasks.len() {
        for subtask in 0..graph.tasks[task].parallelism {
            subtasks.push(builder.subtask(task, subtask, reports.clone()).await?);
        }
    }
    Ok(Built { subtasks, triggers: builder.triggers, reports: received })
}

/// State of every operator, read from its files.
async fn restored_parts(options: &BuildOptions<'_>) -> Result<BTreeMap<usize, Vec<Part>>> {
    let mut parts = BTreeMap::new();
    let Some(body) = options.restored else { return Ok(parts) };
    for (node, plan_node) in options.plan.nodes.iter().enumerate() {
        let mut found = Vec::new();
        for state in body.operators.get(&plan_node.id).into_iter().flatten() {
            let mut part = Part { meta: state.meta.clone(), tables: BTreeMap::new() };
            for (table, files) in &state.tables {
                let batches = part.tables.entry(table.clone()).or_default();
                for file in files {
                    let content = options.context.checkpoints.read_file(file).await?;
                    batches.extend(nutkin_state::file::decode(&file.path, &content)?.1);
                }
            }
            found.push(part);
        }
        parts.insert(node, found);
    }
    Ok(parts)
}

/// Channels of all exchanges, taken by the subtasks as they are built.
struct Wiring {
    /// By edge and sending subtask: one sender per receiving subtask.
    senders: BTreeMap<(usize, u32), Vec<Sender>>,
    /// By edge and receiving subtask: one receiver per sending subtask.
    receivers: BTreeMap<(usize, u32), Vec<Receiver>>,
}

impl Wiring {
    fn new(graph: &JobGraph, bytes: usize) -> Wiring {
        let mut wiring = Wiring { senders: BTreeMap::new(), receivers: BTreeMap::new() };
        for (number, edge) in graph.edges.iter().enumerate() {
            for from in 0..graph.tasks[edge.from_task].parallelism {
                for to in 0..graph.tasks[edge.to_task].parallelism {
                    let (sender, receiver) = channel(bytes);
                    wiring.senders.entry((number, from)).or_default().push(sender);
                    wiring.receivers.entry((number, to)).or_default().push(receiver);
                }
            }
        }
        wiring
    }
}

struct Builder<'a> {
    options: &'a BuildOptions<'a>,
    graph: &'a JobGraph,
    parts: BTreeMap<usize, Vec<Part>>,
    evaluator: EvaluatorOptions,
    wiring: Wiring,
    alignment: Option<Arc<Alignment>>,
    triggers: Vec<mpsc::UnboundedSender<u64>>,
}

impl Builder<'_> {
    async fn subtask(&mut self, task: usize, subtask: u32, reports: mpsc::UnboundedSender<Report>) -> Result<Subtask> {
        let plan = self.options.plan.clone();
        let settings = &self.options.spec.settings;
        let nodes = &self.graph.tasks[task].nodes;
        let (mut sources, mut sinks, mut chain_nodes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut outputs, targets) = self.outputs(task, subtask);
        for &node in nodes {
            let operator_options = OperatorOptions {
                plan: &plan,
                node,
                range: KeyGroupRange::of(subtask, self.graph.tasks[task].parallelism),
                evaluator: self.evaluator.clone(),
                batch_rows: settings.batch_rows.max(1),
            };
            let body = match &plan.nodes[node].operator {
                PlanOperator::TableSourceScan(_) | PlanOperator::Values(_) => {
                    let source = self.source(node, task, subtask).await?;
                    sources.push(SourceSlot { plan_node: node, source, ended: false });
                    Body::Source
                }
                PlanOperator::Sink(sink) => {
                    sinks.push(self.sink(node, sink.target, subtask).await?);
                    match sink.upsert_materialize {
                        false => Body::Sink(sinks.len() - 1),
                        true => Body::CorrectedSink(self.correction(node, &operator_options)?, sinks.len() - 1),
                    }
                }
                _ => Body::Operator(operators::create(&operator_options)?),
            };
            let node_targets = self.targets(node, nodes, &targets);
            chain_nodes.push(ChainNode::new(node, body, plan.nodes[node].inputs.len(), node_targets));
        }
        let mut chain = Chain::new(chain_nodes, self.options.telemetry.clone(), subtask);
        for &node in nodes {
            if let Some(parts) = self.parts.get(&node).filter(|parts| !parts.is_empty()) {
                chain.restore(node, parts)?;
            }
        }
        chain.report_state();
        let (gate, routes) = self.inputs(task, subtask, &chain)?;
        let (trigger, triggers) = mpsc::unbounded_channel();
        if !sources.is_empty() {
            self.triggers.push(trigger);
        }
        outputs.shrink_to_fit();
        Ok(Subtask::new(SubtaskOptions {
            task,
            subtask,
            chain,
            sources,
            gate,
            routes,
            outputs,
            sinks,
            triggers,
            reports,
            files: self.options.files.clone(),
            file_prefix: self.options.file_prefix.clone(),
            deltas_per_full: settings.deltas_per_full_snapshot,
            memory_budget: self.options.spec.memory_budget(),
            clock: self.options.context.clock.clone(),
            telemetry: self.options.telemetry.clone(),
        }))
    }

    /// Brings the rows of a sink in line with its primary key, by which they come.
    fn correction(&self, node: usize, options: &OperatorOptions<'_>) -> Result<Box<dyn operators::Operator>> {
        let plan = &self.options.plan;
        let sink = &plan.nodes[node];
        let PlanOperator::Sink(operator) = &sink.operator else {
            return Err(Failure::internal("only sinks are corrected"));
        };
        let input = sink.inputs.first().map(|&input| &plan.nodes[input].operator);
        let Some(PlanOperator::Exchange(Exchange { kind: ExchangeKind::Hash(primary_key) })) = input else {
            return Err(Failure::internal("a sink is corrected behind an exchange by its primary key"));
        };
        let upsert_key = sink.upsert_keys.first().map_or(&[][..], Vec::as_slice);
        operators::upsert_materializer::create(primary_key, upsert_key, operator.state_ttl, options)
    }

    /// Sending ends of the task's exchanges, and which plan node feeds which.
    fn outputs(&mut self, task: usize, subtask: u32) -> (Vec<Output>, Vec<(usize, usize)>) {
        let (mut outputs, mut fed_by) = (Vec::new(), Vec::new());
        for (number, edge) in self.graph.edges.iter().enumerate().filter(|(_, edge)| edge.from_task == task) {
            let senders = self.wiring.senders.remove(&(number, subtask)).unwrap_or_default();
            fed_by.push((edge.from_node, outputs.len()));
            outputs.push(Output::new(edge.kind.clone(), senders));
        }
        (outputs, fed_by)
    }

    fn targets(&self, node: usize, nodes: &[usize], fed_by: &[(usize, usize)]) -> Vec<Target> {
        let mut targets = Vec::new();
        for (position, &consumer) in nodes.iter().enumerate() {
            for (port, &input) in self.options.plan.nodes[consumer].inputs.iter().enumerate() {
                if input == node {
                    targets.push(Target::Local { node: position, port });
                }
            }
        }
        targets.extend(fed_by.iter().filter(|(from, _)| *from == node).map(|&(_, output)| Target::Output(output)));
        targets
    }

    fn inputs(&mut self, task: usize, subtask: u32, chain: &Chain) -> Result<(Gate, Vec<Route>)> {
        let (mut receivers, mut routes) = (Vec::new(), Vec::new());
        let edges = self.graph.edges.iter().enumerate().filter(|(_, edge)| edge.to_task == task);
        for (edge, (number, plan)) in edges.enumerate() {
            let node = chain.position(plan.to_node)?;
            let channels = self.wiring.receivers.remove(&(number, subtask)).unwrap_or_default();
            for (channel, receiver) in channels.into_iter().enumerate() {
                receivers.push(receiver);
                routes.push(Route { edge, channel, node, port: plan.to_port });
            }
        }
        Ok((Gate::new(receivers), routes))
    }

    /// A place among the sources that wait for each other; sources without watermarks neither wait nor hold others back.
    fn seat(&self, scan: &TableSourceScan) -> Option<Seat> {
        let alignment = self.alignment.as_ref().filter(|_| scan.watermark.is_some())?;
        Some(alignment.join())
    }

    fn restored_meta(&self, node: usize) -> Vec<serde_json::Value> {
        self.parts.get(&node).into_iter().flatten().map(|part| part.meta.clone()).collect()
    }

    async fn source(&self, node: usize, task: usize, subtask: u32) -> Result<Box<dyn Source>> {
        let plan = &self.options.plan;
        let restored = self.restored_meta(node);
        let scan = match &plan.nodes[node].operator {
            PlanOperator::Values(values) => {
                return Ok(Box::new(ValuesSource::new(values, &plan.nodes[node], subtask, &restored)?));
            }
            PlanOperator::TableSourceScan(scan) => scan,
            other => return Err(Failure::internal(format!("{} is not a source", other.name()))),
        };
        let table = &plan.tables[scan.table];
        match &table.connector {
            Connector::Kafka(kafka) => {
                let options = self.kafka_source(scan, node, table, kafka, task, subtask).await?;
                Ok(Box::new(KafkaSource::start(options, &restored).await?))
            }
            Connector::Generator(generator) => {
                let options = GeneratorOptions {
                    rows: GeneratedRows::new(generator, scan, &plan.nodes[node])?,
                    clock: self.options.context.clock.clone(),
                    telemetry: self.options.telemetry.clone(),
                    plan_node: node,
                    subtask,
                    batch_rows: self.source_rows(),
                    watermarks: scan.watermark.is_some(),
                    seat: if subtask == 0 { self.seat(scan) } else { None },
                };
                Ok(Box::new(GeneratorSource::new(options, &restored)?))
            }
            Connector::Blackhole => {
                Err(Failure::new(FailureKind::Unsupported, format!("{} cannot be read: it is a blackhole", table.path)))
            }
            Connector::Memory => {
                let input = self.options.context.memory.input(&table.path);
                let rows = self.source_rows();
                let source = MemorySource::new(input, table, scan, &plan.nodes[node], &self.evaluator, rows)?;
                Ok(Box::new(source.start(subtask, &restored)?))
            }
        }
    }

    /// Rows of a batch that is read. What is read together is folded together, so that the size of mini-batches is theirs.
    fn source_rows(&self) -> usize {
        let rows =
            self.options.plan.mini_batch_rows.map_or(self.options.spec.settings.batch_rows, |rows| rows as usize);
        rows.max(1)
    }

    async fn kafka_source(
        &self,
        scan: &TableSourceScan,
        node: usize,
        table: &Table,
        kafka: &KafkaTable,
        task: usize,
        subtask: u32,
    ) -> Result<KafkaSourceOptions> {
        let (spec, context) = (self.options.spec, self.options.context);
        let settings = &spec.settings;
        let compile = |expr| Evaluator::compile(expr, &self.evaluator);
        let watermark = match &scan.watermark {
            None => None,
            Some(ScanWatermark::Source { rowtime }) => Some(WatermarkRule::Default(compile(rowtime)?)),
            Some(ScanWatermark::MaxSeen { rowtime }) => Some(WatermarkRule::Largest(compile(rowtime)?)),
            Some(ScanWatermark::Expression { watermark, .. }) => Some(WatermarkRule::Largest(compile(watermark)?)),
        };
        let given = spec.start_offsets.iter().find(|o| o.cluster_id == kafka.cluster_id && o.topic == kafka.topic);
        let startup = match given {
            Some(given) => nutkin_plan::table::StartupMode::SpecificOffsets(given.partitions.clone()),
            None => kafka.startup.clone(),
        };
        let idleness = match self.options.plan.scan.idle_timeout {
            None => Idleness::Progressive { created_at: settings.created_at.unwrap_or(self.options.started_at) },
            Some(timeout) if timeout <= 0 => Idleness::Never,
            Some(timeout) => Idleness::After(timeout),
        };
        let events = self.options.events.clone();
        Ok(KafkaSourceOptions {
            table: table.path.to_string(),
            topic: kafka.topic.clone(),
            registry_id: kafka.registry_id.clone(),
            cluster: context.clusters.cluster(&kafka.cluster_id).await?,
            schemas: context.schemas.clone(),
            clock: context.clock.clone(),
            telemetry: self.options.telemetry.clone(),
            plan_node: node,
            subtask,
            parallelism: self.graph.tasks[task].parallelism,
            isolation: match kafka.isolation {
                PlanIsolation::ReadCommitted => IsolationLevel::ReadCommitted,
                PlanIsolation::ReadUncommitted => IsolationLevel::ReadUncommitted,
            },
            startup,
            bounded: kafka.bounded.clone(),
            decoder: RecordDecoder::new(scan, &self.options.plan.nodes[node], table, kafka)?,
            watermark,
            idleness,
            seat: self.seat(scan),
            watermark_interval: settings.watermark_interval,
            discovery_interval: settings.partition_discovery_interval,
            batch_rows: self.source_rows(),
            buffer_bytes: settings.fetch_bytes,
            warn: Arc::new(move |message| {
                let _ = events.send(JobEvent::Warning { message });
            }),
        })
    }

    async fn sink(&self, node: usize, target: SinkTarget, subtask: u32) -> Result<SinkTask> {
        let plan = &self.options.plan;
        let table = match target {
            SinkTarget::Collect => return Ok(SinkTask::Collect(self.options.results.clone())),
            SinkTarget::Table(table) => &plan.tables[table],
        };
        let kafka = match &table.connector {
            Connector::Blackhole => return Ok(SinkTask::Blackhole),
            Connector::Generator(_) => {
                return Err(Failure::new(FailureKind::Unsupported, format!("{} cannot be written", table.path)));
            }
            Connector::Memory => {
                let output = self.options.context.memory.output(&table.path);
                output.take_back(self.options.epoch);
                return Ok(SinkTask::Memory(Box::new(MemorySink::new(output, table, self.options.epoch))));
            }
            Connector::Kafka(kafka) => kafka,
        };
        let (spec, context) = (self.options.spec, self.options.context);
        let cluster = context.clusters.cluster(&kafka.cluster_id).await?;
        let partitions = cluster.partitions(&kafka.topic).await?.len();
        let sink = plan.sinks().position(|sink| sink == node).unwrap_or(0);
        let group = marker_group(&spec.statement_uid, sink, subtask);
        Ok(SinkTask::Kafka(Box::new(KafkaSink::new(KafkaSinkOptions {
            statement_uid: spec.statement_uid.clone(),
            sink,
            subtask,
            cluster_id: kafka.cluster_id.clone(),
            cluster,
            topic: kafka.topic.clone(),
            compression: match kafka.compression {
                PlanCompression::None => Compression::None,
                PlanCompression::Gzip => Compression::Gzip,
                PlanCompression::Snappy => Compression::Snappy,
                PlanCompression::Lz4 => Compression::Lz4,
                PlanCompression::Zstd => Compression::Zstd,
            },
            encoder: RecordEncoder::new(table, kafka, partitions, subtask)?,
            transaction_timeout: spec.settings.transaction_timeout,
            epoch: self.options.epoch,
            files: self.options.files.clone(),
            file_prefix: self.options.file_prefix.clone(),
            previous_marker: self.options.markers.get(&group).copied(),
            clock: context.clock.clone(),
            telemetry: self.options.telemetry.clone(),
            plan_node: node,
        }))))
    }
}
