//! [`JobGraph`]: a plan cut into tasks. Pure: a plan and a parallelism in, a graph out.
//!
//! Exchanges are the cuts. What is connected without one is a task and runs chained. A task that is fed by a single
//! exchange has one subtask; every other has as many as the job's parallelism.

use nutkin_plan::operators::ExchangeKind;
use nutkin_plan::{Operator, Plan};

use crate::error::{Failure, FailureKind, Result};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JobGraph {
    pub tasks: Vec<TaskPlan>,
    pub edges: Vec<EdgePlan>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TaskPlan {
    /// Positions in the plan, inputs first.
    pub nodes: Vec<usize>,
    pub parallelism: u32,
}

/// An exchange between a node of one task and an input of a node of another.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EdgePlan {
    pub kind: ExchangeKind,
    pub from_task: usize,
    pub from_node: usize,
    pub to_task: usize,
    pub to_node: usize,
    pub to_port: usize,
}

impl JobGraph {
    pub fn new(plan: &Plan, parallelism: u32) -> Result<JobGraph> {
        plan.check().map_err(|error| Failure::internal(error.to_string()))?;
        let exchange = |node: usize| match &plan.nodes[node].operator {
            Operator::Exchange(exchange) => Some(&exchange.kind),
            _ => None,
        };
        let component = components(plan, |node| exchange(node).is_some());
        let mut tasks: Vec<TaskPlan> = Vec::new();
        let mut task_of = vec![usize::MAX; plan.nodes.len()];
        let mut task_of_component = vec![usize::MAX; plan.nodes.len()];
        for node in 0..plan.nodes.len() {
            if exchange(node).is_some() {
                continue;
            }
            let task = &mut task_of_component[component[node]];
            if *task == usize::MAX {
                *task = tasks.len();
                tasks.push(TaskPlan { nodes: Vec::new(), parallelism: parallelism.max(1) });
            }
            task_of[node] = *task;
            tasks[*task].nodes.push(node);
        }
        let mut edges = Vec::new();
        for (to_node, node) in plan.nodes.iter().enumerate() {
            for (to_port, &input) in node.inputs.iter().enumerate() {
                let Some(kind) = exchange(input) else { continue };
                let from_node = plan.nodes[input].inputs[0];
                if exchange(to_node).is_some() {
                    return Err(Failure::new(FailureKind::Unsupported, "an exchange that feeds an exchange"));
                }
                let (from_task, to_task) = (task_of[from_node], task_of[to_node]);
                if *kind == ExchangeKind::Single {
                    tasks[to_task].parallelism = 1;
                }
                edges.push(EdgePlan { kind: kind.clone(), from_task, from_node, to_task, to_node, to_port });
            }
        }
        Ok(JobGraph { tasks, edges })
    }
}

/// A number per node, equal for nodes that are connected without passing a cut.
fn components(plan: &Plan, is_cut: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..plan.nodes.len()).collect();
    fn root(parent: &mut [usize], mut node: usize) -> usize {
        while parent[node] != node {
            parent[node] = parent[parent[node]];
            node = parent[node];
        }
        node
    }
    for (position, node) in plan.nodes.iter().enumerate() {
        for &input in &node.inputs {
            if !is_cut(position) && !is_cut(input) {
                let (a, b) = (root(&mut parent, position), root(&mut parent, input));
                parent[a.max(b)] = a.min(b);
            }
        }
    }
    (0..plan.nodes.len()).map(|node| root(&mut parent, node)).collect()
}
