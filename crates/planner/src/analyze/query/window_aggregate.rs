//! The aggregation of a grouped query: over both bounds of a window it is a window aggregation, else a regular one.

use nutkin_plan::operators::{WindowInput, WindowProperty};
use nutkin_plan::{AggregateCall, Expr, ExprKind};
use nutkin_types::{Column, Schema, TimeAttribute};

use super::group_window;
use super::grouping::Found;
use super::grouping_sets::Keys;
use crate::analyze::Analyzer;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::window_properties::{WindowProperties, session_partition, window_properties};
use crate::relational::{Aggregate, Rel, WindowAggregate};
use crate::warnings;

/// `rel` grouped by `keys`; output: keys, then calls.
pub(super) fn aggregate(
    analyzer: &Analyzer<'_>,
    rel: Rel,
    keys: &Keys,
    names: Vec<String>,
    found: Found,
    state_ttl: Option<i64>,
) -> Result<Rel> {
    if let Some(window) = &keys.window {
        return match state_ttl {
            None => group_window::aggregate(rel, keys, window, names, found, analyzer.session.is_batch()),
            Some(_) => Err(no_ttl()),
        };
    }
    let key_count = keys.exprs.len();
    let written: Vec<Expr> = keys.exprs.iter().take(names.len()).cloned().collect();
    let arguments = (0..found.arguments.len()).map(|i| format!("$f{}", key_count + i));
    let input_names: Vec<String> = names.iter().cloned().chain(arguments).collect();
    let window = window_of_keys(&rel, &written).filter(|bounds| keeps_sessions(&rel, &written, bounds));
    let input = keys.expand(rel.project(written.into_iter().chain(found.arguments).collect(), input_names));
    match window {
        Some(Bounds { start: Some(_), end: Some(_), .. }) if state_ttl.is_some() => Err(no_ttl()),
        Some(Bounds { window, is_instant, start: Some(start), end: Some(end), time }) => {
            if !analyzer.session.is_batch() {
                check_slices(&window)?;
            }
            let input_window = WindowInput::Attached { window, start_column: start, end_column: end, is_instant };
            Ok(window_aggregate(input, key_count, found.calls, input_window, (start, end, time)))
        }
        bounds => {
            if let Some(bounds) = bounds {
                analyzer.warn(warnings::window_bounds(bounds.start.is_some(), bounds.end.is_some()));
            }
            Ok(regular(input, key_count, found.calls, state_ttl))
        }
    }
}

/// Windows that overlap are put together from slices of the slide's length.
fn check_slices(window: &nutkin_plan::WindowSpec) -> Result<()> {
    match window {
        nutkin_plan::WindowSpec::Hop { slide, size, .. } if size % slide != 0 => Err(PlannerError::new(
            ErrorKind::Query,
            format!(
                "HOP table function based aggregate requires size must be an integral multiple of slide, but got size {size} ms and slide {slide} ms"
            ),
        )),
        _ => Ok(()),
    }
}

fn no_ttl() -> PlannerError {
    PlannerError::not_built("STATE_TTL of a window aggregation")
        .with_remedy("Leave the hint out: a window's state goes with the window.")
}

/// Which keys are window columns.
struct Bounds {
    window: nutkin_plan::WindowSpec,
    is_instant: bool,
    start: Option<usize>,
    end: Option<usize>,
    time: Vec<usize>,
}

/// The window columns among the keys, when there is at least one.
fn window_of_keys(rel: &Rel, keys: &[Expr]) -> Option<Bounds> {
    let WindowProperties { window, is_instant, start, end, time } = window_properties(rel)?;
    let key_of = |columns: &[usize]| {
        let is = |key: &Expr| matches!(key.kind, ExprKind::Input(index) if columns.contains(&index));
        keys.iter().enumerate().filter(|(_, key)| is(key)).map(|(place, _)| place).collect::<Vec<usize>>()
    };
    let (start, end) = (key_of(&start).first().copied(), key_of(&end).first().copied());
    (start.is_some() || end.is_some()).then(|| Bounds { window, is_instant, start, end, time: key_of(&time) })
}

