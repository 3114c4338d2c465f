//! PERCENTILE: exact percentiles by linear interpolation between the two nearest values.
//!
//! Arguments may be columns or, from the end, constants. All values of a group are kept, each with its weight. The
//! percentages of the last row count, as in Flink.

use std::any::Any;
use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray};
use nutkin_types::{DataType, LogicalType as T, Value, value};

use super::codec::{Codec, Words};
use super::rows::Rows;
use super::{Accumulator, AggregateFunction, AggregateOptions, state};
use crate::error::{AggregateError, EvaluationError, SignatureError};
use crate::signature::{Argument, Inferred, Of, Param};

pub(super) static PERCENTILE: AggregateFunction = AggregateFunction {
    name: "PERCENTILE",
    aliases: &[],
    signature: "PERCENTILE(value, percentage[, frequency])",
    description: "The exact percentile (0 to 1, or an array of such) of the values that are not NULL; each value counts frequency times.",
    retractable: true,
    types,
    create: |options| Ok(Box::new(Percentile::new(options)?)),
};

fn types(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if !matches!(args.len(), 2 | 3) {
        return Err(of.count(args.len()));
    }
    let mut arg_types = vec![of.accept(0, &args[0], &Param::Double)?];
    let percentage = args[1].data_type;
    if percentage.nullable {
        return Err(of.wrong(1, percentage, "a number or an array of numbers that is NOT NULL"));
    }
    let literal = match args[1].literal {
        Some(Value::Integer(number)) => Some(*number as f64),
        Some(Value::Double(number)) => Some(*number),
        Some(Value::Decimal(unscaled)) => {
            percentage.logical.as_decimal().map(|(_, scale)| *unscaled as f64 / 10f64.powi(scale.into()))
        }
        _ => None,
    };
    if literal.is_some_and(|number| !(0.0..=1.0).contains(&number)) {
        return Err(of.reason("the percentage must be between 0.0 and 1.0"));
    }
    let result = match &percentage.logical {
        T::Array { element } if element.logical.is_numeric() && !element.nullable => {
            arg_types.push(T::array(T::Double.not_null()).not_null());
            T::array(T::Double.nullable())
        }
        logical if logical.is_numeric() => {
            arg_types.push(T::Double.not_null());
            T::Double
        }
        _ => return Err(of.wrong(1, percentage, "a number or an array of numbers that is NOT NULL")),
    };
    if let Some(frequency) = args.get(2) {
        arg_types.push(of.accept(2, frequency, &Param::BigInt)?);
    }
    Ok(Inferred { arg_types, result: result.nullable() })
}

#[derive(Debug, Clone, Default)]
struct Group {
    /// Value to weight, in the order of values.
    values: BTreeMap<i64, i64>,
    percentages: Vec<f64>,
}

struct Percentile {
    words: Words,
    /// The result is an array.
    list: bool,
    result: DataType,
    /// Constants of the arguments after the columns.
    literals: Vec<Value>,
    groups: Vec<Group>,
}

impl Percentile {
    fn new(options: &AggregateOptions<'_>) -> Result<Percentile, AggregateError> {
        Ok(Percentile {
            words: Words::new(&T::Double.nullable())?,
            list: matches!(options.result.logical, T::Array { .. }),
            result: options.result.clone(),
            literals: options.literals.to_vec(),
            groups: Vec::new(),
        })
    }

    /// Argument `index` as a column: one that came, or a constant repeated.
    fn argument(
        &self,
        args: &[ArrayRef],
        index: usize,
        logical: &T,
        rows: usize,
    ) -> Result<Option<ArrayRef>, AggregateError> {
        if let Some(array) = args.get(index) {
            return Ok(Some(array.clone()));
        }
        let Some(literal) = index.checked_sub(args.len()).and_then(|at| self.literals.get(at)) else { return Ok(None) };
        let constants: Vec<&Value> = std::iter::repeat_n(literal, rows).collect();
        Ok(Some(value::array_of(&constants, logical)?))
    }

    /// The percentages of a row.
    fn percentages(&self, array: &ArrayRef, row: usize) -> Result<Vec<f64>, AggregateError> {
        let numbers = if self.list {
            array.as_list_opt::<i32>().filter(|list| list.is_valid(row)).map(|list| list.value(row))
        } else {
            Some(array.slice(row, 1))
        };
        let numbers = numbers.ok_or_else(|| AggregateError::Internal("PERCENTILE without percentages".to_owned()))?;
        let found = numbers.as_primitive_opt::<Float64Type>().map(|numbers| numbers.values().to_vec());
        let found = found.ok_or_else(|| AggregateError::Internal("percentages that are no DOUBLE".to_owned()))?;
        match found.iter().find(|number| !(0.0..=1.0).contains(*number)) {
            None => Ok(found),
            Some(wrong) => Err(AggregateError::Evaluation(EvaluationError::InvalidArgument {
                function: "PERCENTILE",
                value: wrong.to_string(),
                reason: format!("Percentage of PERCENTILE should be between [0.0, 1.0], but was '{wrong:?}'"),
            })),
        }
    }

    fn add(&mut self, slot: usize, key: i64, change: i64) {
        let values = &mut self.groups[slot].values;
        let count = values.entry(key).or_insert(0);
        *count += change;
        if *count == 0 {
            values.remove(&key);
        }
    }

