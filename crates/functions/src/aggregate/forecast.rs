//! ML_FORECAST and ML_DETECT_ANOMALIES (spec T-23, T-24): an ARIMA model per partition, trained on the rows of the window while
//! they come. Nothing leaves the process.
//!
//! The algorithm is our own, in the parts below: crates that are kept well have no ARIMA. Settings and results are the product's;
//! what its documentation leaves open is said in the descriptions.

use std::any::Any;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, BooleanArray};
use nutkin_types::{DataType, LogicalType as T, Value, value};

use self::series::{Forecast, Series, Verdict};
use self::settings::Settings;
use super::rows::Rows;
use super::{Accumulator, AggregateFunction, AggregateOptions, state};
use crate::error::{AggregateError, SignatureError};
use crate::signature::{Argument, Inferred, Of, Param};

mod arima;
mod minimize;
mod normal;
mod order;
mod seasonal;
mod series;
mod settings;
#[cfg(test)]
mod tests;

pub(super) static ML_FORECAST: AggregateFunction = AggregateFunction {
    name: "ML_FORECAST",
    aliases: &[],
    signature: "ML_FORECAST(value, timestamp[, JSON_OBJECT('p' VALUE 1, ...)]) OVER ([PARTITION BY ...] ORDER BY time [RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW])",
    description: "The values to come, by an ARIMA model that is trained on the rows so far: an array of rows of timestamp, forecast_value, lower_bound, upper_bound, rmse and aic, one for each step of the horizon; NULL until there are enough rows. The settings, all optional, are constants: p, d and q (the order, found by the data where left out), minTrainingSize (128), maxTrainingSize (512), confidencePercentage (99.0), horizon (1), evalWindowSize (5 errors for the rmse), updateInterval (5 rows from one training to the next), enableStl (false; true takes seasons out before) and m (rows in a season, found by the data where left out). Rows where value or timestamp is NULL are left out, and have a NULL result.",
    retractable: false,
    types: |of, args| {
        let (arg_types, time) = arguments(of, args)?;
        let fields =
            [time].into_iter().chain(numbers(&["forecast_value", "lower_bound", "upper_bound", "rmse", "aic"]));
        Ok(Inferred { arg_types, result: T::array(T::row(fields).nullable()).nullable() })
    },
    create: |options| Ok(Box::new(Model::new(options, Show::Forecast)?)),
};

pub(super) static ML_DETECT_ANOMALIES: AggregateFunction = AggregateFunction {
    name: "ML_DETECT_ANOMALIES",
    aliases: &[],
    signature: "ML_DETECT_ANOMALIES(value, timestamp[, JSON_OBJECT('p' VALUE 1, ...)]) OVER ([PARTITION BY ...] ORDER BY time [RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW])",
    description: "Whether the value is outside of the bounds that an ARIMA model, trained on the rows before, expects it in: a row of timestamp, actual_value, forecast_value, lower_bound, upper_bound, is_anomaly, rmse and aic; NULL until there are enough rows. The settings are those of ML_FORECAST. A value outside of its bounds is learnt from as if it were at most two standard deviations off, so that it does not make those after it look wrong. Rows where value or timestamp is NULL are left out, and have a NULL result.",
    retractable: false,
    types: |of, args| {
        let (arg_types, time) = arguments(of, args)?;
        let fields = [time]
            .into_iter()
            .chain(numbers(&["actual_value", "forecast_value", "lower_bound", "upper_bound"]))
            .chain([("is_anomaly", T::Boolean.nullable())])
            .chain(numbers(&["rmse", "aic"]));
        Ok(Inferred { arg_types, result: T::row(fields).nullable() })
    },
    create: |options| Ok(Box::new(Model::new(options, Show::Anomaly)?)),
};

fn numbers(names: &'static [&'static str]) -> impl Iterator<Item = (&'static str, DataType)> {
    names.iter().map(|name| (*name, T::Double.nullable()))
}

/// The types of the arguments, and the field `timestamp` of the result. The settings are read, to refuse wrong ones early.
fn arguments(of: Of, args: &[Argument<'_>]) -> Result<(Vec<DataType>, (&'static str, DataType)), SignatureError> {
    if !matches!(args.len(), 2 | 3) {
        return Err(of.count(args.len()));
    }
    let number = of.accept(0, &args[0], &Param::Double)?;
    let time = match &args[1].data_type.logical {
        T::Timestamp { .. } => T::Timestamp { precision: 6 },
        T::TimestampLtz { .. } => T::TimestampLtz { precision: 6 },
        _ => return Err(of.wrong(1, args[1].data_type, "a TIMESTAMP or TIMESTAMP_LTZ")),
    };
    let mut types = vec![number, time.clone().nullable()];
    if let Some(settings) = args.get(2) {
        let text = match settings.literal {
            Some(Value::String(text)) => text,
            _ => return Err(of.reason("the settings must be a constant JSON_OBJECT")),
        };
        Settings::read(text).map_err(|error| of.reason(error))?;
        types.push(settings.data_type.clone());
    }
    Ok((types, ("timestamp", time.nullable())))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    Forecast,
    Anomaly,
}

#[derive(Debug, Clone, Default)]
struct Slot {
    series: Series,
    /// The last row had no value.
    is_null: bool,
}

