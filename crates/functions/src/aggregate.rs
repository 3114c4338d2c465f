//! Aggregate functions: the registry and the [`Accumulator`] contract.
//!
//! An accumulator holds the state of many groups at once, addressed by slot numbers that the engine's hash table hands
//! out. Whether the input can retract is known at creation, so that append-only inputs pay nothing for it. One file per
//! kind of function; each is one entry of the table in `aggregate/table.rs`.

use std::any::Any;
use std::collections::HashMap;
use std::sync::LazyLock;

use arrow_array::{ArrayRef, BooleanArray};
use nutkin_types::{DataType, Value};

use crate::error::{AggregateError, SignatureError};
use crate::signature::{Argument, Inferred, Of};

/// Columnar state of one aggregate call for all groups of an operator.
///
/// Invariant: after `export` of a slot and `import` into another accumulator of the same creation, both give the same
/// values ever after.
pub trait Accumulator: Send {
    /// Makes room for slots 0..`slots`; new slots are empty. Never shrinks.
    fn resize(&mut self, slots: usize);

    /// Folds rows: row i belongs to slot `slots[i]`; `kinds` as in `Batch::kinds` (None: all +I); +I and +U accumulate,
    /// -U and -D retract. `args` are evaluated columns with one value per row; only rows where `filter` is TRUE count.
    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError>;

    /// Folds slot `from[i]` of `other`, an accumulator of the same creation, into slot `into[i]`.
    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError>;

    /// `merge` of an accumulator of DISTINCT values that is told what changes: values that are new to slot `into[i]` by it, or
    /// gone, are folded into slot `fresh_into[i]` of `fresh`, an accumulator of the same function without DISTINCT.
    fn merge_distinct(
        &mut self,
        _into: &[u32],
        _other: &dyn Accumulator,
        _from: &[u32],
        _fresh: &mut dyn Accumulator,
        _fresh_into: &[u32],
    ) -> Result<(), AggregateError> {
        Err(AggregateError::Internal("an accumulator without DISTINCT knows no values".to_owned()))
    }

    /// Current result of each slot, of the Arrow type of the call's result type.
    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError>;

    /// Folds rows as [`Accumulator::update`] does and gives what slots hold on the way: one value per read, in order. `reads`
    /// ascend by the rows before them; rows after the last read are folded too.
    fn trace(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        reads: &[Read],
    ) -> Result<ArrayRef, AggregateError> {
        trace::step_by_step(self, &trace::Folded { slots, kinds, args, filter }, reads)
    }

    /// Types of the state columns of a checkpoint.
    fn state_types(&self) -> Vec<DataType>;

    /// State of each slot, one array per state type.
    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError>;

    /// Overwrites the slots by exported state.
    fn import(&mut self, slots: &[u32], state: &[ArrayRef]) -> Result<(), AggregateError>;

    /// Empties the slots, so that they can be used again.
    fn clear(&mut self, slots: &[u32]);

    /// Bytes held, roughly.
    fn memory_size(&self) -> usize;

    fn as_any(&self) -> &dyn Any;
}

/// A look at a slot between the rows of [`Accumulator::trace`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// How many rows of the call are folded before.
    pub after: u32,
    pub slot: u32,
}

/// One aggregate call as it is created.
#[derive(Debug, Clone)]
pub struct AggregateOptions<'a> {
    /// Types of the argument columns after implicit casts.
    pub arg_types: &'a [DataType],
    /// Constant arguments after the columns, such as the separator of LISTAGG.
    pub literals: &'a [Value],
    pub distinct: bool,
    pub result: &'a DataType,
    /// True when -U or -D rows can come.
    pub input_retracts: bool,
}

