//! [`Series`]: one time series as it comes, with the model that is trained on it.
//!
//! Every value is compared with what the model expected of it, then joins the series. The model is trained again from time to
//! time on the last values; its order is chosen anew when the series has grown to twice the length. Between two trainings
//! it stays, and only the series it looks back on moves.

use std::collections::VecDeque;

use super::arima::{Arima, Order, Outlook};
use super::normal::deviations;
use super::order;
use super::seasonal;
use super::settings::Settings;

/// A model, and what the seasons add by place.
#[derive(Debug, Clone, PartialEq)]
struct Model {
    arima: Arima,
    /// Empty without seasons. A value's place is its number since the beginning.
    season: Vec<f64>,
}

/// What was expected of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    pub time: i64,
    pub actual: f64,
    pub expected: f64,
    pub lower: f64,
    pub upper: f64,
    pub is_anomaly: bool,
    pub rmse: f64,
    pub aic: f64,
}

/// A value to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Forecast {
    pub time: i64,
    pub expected: f64,
    pub lower: f64,
    pub upper: f64,
    pub rmse: f64,
    pub aic: f64,
}

/// A value that stands out is learnt from as if it were at most so many standard deviations off.
const LEARNT: f64 = 2.0;

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Series {
    times: VecDeque<i64>,
    values: VecDeque<f64>,
    /// Values since the beginning.
    seen: u64,
    /// Values since the last training.
    since: usize,
    /// Length of the series when the order was chosen.
    chosen_at: usize,
    model: Option<Model>,
    /// The last errors of expecting the next value.
    errors: VecDeque<f64>,
    /// The next value.
    next: Option<Outlook>,
    /// Of the last value.
    pub verdict: Option<Verdict>,
}

impl Series {
    /// Takes a value. `clips`: a value outside of its bounds joins the series as one that is not far off, so that it does not
    /// make the values after it look wrong; where the level has moved for good, the series follows step by step.
    pub fn observe(&mut self, settings: &Settings, time: i64, value: f64, clips: bool) {
        let mut taken = value;
        self.verdict = None;
        if let Some(next) = self.next {
            self.errors.push_back(value - next.mean);
            trim(&mut self.errors, settings.evaluated);
            let margin = deviations(settings.percentage) * next.deviation;
            let (lower, upper) = (next.mean - margin, next.mean + margin);
            // What rounding does is no anomaly.
            let slack = 1e-9 * value.abs().max(next.mean.abs());
            let is_anomaly = value < lower - slack || value > upper + slack;
            let (rmse, aic) = self.quality();
            self.verdict =
                Some(Verdict { time, actual: value, expected: next.mean, lower, upper, is_anomaly, rmse, aic });
            if clips && is_anomaly {
                let most = margin.min(LEARNT * next.deviation);
                taken = value.clamp(next.mean - most, next.mean + most);
            }
        }
        self.times.push_back(time);
        self.values.push_back(taken);
        trim(&mut self.times, settings.max_training);
        trim(&mut self.values, settings.max_training);
        self.seen += 1;
        self.since += 1;
        let is_due = self.model.is_none() || self.since >= settings.update_interval;
        if is_due && self.values.len() >= settings.min_training {
            self.train(settings);
        }
        self.next = self.outlook(1).into_iter().next();
    }

    fn train(&mut self, settings: &Settings) {
        let values: Vec<f64> = self.values.iter().copied().collect();
        let season = if settings.seasonal { self.season(&values, settings.period) } else { Vec::new() };
        let rest = without(&values, &season, self.first());
        let known = self.model.as_ref().map(|model| model.arima.order).filter(|_| values.len() < 2 * self.chosen_at);
        let arima = match known.and_then(|order| Arima::fit(&rest, order)) {
            Some(arima) => Some(arima),
            None => {
                self.chosen_at = values.len();
                order::best(&rest, settings.order)
            }
        };
        let Some(arima) = arima else { return };
        if self.errors.is_empty() {
            let errors = arima.errors(&rest);
            let last = errors.len().saturating_sub(settings.evaluated);
            self.errors.extend(&errors[last..]);
        }
        self.model = Some(Model { arima, season });
        self.since = 0;
    }

    /// What the seasons add, by place.
    fn season(&self, values: &[f64], period: Option<usize>) -> Vec<f64> {
        let Some(period) = period.or_else(|| seasonal::period(values)) else { return Vec::new() };
        let Some(found) = seasonal::season(values, period) else { return Vec::new() };
        let mut season = vec![0.0; period];
        for (at, value) in found.iter().enumerate() {
            season[place(self.first() + at as u64, period)] = *value;
        }
        season
    }

    /// Number of the first value that is kept.
    fn first(&self) -> u64 {
        self.seen - self.values.len() as u64
    }

    fn outlook(&self, horizon: usize) -> Vec<Outlook> {
        let Some(model) = &self.model else { return Vec::new() };
        let values: Vec<f64> = self.values.iter().copied().collect();
        let mut found = model.arima.forecast(&without(&values, &model.season, self.first()), horizon);
        if !model.season.is_empty() {
            for (at, outlook) in found.iter_mut().enumerate() {
                outlook.mean += model.season[place(self.seen + at as u64, model.season.len())];
            }
        }
        found
    }

