//! The order of an ARIMA model, where the statement leaves it open: differences until the series has a level (the KPSS test),
//! then the terms with the least AIC, found step by step from small models.

use super::arima::{Arima, Order, differences};

/// What the statement says of the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub p: Option<usize>,
    pub d: Option<usize>,
    pub q: Option<usize>,
}

const MOST_DIFFERENCES: usize = 2;
const MOST_TERMS: usize = 3;

/// The best model for the series; None when there are too few values for any.
pub(super) fn best(series: &[f64], wanted: Wanted) -> Option<Arima> {
    let d = wanted.d.unwrap_or_else(|| {
        (0..MOST_DIFFERENCES).find(|&d| has_level(&differences(series, d))).unwrap_or(MOST_DIFFERENCES)
    });
    let fit = |p: usize, q: usize| Arima::fit(series, Order { p, d, q });
    let places = |wanted: Option<usize>, found: &[usize]| wanted.map_or(found.to_vec(), |only| vec![only]);
    let mut tried: Vec<(usize, usize)> = Vec::new();
    let mut best: Option<Arima> = None;
    let mut candidates: Vec<(usize, usize)> = Vec::new();
    for p in places(wanted.p, &[0, 1, 2]) {
        for q in places(wanted.q, &[0, 1, 2]) {
            if wanted.p.is_some() || wanted.q.is_some() || p == q || p + q == 1 {
                candidates.push((p, q));
            }
        }
    }
    // The smallest first.
    candidates.reverse();
    while let Some((p, q)) = candidates.pop() {
        if tried.contains(&(p, q)) {
            continue;
        }
        tried.push((p, q));
        let Some(model) = fit(p, q) else { continue };
        if best.as_ref().is_some_and(|best| best.aic <= model.aic) {
            continue;
        }
        let near = [(p + 1, q), (p.wrapping_sub(1), q), (p, q + 1), (p, q.wrapping_sub(1))];
        candidates.extend(near.into_iter().filter(|&(p, q)| {
            let allowed = |wanted: Option<usize>, terms| wanted.map_or(terms <= MOST_TERMS, |only| only == terms);
            allowed(wanted.p, p) && allowed(wanted.q, q)
        }));
        best = Some(model);
    }
    best
}

/// True when the KPSS test does not reject, at 5 %, that the series moves around a level.
fn has_level(series: &[f64]) -> bool {
    const CRITICAL: f64 = 0.463;
    let count = series.len() as f64;
    if series.len() < 4 {
        return true;
    }
    let mean = series.iter().sum::<f64>() / count;
    let around: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let mut sum = 0.0;
    let partial = around.iter().map(|value| {
        sum += value;
        sum * sum
    });
    let partial: f64 = partial.sum();
    let lags = ((3.0 * count.sqrt() / 13.0) as usize).min(series.len() - 1);
    let product = |lag: usize| around.iter().zip(&around[lag..]).map(|(a, b)| a * b).sum::<f64>() / count;
    let weighted = (1..=lags).map(|lag| (1.0 - lag as f64 / (lags as f64 + 1.0)) * product(lag));
    let variance = product(0) + 2.0 * weighted.sum::<f64>();
    variance <= 1e-12 * mean.abs().max(1.0).powi(2) || partial / (count * count * variance) < CRITICAL
}
