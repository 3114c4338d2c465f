//! [`Builder`]: puts nodes into a plan, equal ones once, and gives them ids.

use nutkin_functions::{Determinism, registry};
use nutkin_plan::ids::IdAssigner;
use nutkin_plan::operators::{Exchange, ExchangeKind};
use nutkin_plan::{ChangelogMode, Expr, ExprKind, Node, Operator, OperatorId, Plan, Table};
use nutkin_types::Schema;

use super::meaning::{self, Lineage};
use crate::relational::keys::containing;
use crate::session::Session;

/// A plan in the making.
pub(crate) struct Builder<'a> {
    pub(super) plan: Plan,
    pub(super) session: &'a Session,
    ids: IdAssigner,
    /// Per node, what each output column is made of.
    lineage: Vec<Lineage>,
}

/// A node before it has an id.
pub(super) struct Draft {
    pub operator: Operator,
    pub inputs: Vec<usize>,
    pub schema: Schema,
    pub mode: ChangelogMode,
    pub keys: Vec<Vec<usize>>,
}

impl<'a> Builder<'a> {
    pub fn new(session: &'a Session) -> Builder<'a> {
        let mut plan = Plan::new(&session.time_zone);
        plan.scan = session.scan.timing;
        plan.mini_batch_rows = session.optimizer.mini_batch.map(|mini_batch| mini_batch.size);
        Builder { plan, session, ids: IdAssigner::default(), lineage: Vec::new() }
    }

    /// Position of the node, which may have been there before.
    pub(super) fn push(&mut self, draft: Draft) -> usize {
        if let Some(found) = self.find(&draft) {
            return found;
        }
        let inputs: Vec<&Lineage> = draft.inputs.iter().filter_map(|&input| self.lineage.get(input)).collect();
        let (meaning, lineage) = meaning::describe(&draft.operator, &self.plan.tables, &inputs);
        let input_ids: Vec<&OperatorId> = draft.inputs.iter().map(|&input| &self.plan.nodes[input].id).collect();
        let id = self.ids.assign(draft.operator.name(), &meaning, &input_ids);
        self.lineage.push(lineage);
        self.plan.nodes.push(Node {
            id,
            operator: draft.operator,
            inputs: draft.inputs,
            schema: draft.schema,
            changelog_mode: draft.mode,
            upsert_keys: draft.keys,
        });
        self.plan.nodes.len() - 1
    }

    /// A node that computes the same. Sinks are never shared, nor is what may differ from one evaluation to the next.
    fn find(&self, draft: &Draft) -> Option<usize> {
        if matches!(draft.operator, Operator::Sink(_)) || !is_repeatable(&draft.operator) {
            return None;
        }
        self.plan.nodes.iter().position(|node| {
            node.operator == draft.operator
                && node.inputs == draft.inputs
                && node.changelog_mode == draft.mode
                && node.schema.columns.iter().map(|c| &c.data_type).eq(draft
                    .schema
                    .columns
                    .iter()
                    .map(|c| &c.data_type))
        })
    }

    /// Position of `table` in the plan.
    pub(super) fn table(&mut self, table: &Table) -> usize {
        self.plan.tables.iter().position(|known| known == table).unwrap_or_else(|| {
            self.plan.tables.push(table.clone());
            self.plan.tables.len() - 1
        })
    }

    pub(super) fn node(&self, position: usize) -> &Node {
        &self.plan.nodes[position]
    }

    /// An exchange above `input`: by key, or to one task when there is none. None where the rows are there already.
    pub(super) fn exchange(&mut self, input: usize, keys: &[usize]) -> usize {
        let kind = if keys.is_empty() { ExchangeKind::Single } else { ExchangeKind::Hash(keys.to_vec()) };
        let below = self.node(input);
        let draft = Draft {
            operator: Exchange { kind }.into(),
            inputs: vec![input],
            schema: below.schema.clone(),
            mode: below.changelog_mode,
            keys: containing(below.upsert_keys.clone(), keys),
        };
        self.push(draft)
    }
}

fn is_repeatable(operator: &Operator) -> bool {
    match operator {
        Operator::Calc(calc) => calc.projection.iter().chain(&calc.condition).all(is_deterministic),
        _ => true,
    }
}

fn is_deterministic(expr: &Expr) -> bool {
    let mut deterministic = true;
    expr.walk(&mut |part| {
        if let ExprKind::Call { function, .. } = &part.kind {
            deterministic &= registry::lookup(function).is_some_and(|f| f.determinism != Determinism::NonDeterministic);
        }
    });
    deterministic
}