/// One built-in aggregate function.
pub struct AggregateFunction {
    /// Canonical upper-case name.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub signature: &'static str,
    pub description: &'static str,
    /// Can take rows back.
    pub retractable: bool,
    pub(crate) types: fn(Of, &[Argument<'_>]) -> Result<Inferred, SignatureError>,
    pub(crate) create: fn(&AggregateOptions<'_>) -> Result<Box<dyn Accumulator>, AggregateError>,
}

impl AggregateFunction {
    /// The types that the arguments are cast to, and the type of the result. COUNT(*) has no argument.
    pub fn infer(&self, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
        (self.types)(Of::new(self.name, self.signature), args)
    }

    /// An accumulator without slots. DISTINCT is taken care of here for every function.
    pub fn create(&self, options: &AggregateOptions<'_>) -> Result<Box<dyn Accumulator>, AggregateError> {
        if options.input_retracts && !self.retractable {
            return Err(AggregateError::NotRetractable { function: self.name });
        }
        if !options.distinct {
            return (self.create)(options);
        }
        let inner = (self.create)(options)?;
        distinct::distinct(inner, options, self.keeps_nulls())
    }

    /// True when an aggregation may be done in two phases: what was made of some rows is sent and merged with what was made of
    /// others. As in Flink, where the value depends on the order of all rows it may not. Members of a JSON object that are
    /// taken back before they came would be lost.
    pub fn merges(&self, input_retracts: bool) -> bool {
        match self.name {
            "FIRST_VALUE" | "LAST_VALUE" | "JSON_ARRAYAGG" => false,
            "JSON_OBJECTAGG" => !input_retracts,
            _ => true,
        }
    }

    /// True when the value depends on the order in which rows come, beside rounding.
    pub fn depends_on_order(&self) -> bool {
        let here = ["FIRST_VALUE", "LAST_VALUE", "LISTAGG", "ARRAY_AGG", "JSON_ARRAYAGG"];
        here.contains(&self.name) || lookup_over(self.name).is_some()
    }

    /// Errors when values of these types cannot be told apart by DISTINCT, as in Flink. MIN and MAX do not look at DISTINCT.
    pub fn check_distinct(&self, arg_types: &[DataType]) -> Result<(), SignatureError> {
        use nutkin_types::data_type::TypeFamily as F;
        let opaque =
            |t: &DataType| matches!(t.family(), F::BinaryString | F::Map | F::Multiset | F::Row | F::Structured);
        match arg_types.iter().position(opaque) {
            Some(place) if !matches!(self.name, "MIN" | "MAX") => Err(Of::new(self.name, self.signature).wrong(
                place,
                &arg_types[place],
                "a type that DISTINCT compares, which are all but binary strings, MAP, MULTISET, ROW and STRUCTURED",
            )),
            _ => Ok(()),
        }
    }

    /// True when NULL is a value like others to it.
    fn keeps_nulls(&self) -> bool {
        self.name == values::ARRAY_AGG.name
    }
}

static BY_NAME: LazyLock<HashMap<&'static str, &'static AggregateFunction>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for function in all() {
        names.insert(function.name, function);
        for alias in function.aliases {
            names.insert(*alias, function);
        }
    }
    names
});

/// The aggregate function of this name or alias, in any case; None when it is not built in.
pub fn lookup(name: &str) -> Option<&'static AggregateFunction> {
    BY_NAME.get(name).or_else(|| BY_NAME.get(name.to_uppercase().as_str())).copied()
}

/// The function that only an OVER window has of this name, in any case. Each row sees the rows of its window in order.
pub fn lookup_over(name: &str) -> Option<&'static AggregateFunction> {
    over_only().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// Every function that only an OVER window has, but for those that only know places: ranks and LEAD.
pub fn over_only() -> impl Iterator<Item = &'static AggregateFunction> {
    table::OVER_ONLY.iter().copied()
}

/// Every aggregate function.
pub fn all() -> impl Iterator<Item = &'static AggregateFunction> {
    table::AGGREGATES.iter().copied()
}

mod approximate;
mod codec;
mod count;
mod counted;
mod distinct;
mod forecast;
mod json;
mod lag;
mod percentile;
mod rows;
mod sequence;
mod single;
mod single_value;
mod state;
mod sum;
mod table;
mod trace;
mod values;
mod variance;
mod variance_decimal;