    /// The percentile of values with their weights, which are above zero.
    fn percentile(numbers: &[(f64, i64)], percentage: f64) -> Option<f64> {
        let total: i64 = numbers.iter().map(|(_, count)| count).sum();
        // Counted from 1, as in Flink: the last digits depend on it.
        let position = (total.checked_sub(1).filter(|last| *last >= 0)?) as f64 * percentage + 1.0;
        let (lower, higher) = (position.floor(), position.ceil());
        let at = |wanted: f64| {
            let mut before = 0;
            let found = numbers.iter().find(|(_, count)| {
                before += count;
                before as f64 >= wanted
            });
            found.map(|(number, _)| *number)
        };
        let (low, high) = (at(lower)?, at(higher)?);
        if lower == higher || low == high {
            return Some(low);
        }
        Some((higher - position) * low + (position - lower) * high)
    }

    fn group(&self, group: &Group) -> Result<Vec<Option<f64>>, AggregateError> {
        let shown: Vec<(i64, i64)> =
            group.values.iter().filter(|(_, count)| **count > 0).map(|(k, c)| (*k, *c)).collect();
        let keys = self.words.build(shown.iter().map(|(key, _)| Some(key)))?;
        let numbers: Vec<(f64, i64)> = keys
            .as_primitive::<Float64Type>()
            .values()
            .iter()
            .copied()
            .zip(shown.iter().map(|(_, count)| *count))
            .collect();
        Ok(group.percentages.iter().map(|percentage| Self::percentile(&numbers, *percentage)).collect())
    }
}

impl Accumulator for Percentile {
    fn resize(&mut self, slots: usize) {
        self.groups.resize(slots.max(self.groups.len()), Group::default());
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let array = state::argument(args)?;
        let column = self.words.open(array)?;
        let percentage_type = if self.list { T::array(T::Double.not_null()) } else { T::Double };
        let percentages = self.argument(args, 1, &percentage_type, slots.len())?;
        let percentages =
            percentages.ok_or_else(|| AggregateError::Internal("PERCENTILE without percentages".to_owned()))?;
        let weights = self.argument(args, 2, &T::BigInt, slots.len())?;
        let weights = weights.as_ref().and_then(|weights| weights.as_primitive_opt::<Int64Type>());
        let nulls = array.logical_nulls();
        let mut changes = Vec::new();
        Rows { slots, kinds, filter }.for_each(nulls.as_ref(), |row, slot, adds| {
            let weight = weights.map_or(1, |weights| if weights.is_valid(row) { weights.value(row) } else { 0 });
            changes.push((row, slot, if adds { weight.max(0) } else { -weight.max(0) }));
        });
        for (row, slot, change) in changes {
            self.groups[slot].percentages = self.percentages(&percentages, row)?;
            if change != 0 {
                self.add(slot, *Words::key(&column, row), change);
            }
        }
        Ok(())
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Percentile>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            let group = &other.groups[from as usize];
            group.values.iter().for_each(|(key, count)| self.add(into as usize, *key, *count));
            if !group.percentages.is_empty() {
                self.groups[into as usize].percentages = group.percentages.clone();
            }
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        let mut found = Vec::with_capacity(slots.len());
        for &slot in slots {
            let percentiles = self.group(&self.groups[slot as usize])?;
            let number = |value: Option<f64>| value.map_or(Value::Null, Value::Double);
            found.push(match percentiles.as_slice() {
                [] => Value::Null,
                [only] if !self.list => number(*only),
                all if all.iter().any(Option::is_none) => Value::Null,
                all => Value::List(all.iter().map(|value| number(*value)).collect()),
            });
        }
        Ok(value::array_of(&found.iter().collect::<Vec<_>>(), &self.result.logical)?)
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![state::counts_type(&T::Double.not_null()), state::list_type(&T::Double.not_null())]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let groups = slots.iter().map(|&slot| &self.groups[slot as usize]);
        let counts = groups.clone().map(|group| group.values.iter().map(|(key, count)| (key, *count)).collect());
        let lists: Vec<Value> =
            groups.map(|group| Value::List(group.percentages.iter().map(|p| Value::Double(*p)).collect())).collect();
        let list_type = state::list_type(&T::Double.not_null());
        Ok(vec![
            state::counts(&self.words, &T::Double.not_null(), counts)?,
            value::array_of(&lists.iter().collect::<Vec<_>>(), &list_type.logical)?,
        ])
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        self.clear(slots);
        let mut read = Vec::new();
        state::read_counts(&self.words, state::column(columns, 0)?, |row, key, count| read.push((row, *key, count)))?;
        for (row, key, count) in read {
            self.add(slots[row] as usize, key, count);
        }
        let lists = state::column(columns, 1)?;
        let lists = lists
            .as_list_opt::<i32>()
            .ok_or_else(|| AggregateError::Internal("percentages of a checkpoint".to_owned()))?;
        for (row, &slot) in slots.iter().enumerate() {
            let numbers = lists.value(row);
            let numbers = numbers.as_primitive_opt::<Float64Type>().map(|numbers| numbers.values().to_vec());
            self.groups[slot as usize].percentages = numbers.unwrap_or_default();
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        slots.iter().for_each(|&slot| self.groups[slot as usize] = Group::default());
    }

    fn memory_size(&self) -> usize {
        let entries: usize = self.groups.iter().map(|group| group.values.len()).sum();
        self.groups.capacity() * size_of::<Group>() + entries * 2 * size_of::<i64>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
