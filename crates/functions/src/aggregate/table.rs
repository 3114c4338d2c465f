//! The table of aggregate functions. A new one is a new file plus a line here.

use super::{
    AggregateFunction, approximate, count, forecast, json, lag, percentile, single_value, sum, values, variance,
};

pub(super) const AGGREGATES: &[&AggregateFunction] = &[
    &count::COUNT,
    &approximate::APPROX_COUNT_DISTINCT,
    &sum::SUM,
    &sum::SUM0,
    &sum::AVG,
    &values::MIN,
    &values::MAX,
    &values::FIRST_VALUE,
    &values::LAST_VALUE,
    &values::COLLECT,
    &values::LISTAGG,
    &values::ARRAY_AGG,
    &json::JSON_ARRAYAGG,
    &json::JSON_OBJECTAGG,
    &percentile::PERCENTILE,
    &single_value::SINGLE_VALUE,
    &variance::VAR_POP,
    &variance::VAR_SAMP,
    &variance::STDDEV_POP,
    &variance::STDDEV_SAMP,
];

/// The functions that need an OVER window, beside those above.
pub(super) const OVER_ONLY: &[&AggregateFunction] =
    &[&lag::LAG, &forecast::ML_DETECT_ANOMALIES, &forecast::ML_FORECAST];
