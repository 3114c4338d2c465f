//! Seasons of a series: their length by autocorrelation, and their shape by STL, the decomposition into season, trend and rest
//! by local regression (Cleveland and others, 1990).

/// Windows of the local regressions over the same place of all seasons.
const SEASON_WINDOW: usize = 7;
const ROUNDS: usize = 2;

/// The length of the seasons that shows most, from 2 to a third of the series; None where none does.
pub(super) fn period(series: &[f64]) -> Option<usize> {
    let steps: Vec<f64> = detrended(series);
    let own: f64 = steps.iter().map(|value| value * value).sum();
    let longest = series.len() / 3;
    if own <= 0.0 || longest < 2 {
        return None;
    }
    let correlation = |lag: usize| steps.iter().zip(&steps[lag..]).map(|(a, b)| a * b).sum::<f64>() / own;
    let found: Vec<f64> = (0..=longest + 1).map(correlation).collect();
    // More than chance would give, and a peak.
    let enough = 2.0 / (series.len() as f64).sqrt();
    (2..=longest)
        .filter(|&lag| found[lag] > enough && found[lag] > found[lag - 1] && found[lag] >= found[lag + 1])
        .max_by(|&a, &b| found[a].total_cmp(&found[b]))
}

/// The series without its straight line.
fn detrended(series: &[f64]) -> Vec<f64> {
    let count = series.len() as f64;
    let (centre, mean) = ((count - 1.0) / 2.0, series.iter().sum::<f64>() / count.max(1.0));
    let places = || series.iter().enumerate().map(|(place, value)| (place as f64 - centre, value - mean));
    let squares: f64 = places().map(|(place, _)| place * place).sum();
    let slope = if squares > 0.0 { places().map(|(place, value)| place * value).sum::<f64>() / squares } else { 0.0 };
    places().map(|(place, value)| value - slope * place).collect()
}

/// The last season of the series: what each of its `period` places adds. The first is that of the series' first value. None
/// where there are less than two seasons.
pub(super) fn season(series: &[f64], period: usize) -> Option<Vec<f64>> {
    if period < 2 || series.len() < 2 * period {
        return None;
    }
    let trend_window = next_odd((1.5 * period as f64 / (1.0 - 1.5 / SEASON_WINDOW as f64)).ceil() as usize);
    let mut trend = vec![0.0; series.len()];
    let mut season = vec![0.0; series.len()];
    for _ in 0..ROUNDS {
        let rest: Vec<f64> = series.iter().zip(&trend).map(|(value, trend)| value - trend).collect();
        let extended = smooth_places(&rest, period);
        let low = loess(&moving(&moving(&moving(&extended, period), period), 3), next_odd(period));
        season = (0..series.len()).map(|at| extended[at + period] - low[at]).collect();
        let rest: Vec<f64> = series.iter().zip(&season).map(|(value, season)| value - season).collect();
        trend = loess(&rest, trend_window);
    }
    let last = series.len() - period;
    let mut found = vec![0.0; period];
    (last..series.len()).for_each(|at| found[at % period] = season[at]);
    Some(found)
}

fn next_odd(number: usize) -> usize {
    number | 1
}

/// Each place of the season smoothed over all seasons, one season longer at both ends.
fn smooth_places(series: &[f64], period: usize) -> Vec<f64> {
    let mut extended = vec![0.0; series.len() + 2 * period];
    for place in 0..period {
        let values: Vec<f64> = series.iter().skip(place).step_by(period).copied().collect();
        for at in -1..=values.len() as i64 {
            let target = (place + period) as i64 + at * period as i64;
            if let Some(target) = usize::try_from(target).ok().and_then(|target| extended.get_mut(target)) {
                *target = local(&values, at as f64, SEASON_WINDOW);
            }
        }
    }
    extended
}

/// Means of `window` neighbours; shorter by `window - 1`.
fn moving(series: &[f64], window: usize) -> Vec<f64> {
    series.windows(window).map(|values| values.iter().sum::<f64>() / window as f64).collect()
}

fn loess(series: &[f64], window: usize) -> Vec<f64> {
    (0..series.len()).map(|at| local(series, at as f64, window)).collect()
}

/// The value at `at` of a line through the `window` nearest values, the nearer ones weighing more.
fn local(series: &[f64], at: f64, window: usize) -> f64 {
    let count = window.min(series.len());
    let first = (at - (count as f64 - 1.0) / 2.0).round().clamp(0.0, (series.len() - count) as f64) as usize;
    let ends = (at - first as f64).abs().max((first + count - 1) as f64 - at);
    let reach = ends + if window > series.len() { ((window - series.len()) / 2) as f64 } else { 0.0 };
    let weight = |place: usize| {
        let far = ((place as f64 - at).abs() / (reach * 1.001 + 1e-9)).min(1.0);
        (1.0 - far.powi(3)).powi(3)
    };
    let values = || (first..first + count).map(|place| (weight(place), place as f64 - at, series[place]));
    let sum = |of: fn(f64, f64, f64) -> f64| values().map(|(weight, x, y)| of(weight, x, y)).sum::<f64>();
    let total = sum(|weight, _, _| weight);
    if total <= 0.0 {
        return series[first];
    }
    let (x, y) = (sum(|weight, x, _| weight * x) / total, sum(|weight, _, y| weight * y) / total);
    let (xx, xy) =
        (sum(|weight, x, _| weight * x * x) / total - x * x, sum(|weight, x, y| weight * x * y) / total - x * y);
    if xx > 1e-9 { y - x * xy / xx } else { y }
}
