//! ARIMA(p, d, q): a series whose d-th differences follow p values and q errors before.
//!
//! Fitted by the least sum of squared errors, with zeros before the beginning, so that all orders are judged by as many
//! errors. The search runs over partial autocorrelations, which makes every candidate stationary and invertible. Up to one
//! difference there is a constant: the mean, or the drift.

use super::minimize::minimize;

/// Numbers of autoregressive terms, differences and moving-average terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub p: usize,
    pub d: usize,
    pub q: usize,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arima {
    pub order: Order,
    /// Mean of the differenced series.
    pub mean: f64,
    pub ar: Vec<f64>,
    pub ma: Vec<f64>,
    /// Variance of the errors.
    pub variance: f64,
    pub aic: f64,
}

/// A value to come, and the standard deviation of its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outlook {
    pub mean: f64,
    pub deviation: f64,
}

/// Differences of neighbours, `d` times over.
pub(super) fn differences(series: &[f64], d: usize) -> Vec<f64> {
    let mut found = series.to_vec();
    for _ in 0..d {
        found = found.windows(2).map(|pair| pair[1] - pair[0]).collect();
    }
    found
}

/// Coefficients of a stationary autoregression with these partial autocorrelations (Durbin and Levinson).
pub(super) fn stationary(partial: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut coefficients: Vec<f64> = Vec::new();
    for reflection in partial {
        let turned: Vec<f64> = coefficients.iter().rev().copied().collect();
        coefficients.iter_mut().zip(turned).for_each(|(own, other)| *own -= reflection * other);
        coefficients.push(reflection);
    }
    coefficients
}

/// Errors of a model over a series around its mean.
fn errors(series: &[f64], mean: f64, ar: &[f64], ma: &[f64]) -> Vec<f64> {
    let mut errors: Vec<f64> = Vec::with_capacity(series.len());
    for (at, value) in series.iter().enumerate() {
        let own = ar.iter().zip(series[..at].iter().rev()).map(|(factor, before)| factor * (before - mean));
        let expected =
            own.sum::<f64>() + ma.iter().zip(errors.iter().rev()).map(|(factor, error)| factor * error).sum::<f64>();
        errors.push(value - mean - expected);
    }
    errors
}

fn mean_of(series: &[f64]) -> f64 {
    series.iter().sum::<f64>() / series.len().max(1) as f64
}

impl Arima {
    /// The model of this order for the series; None when there are too few values for so many terms.
    pub fn fit(series: &[f64], order: Order) -> Option<Arima> {
        let Order { p, d, q } = order;
        let values = differences(series, d);
        let has_mean = d <= 1;
        if values.len() < 3 + 2 * (p + q) + usize::from(has_mean) {
            return None;
        }
        let centre = if has_mean { mean_of(&values) } else { 0.0 };
        let scale = (values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
        // A series that does not move, but for what rounding makes of it.
        let level = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        if scale <= 1e-12 * level || scale == 0.0 {
            return Some(Arima { order, mean: centre, ar: vec![0.0; p], ma: vec![0.0; q], variance: 0.0, aic: 0.0 });
        }
        let scaled: Vec<f64> = values.iter().map(|value| (value - centre) / scale).collect();
        let read = |point: &[f64]| {
            let ar = stationary(point[..p].iter().map(|x| x.tanh()));
            let ma: Vec<f64> = stationary(point[p..p + q].iter().map(|x| x.tanh())).iter().map(|c| -c).collect();
            (point.get(p + q).copied().unwrap_or(0.0), ar, ma)
        };
        let squares = |point: &[f64]| {
            let (mean, ar, ma) = read(point);
            errors(&scaled, mean, &ar, &ma).iter().map(|error| error * error).sum::<f64>() / scaled.len() as f64
        };
        let start = vec![0.0; p + q + usize::from(has_mean && p + q > 0)];
        let (point, least) = if start.is_empty() { (start, 1.0) } else { minimize(&start, 0.4, squares) };
        let (mean, ar, ma) = read(&point);
        let (count, parameters) = (values.len() as f64, p + q + usize::from(has_mean) + 1);
        let variance = least * scale * scale;
        let likelihood = -0.5 * count * ((2.0 * std::f64::consts::PI * variance).ln() + 1.0);
        let aic = 2.0 * parameters as f64 - 2.0 * likelihood;
        Some(Arima { order, mean: centre + mean * scale, ar, ma, variance, aic })
    }

    /// Errors of the model over the series, one for each difference.
    pub fn errors(&self, series: &[f64]) -> Vec<f64> {
        errors(&differences(series, self.order.d), self.mean, &self.ar, &self.ma)
    }

    /// The next `horizon` values after the series.
    pub fn forecast(&self, series: &[f64], horizon: usize) -> Vec<Outlook> {
        let mut values = differences(series, self.order.d);
        let mut errors = errors(&values, self.mean, &self.ar, &self.ma);
        for _ in 0..horizon {
            let own = self.ar.iter().zip(values.iter().rev()).map(|(factor, before)| factor * (before - self.mean));
            let shocks = self.ma.iter().zip(errors.iter().rev()).map(|(factor, error)| factor * error);
            let next = self.mean + own.sum::<f64>() + shocks.sum::<f64>();
            values.push(next);
            errors.push(0.0);
        }
        let mut means = values.split_off(values.len() - horizon);
        for level in (0..self.order.d).rev() {
            let mut last = differences(series, level).last().copied().unwrap_or(0.0);
            for mean in &mut means {
                last += *mean;
                *mean = last;
            }
        }
        let mut sum = 0.0;
        let outlook = |(mean, weight): (f64, f64)| {
            sum += weight * weight;
            Outlook { mean, deviation: (self.variance * sum).sqrt() }
        };
        means.into_iter().zip(self.weights(horizon)).map(outlook).collect()
    }

    /// What an error adds to the values from its own on.
    fn weights(&self, horizon: usize) -> Vec<f64> {
        // Autoregression and differences in one: (1 - a1 B - ...) (1 - B)^d.
        let mut polynomial: Vec<f64> = std::iter::once(1.0).chain(self.ar.iter().map(|factor| -factor)).collect();
        for _ in 0..self.order.d {
            let before = polynomial.clone();
            polynomial.push(0.0);
            polynomial[1..].iter_mut().zip(before).for_each(|(own, before)| *own -= before);
        }
        let mut weights: Vec<f64> = Vec::with_capacity(horizon);
        for at in 0..horizon {
            let own = if at == 0 { 1.0 } else { self.ma.get(at - 1).copied().unwrap_or(0.0) };
            let before = polynomial[1..].iter().zip(weights.iter().rev()).map(|(factor, weight)| factor * weight);
            let weight = own - before.sum::<f64>();
            weights.push(weight);
        }
        weights
    }
}