    /// RMSE of the last expectations, and AIC of the model.
    fn quality(&self) -> (f64, f64) {
        let squares: f64 = self.errors.iter().map(|error| error * error).sum();
        let rmse = (squares / self.errors.len().max(1) as f64).sqrt();
        (rmse, self.model.as_ref().map_or(0.0, |model| model.arima.aic))
    }

    /// The values to come; None before the first training.
    pub fn forecast(&self, settings: &Settings) -> Option<Vec<Forecast>> {
        self.model.as_ref()?;
        let (rmse, aic) = self.quality();
        let (deviations, step) = (deviations(settings.percentage), self.step());
        let mut time = self.times.back().copied().unwrap_or(0);
        let forecast = |outlook: Outlook| {
            time = time.saturating_add(step);
            let (lower, upper) =
                (outlook.mean - deviations * outlook.deviation, outlook.mean + deviations * outlook.deviation);
            Forecast { time, expected: outlook.mean, lower, upper, rmse, aic }
        };
        Some(self.outlook(settings.horizon).into_iter().map(forecast).collect())
    }

    /// The usual time from one value to the next: the median of the last ones.
    fn step(&self) -> i64 {
        const LAST: usize = 33;
        let first = self.times.len().saturating_sub(LAST);
        let mut steps: Vec<i64> =
            self.times.range(first..).zip(self.times.range(first..).skip(1)).map(|(a, b)| b - a).collect();
        steps.sort_unstable();
        steps.get(steps.len() / 2).copied().unwrap_or(0)
    }

    pub fn memory(&self) -> usize {
        let numbers = self.times.capacity() + self.values.capacity() + self.errors.capacity();
        let model =
            self.model.as_ref().map_or(0, |model| model.season.len() + model.arima.ar.len() + model.arima.ma.len());
        (numbers + model) * 8 + size_of::<Series>()
    }

    pub fn times(&self) -> impl Iterator<Item = i64> {
        self.times.iter().copied()
    }

    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.values.iter().copied()
    }

    /// All but times and values, as numbers.
    pub fn export(&self) -> Vec<f64> {
        let mut out = vec![self.seen as f64, self.since as f64, self.chosen_at as f64];
        let list = |out: &mut Vec<f64>, values: &mut dyn ExactSizeIterator<Item = f64>| {
            out.push(values.len() as f64);
            out.extend(values);
        };
        list(&mut out, &mut self.errors.iter().copied());
        // Its time is that of the last value.
        let verdict = self
            .verdict
            .map(|v| [v.actual, v.expected, v.lower, v.upper, f64::from(u8::from(v.is_anomaly)), v.rmse, v.aic]);
        list(&mut out, &mut verdict.as_slice().concat().into_iter());
        if let Some(Model { arima, season }) = &self.model {
            let Order { p, d, q } = arima.order;
            out.extend([p as f64, d as f64, q as f64, arima.mean, arima.variance, arima.aic]);
            out.extend(arima.ar.iter().chain(&arima.ma));
            list(&mut out, &mut season.iter().copied());
        }
        out
    }

    /// What was exported; None when these numbers are none of it.
    pub fn import(times: Vec<i64>, values: Vec<f64>, numbers: &[f64]) -> Option<Series> {
        let mut numbers = numbers.iter().copied();
        let mut series = Series {
            times: times.into(),
            values: values.into(),
            seen: numbers.next()? as u64,
            since: numbers.next()? as usize,
            chosen_at: numbers.next()? as usize,
            ..Series::default()
        };
        series.errors = list(&mut numbers)?.into();
        if let [actual, expected, lower, upper, is_anomaly, rmse, aic] = list(&mut numbers)?[..] {
            let (time, is_anomaly) = (series.times.back().copied()?, is_anomaly != 0.0);
            series.verdict = Some(Verdict { time, actual, expected, lower, upper, is_anomaly, rmse, aic });
        }
        if let Some(p) = numbers.next() {
            let order = Order { p: p as usize, d: numbers.next()? as usize, q: numbers.next()? as usize };
            let (mean, variance, aic) = (numbers.next()?, numbers.next()?, numbers.next()?);
            let (ar, ma) = (take(&mut numbers, order.p)?, take(&mut numbers, order.q)?);
            let arima = Arima { order, mean, ar, ma, variance, aic };
            series.model = Some(Model { arima, season: list(&mut numbers)? });
        }
        series.next = series.outlook(1).into_iter().next();
        Some(series)
    }
}

fn take(numbers: &mut impl Iterator<Item = f64>, count: usize) -> Option<Vec<f64>> {
    let found: Vec<f64> = numbers.take(count).collect();
    (found.len() == count).then_some(found)
}

fn list(numbers: &mut impl Iterator<Item = f64>) -> Option<Vec<f64>> {
    let count = numbers.next()? as usize;
    take(numbers, count)
}

fn trim<T>(values: &mut VecDeque<T>, most: usize) {
    while values.len() > most {
        values.pop_front();
    }
}

fn place(number: u64, period: usize) -> usize {
    (number % period.max(1) as u64) as usize
}

/// The values without what the seasons add; `first` is the number of the first.
fn without(values: &[f64], season: &[f64], first: u64) -> Vec<f64> {
    if season.is_empty() {
        return values.to_vec();
    }
    values.iter().enumerate().map(|(at, value)| value - season[place(first + at as u64, season.len())]).collect()
}