/// True when groups are no wider and no narrower than sessions: other groupings of sessions are regular aggregations.
fn keeps_sessions(rel: &Rel, keys: &[Expr], bounds: &Bounds) -> bool {
    if !matches!(bounds.window, nutkin_plan::WindowSpec::Session { .. }) {
        return true;
    }
    let Some(partition) = session_partition(rel) else { return false };
    let is_bound =
        |place: &usize| bounds.start == Some(*place) || bounds.end == Some(*place) || bounds.time.contains(place);
    let mut others: Vec<Option<usize>> = (0..keys.len())
        .filter(|place| !is_bound(place))
        .map(|place| match keys[place].kind {
            ExprKind::Input(column) => Some(column),
            _ => None,
        })
        .collect();
    let mut wanted: Vec<Option<usize>> = partition.into_iter().map(Some).collect();
    others.sort_unstable();
    wanted.sort_unstable();
    others == wanted
}

fn call_columns(calls: &[AggregateCall]) -> impl Iterator<Item = Column> + '_ {
    calls.iter().map(|call| Column::new(call.name.clone(), call.data_type.clone()))
}

fn regular(input: Rel, key_count: usize, calls: Vec<AggregateCall>, state_ttl: Option<i64>) -> Rel {
    let keys = input.schema.columns.iter().take(key_count).map(|c| Column::new(c.name.clone(), c.data_type.clone()));
    let schema = Schema::new(keys.chain(call_columns(&calls)));
    Rel::new(Aggregate { state_ttl, ..Aggregate::new(input, (0..key_count).collect(), calls) }, schema)
}

/// The operator puts other keys first, then calls, then window columns; a projection brings the keys back in order.
fn window_aggregate(
    input: Rel,
    key_count: usize,
    calls: Vec<AggregateCall>,
    window: WindowInput,
    (start, end, time): (usize, usize, Vec<usize>),
) -> Rel {
    let is_bound = |place: usize| place == start || place == end || time.contains(&place);
    let grouping: Vec<usize> = (0..key_count).filter(|&place| !is_bound(place)).collect();
    let mut properties = vec![(WindowProperty::Start, start), (WindowProperty::End, end)];
    properties.extend(time.first().map(|&place| (WindowProperty::Time, place)));
    let column = |place: usize| input.schema.columns[place].clone();
    let plain = |place: usize| Column { time_attribute: None, ..column(place) };
    let property_columns = properties.iter().map(|&(property, place)| Column {
        time_attribute: (property == WindowProperty::Time).then_some(TimeAttribute::Rowtime),
        ..column(place)
    });
    let columns = grouping.iter().map(|&place| plain(place)).chain(call_columns(&calls)).chain(property_columns);
    let schema = Schema::new(columns);
    let names: Vec<String> = input.schema.columns.iter().take(key_count).map(|c| c.name.clone()).collect();
    let first_property = grouping.len() + calls.len();
    let place_of_key = |place: usize| match grouping.iter().position(|&other| other == place) {
        Some(found) => found,
        None if place == start => first_property,
        None if place == end => first_property + 1,
        None => first_property + 2,
    };
    let places: Vec<usize> =
        (0..key_count).map(place_of_key).chain(grouping.len()..grouping.len() + calls.len()).collect();
    let all_names = names.into_iter().chain(calls.iter().map(|call| call.name.clone())).collect();
    let aggregate = WindowAggregate {
        input: Box::new(input),
        grouping,
        calls,
        window,
        properties: properties.into_iter().map(|(property, _)| property).collect(),
    };
    let projection = places.iter().map(|&i| Expr::input(i, schema.columns[i].data_type.clone())).collect();
    Rel::new(aggregate, schema).project(projection, all_names)
}
