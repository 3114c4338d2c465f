//! CAST of ARRAY, MAP, MULTISET, ROW and STRUCTURED: their parts are converted, the structure stays.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::DataType as ArrowType;
use nutkin_types::arrow::arrow_type;
use nutkin_types::map::{map_array, map_keys};
use nutkin_types::{DataType, LogicalType as T};

use super::{Plan, compile};
use crate::args::Args;
use crate::column::Column;
use crate::error::{EvaluationError, FunctionError};
use crate::registry::Kernel;

pub(super) fn kernel(plan: &Plan) -> Result<Option<Kernel>, FunctionError> {
    // A part that fails makes the whole value NULL under TRY_CAST, so parts always report.
    let part = |from: &DataType, to: &DataType| {
        compile(&Plan { from: from.clone(), to: to.clone(), null_on_failure: false, zone: plan.zone })
    };
    let int = T::Int.not_null();
    let target = arrow_type(&plan.to.logical);
    Ok(match (&plan.from.logical, &plan.to.logical) {
        (T::Array { element: from }, T::Array { element: to }) => Some(lists(part(from, to)?, target)),
        (T::Map { key: k1, value: v1 }, T::Map { key: k2, value: v2 }) => {
            Some(maps(part(k1, k2)?, part(v1, v2)?, plan.to.logical.clone()))
        }
        (T::Multiset { element: from }, T::Multiset { element: to }) => {
            Some(maps(part(from, to)?, part(&int, &int)?, plan.to.logical.clone()))
        }
        (from, to) => match (from.fields(), to.fields()) {
            (Some(from), Some(to)) if from.len() == to.len() => {
                let parts = from.iter().zip(to.iter()).map(|(from, to)| part(&from.data_type, &to.data_type));
                Some(rows(parts.collect::<Result<Vec<_>, _>>()?, target))
            }
            _ => None,
        },
    })
}

/// Under TRY_CAST: all rows at once, and only when one fails row by row.
pub(super) fn tried(plan: &Plan, kernel: Kernel) -> Kernel {
    if !plan.null_on_failure {
        return kernel;
    }
    let target = arrow_type(&plan.to.logical);
    Box::new(move |args| {
        if let Ok(array) = kernel(args) {
            return Ok(array);
        }
        let column = args.column(0)?;
        let mut rows = Vec::with_capacity(column.array.len());
        for row in 0..column.array.len() {
            let single = convert(&kernel, column.array.slice(row, 1), args);
            rows.push(single.unwrap_or_else(|_| arrow_array::new_null_array(&target, 1)));
        }
        let rows: Vec<&dyn Array> = rows.iter().map(AsRef::as_ref).collect();
        Ok(arrow_select::concat::concat(&rows)?)
    })
}

/// `kernel` on all of `array`, as part of a nested value.
fn convert(kernel: &Kernel, array: ArrayRef, args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let rows = array.len();
    let column = [Column::rows(array)];
    kernel(&Args { columns: &column, rows, context: args.context })
}

fn broken() -> EvaluationError {
    EvaluationError::Internal("CAST of a nested value of another type".to_owned())
}

/// Offsets from zero and the values they point into, without what lies outside of a slice.
fn compact(offsets: &OffsetBuffer<i32>, values: &ArrayRef) -> (OffsetBuffer<i32>, ArrayRef) {
    let first = offsets.inner().first().copied().unwrap_or(0);
    let last = offsets.inner().last().copied().unwrap_or(0);
    let values = values.slice(first as usize, (last - first) as usize);
    (OffsetBuffer::new(offsets.iter().map(|offset| offset - first).collect()), values)
}

fn lists(element: Kernel, target: ArrowType) -> Kernel {
    Box::new(move |args| {
        let list = args.array(0)?.as_list_opt::<i32>().ok_or_else(broken)?;
        let ArrowType::List(field) = &target else { return Err(broken()) };
        let (offsets, values) = compact(list.offsets(), list.values());
        let values = convert(&element, values, args)?;
        Ok(Arc::new(ListArray::try_new(field.clone(), offsets, values, list.nulls().cloned())?))
    })
}

fn maps(key: Kernel, value: Kernel, target: T) -> Kernel {
    Box::new(move |args| {
        let map = args.array(0)?.as_map_opt().ok_or_else(broken)?;
        let (offsets, keys) = compact(map.offsets(), map_keys(map));
        let (_, values) = compact(map.offsets(), map.values());
        let (keys, values) = (convert(&key, keys, args)?, convert(&value, values, args)?);
        Ok(map_array(&target, offsets, keys, values, map.nulls().cloned())?)
    })
}

fn rows(kernels: Vec<Kernel>, target: ArrowType) -> Kernel {
    Box::new(move |args| {
        let rows = args.array(0)?.as_struct_opt().ok_or_else(broken)?;
        let ArrowType::Struct(fields) = &target else { return Err(broken()) };
        let columns = kernels
            .iter()
            .zip(rows.columns())
            .map(|(kernel, column)| convert(kernel, column.clone(), args))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(StructArray::try_new(fields.clone(), columns, rows.nulls().cloned())?))
    })
}