struct Model {
    settings: Settings,
    show: Show,
    result: DataType,
    slots: Vec<Slot>,
}

impl Model {
    fn new(options: &AggregateOptions<'_>, show: Show) -> Result<Model, AggregateError> {
        let settings = match options.literals.first() {
            None => Settings::default(),
            Some(Value::String(text)) => Settings::read(text).map_err(AggregateError::Internal)?,
            Some(other) => return Err(AggregateError::Internal(format!("{other:?} as the settings of a forecast"))),
        };
        Ok(Model { settings, show, result: options.result.clone(), slots: Vec::new() })
    }

    fn value(&self, slot: &Slot) -> Value {
        if slot.is_null {
            return Value::Null;
        }
        match self.show {
            Show::Forecast => {
                let forecasts = slot.series.forecast(&self.settings);
                forecasts.map_or(Value::Null, |forecasts| Value::List(forecasts.iter().map(forecast).collect()))
            }
            Show::Anomaly => slot.series.verdict.as_ref().map_or(Value::Null, verdict),
        }
    }
}

fn forecast(forecast: &Forecast) -> Value {
    let Forecast { time, expected, lower, upper, rmse, aic } = *forecast;
    Value::List(
        [Value::Integer(time)].into_iter().chain([expected, lower, upper, rmse, aic].map(Value::Double)).collect(),
    )
}

fn verdict(verdict: &Verdict) -> Value {
    let Verdict { time, actual, expected, lower, upper, is_anomaly, rmse, aic } = *verdict;
    let bounds = [actual, expected, lower, upper].map(Value::Double);
    let quality = [rmse, aic].map(Value::Double);
    Value::List(
        [Value::Integer(time)].into_iter().chain(bounds).chain([Value::Boolean(is_anomaly)]).chain(quality).collect(),
    )
}

fn broken() -> AggregateError {
    AggregateError::Internal("the state of a forecast is of another form".to_owned())
}

impl Accumulator for Model {
    fn resize(&mut self, slots: usize) {
        self.slots.resize(slots.max(self.slots.len()), Slot::default());
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let values = state::argument(args)?.as_primitive_opt::<Float64Type>().ok_or_else(broken)?;
        let times = args.get(1).and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        let times = times.ok_or_else(broken)?;
        let clips = self.show == Show::Anomaly;
        Rows { slots, kinds, filter }.for_each(None, |row, slot, _| {
            let slot = &mut self.slots[slot];
            slot.is_null = values.is_null(row) || times.is_null(row) || !values.value(row).is_finite();
            if !slot.is_null {
                slot.series.observe(&self.settings, times.value(row), values.value(row), clips);
            }
        });
        Ok(())
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Model>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            if self.slots[into as usize].series != Series::default() {
                return Err(AggregateError::Internal("two series cannot be made one".to_owned()));
            }
            self.slots[into as usize] = other.slots[from as usize].clone();
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        let found: Vec<Value> = slots.iter().map(|&slot| self.value(&self.slots[slot as usize])).collect();
        Ok(value::array_of(&found.iter().collect::<Vec<_>>(), &self.result.logical)?)
    }

    fn state_types(&self) -> Vec<DataType> {
        let numbers = T::array(T::Double.not_null()).not_null();
        vec![T::array(T::BigInt.not_null()).not_null(), numbers.clone(), numbers, T::Boolean.not_null()]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let slots = || slots.iter().map(|&slot| &self.slots[slot as usize]);
        let doubles = |values: &mut dyn Iterator<Item = f64>| Value::List(values.map(Value::Double).collect());
        let columns: [Vec<Value>; 4] = [
            slots().map(|slot| Value::List(slot.series.times().map(Value::Integer).collect())).collect(),
            slots().map(|slot| doubles(&mut slot.series.values())).collect(),
            slots().map(|slot| doubles(&mut slot.series.export().into_iter())).collect(),
            slots().map(|slot| Value::Boolean(slot.is_null)).collect(),
        ];
        let arrays = columns
            .iter()
            .zip(self.state_types())
            .map(|(values, data_type)| value::array_of(&values.iter().collect::<Vec<_>>(), &data_type.logical));
        Ok(arrays.collect::<Result<_, _>>()?)
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let [times, values, numbers, nulls] = columns else { return Err(broken()) };
        let list = |column: &ArrayRef, row| column.as_list_opt::<i32>().map(|list| list.value(row));
        let doubles = |column: &ArrayRef, row| {
            let list = list(column, row)?;
            Some(list.as_primitive_opt::<Float64Type>()?.values().to_vec())
        };
        for (row, &slot) in slots.iter().enumerate() {
            let times = list(times, row).and_then(|list| Some(list.as_primitive_opt::<Int64Type>()?.values().to_vec()));
            let (times, values) = (times.ok_or_else(broken)?, doubles(values, row).ok_or_else(broken)?);
            let numbers = doubles(numbers, row).ok_or_else(broken)?;
            let series = Series::import(times, values, &numbers).ok_or_else(broken)?;
            let is_null = nulls.as_boolean_opt().ok_or_else(broken)?.value(row);
            self.slots[slot as usize] = Slot { series, is_null };
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        slots.iter().for_each(|&slot| self.slots[slot as usize] = Slot::default());
    }

    fn memory_size(&self) -> usize {
        self.slots.iter().map(|slot| slot.series.memory()).sum()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
