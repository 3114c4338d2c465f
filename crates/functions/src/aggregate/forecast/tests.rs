//! Forecasts against what is known: series made by known models, closed forms, and figures that R prints for a series of its own.

mod accumulator;

use super::arima::{Arima, Order};
use super::normal::deviations;
use super::order::{Wanted, best};
use super::seasonal;
use super::series::Series;
use super::settings::Settings;

/// Luteinizing hormone in blood samples: the series `lh` of R.
const LH: [f64; 48] = [
    2.4, 2.4, 2.4, 2.2, 2.1, 1.5, 2.3, 2.3, 2.5, 2.0, 1.9, 1.7, 2.2, 1.8, 3.2, 3.2, 2.7, 2.2, 2.2, 1.9, 1.9, 1.8, 2.7,
    3.0, 2.3, 2.0, 2.0, 2.9, 2.9, 2.7, 2.7, 2.3, 2.6, 2.4, 1.8, 1.7, 1.5, 1.4, 2.1, 3.3, 3.5, 3.5, 3.1, 2.6, 2.1, 3.4,
    3.0, 2.9,
];

/// Normally distributed numbers, the same each time.
pub(super) struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Noise {
        Noise(seed)
    }

    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    pub fn next(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

/// A series of an ARMA model around `mean`, summed up `d` times.
pub(super) fn simulated(count: usize, ar: &[f64], ma: &[f64], mean: f64, d: usize, seed: u64) -> Vec<f64> {
    let mut noise = Noise::new(seed);
    let (mut values, mut errors): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    for _ in 0..count + 100 {
        let error = noise.next();
        let own: f64 = ar.iter().zip(values.iter().rev()).map(|(factor, before)| factor * (before - mean)).sum();
        let shocks: f64 = ma.iter().zip(errors.iter().rev()).map(|(factor, error)| factor * error).sum();
        values.push(mean + own + shocks + error);
        errors.push(error);
    }
    let mut values = values.split_off(100);
    for _ in 0..d {
        let mut sum = 0.0;
        values.iter_mut().for_each(|value| {
            sum += *value;
            *value = sum;
        });
    }
    values
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
}

#[test]
fn quantiles_of_the_normal_distribution() {
    for (percentage, expected) in [(50.0, 0.674489750196082), (95.0, 1.959963984540054), (99.0, 2.5758293035489)] {
        near(deviations(percentage), expected, 1e-9);
    }
    near(deviations(99.999), 4.417173413469, 1e-6);
}

#[test]
fn what_r_finds_in_its_series_lh() {
    // arima(lh, order = c(1,0,0)): 0.5739, 2.4133, sigma^2 0.1975; least squares begin elsewhere, so that digits differ.
    let model = Arima::fit(&LH, Order { p: 1, d: 0, q: 0 }).unwrap();
    near(model.ar[0], 0.5739, 0.02);
    near(model.mean, 2.4133, 0.02);
    near(model.variance, 0.1975, 0.005);
    near(model.aic, 64.76, 1.0);
    // arima(lh, order = c(3,0,0)): 0.6448, -0.0634, -0.2198, 2.3931, sigma^2 0.1787, aic 64.18; and its predict().
    let model = Arima::fit(&LH, Order { p: 3, d: 0, q: 0 }).unwrap();
    for (found, expected) in model.ar.iter().zip([0.6448, -0.0634, -0.2198]) {
        near(*found, expected, 0.03);
    }
    near(model.variance, 0.1787, 0.005);
    near(model.aic, 64.18, 1.0);
    let expected = [(2.460173, 0.4226823), (2.270829, 0.5029332), (2.198597, 0.5078329)];
    for (found, (mean, deviation)) in model.forecast(&LH, 3).iter().zip(expected) {
        near(found.mean, mean, 0.05);
        near(found.deviation, deviation, 0.03);
    }
}

#[test]
fn models_are_found_again_in_series_made_by_them() {
    let model = Arima::fit(&simulated(3000, &[0.7], &[], 5.0, 0, 1), Order { p: 1, d: 0, q: 0 }).unwrap();
    near(model.ar[0], 0.7, 0.04);
    near(model.mean, 5.0, 0.2);
    near(model.variance, 1.0, 0.08);
    let model = Arima::fit(&simulated(3000, &[], &[0.5], 0.0, 0, 2), Order { p: 0, d: 0, q: 1 }).unwrap();
    near(model.ma[0], 0.5, 0.05);
    let model = Arima::fit(&simulated(3000, &[0.5], &[0.4], 0.2, 1, 3), Order { p: 1, d: 1, q: 1 }).unwrap();
    near(model.ar[0], 0.5, 0.08);
    near(model.ma[0], 0.4, 0.08);
    near(model.mean, 0.2, 0.15);
    let model = Arima::fit(&simulated(3000, &[1.2, -0.5], &[], 0.0, 0, 4), Order { p: 2, d: 0, q: 0 }).unwrap();
    near(model.ar[0], 1.2, 0.05);
    near(model.ar[1], -0.5, 0.05);
}

#[test]
fn bounds_widen_as_the_closed_forms_say() {
    let model = |order: Order, ar: &[f64], ma: &[f64]| Arima {
        order,
        mean: 0.0,
        ar: ar.to_vec(),
        ma: ma.to_vec(),
        variance: 2.0,
        aic: 0.0,
    };
    let series: Vec<f64> = (0..20).map(|at| f64::from(at).sin()).collect();
    let found = model(Order { p: 1, d: 0, q: 0 }, &[0.8], &[]).forecast(&series, 6);
    for (h, outlook) in (1..).zip(&found) {
        near(outlook.deviation.powi(2), 2.0 * (1.0 - 0.8f64.powi(2 * h)) / (1.0 - 0.64), 1e-9);
        near(outlook.mean, series[19] * 0.8f64.powi(h), 1e-9);
    }
    let found = model(Order { p: 0, d: 1, q: 1 }, &[], &[-0.4]).forecast(&series, 6);
    for (h, outlook) in (0..).zip(&found) {
        near(outlook.deviation.powi(2), 2.0 * (1.0 + f64::from(h) * 0.36), 1e-9);
        near(outlook.mean, found[0].mean, 1e-9);
    }
    let found = model(Order { p: 0, d: 2, q: 0 }, &[], &[]).forecast(&[1.0, 3.0, 5.0], 3);
    assert_eq!(found.iter().map(|outlook| outlook.mean).collect::<Vec<_>>(), [7.0, 9.0, 11.0]);
    near(found[2].deviation.powi(2), 2.0 * (1.0 + 4.0 + 9.0), 1e-9);
}

#[test]
fn the_order_follows_the_series() {
    let order = |series: &[f64]| best(series, Wanted::default()).unwrap().order;
    assert_eq!(order(&simulated(400, &[0.7], &[], 3.0, 0, 5)).d, 0);
    assert_eq!(order(&simulated(400, &[], &[], 0.0, 1, 6)).d, 1);
    assert_eq!(order(&simulated(400, &[0.5], &[], 0.0, 2, 7)).d, 2);
    assert_eq!(order(&[3.0; 40]), Order { p: 0, d: 0, q: 0 });
    let wanted = Wanted { p: Some(2), d: Some(1), q: None };
    let found = best(&simulated(300, &[0.5], &[0.4], 0.0, 1, 8), wanted).unwrap().order;
    assert_eq!((found.p, found.d), (2, 1));
    assert!(best(&[1.0, 2.0], Wanted::default()).is_none());
}

#[test]
fn seasons_are_found_and_taken_out() {
    let mut noise = Noise::new(9);
    let wave = |at: usize| 4.0 * (at as f64 * std::f64::consts::PI / 6.0).sin() + if at % 12 == 3 { 2.0 } else { 0.0 };
    let series: Vec<f64> = (0..150).map(|at| 10.0 + 0.05 * at as f64 + wave(at) + 0.2 * noise.next()).collect();
    assert_eq!(seasonal::period(&series), Some(12));
    let season = seasonal::season(&series, 12).unwrap();
    let mean = (0..12).map(wave).sum::<f64>() / 12.0;
    (0..12).for_each(|at| near(season[at], wave(at) - mean, 0.5));
    assert_eq!(seasonal::season(&series[..23], 12), None);
    let noise: Vec<f64> = (0..100).map(|_| noise.next()).collect();
    let chance = seasonal::season(&noise, 7).unwrap();
    assert!(chance.iter().all(|value| value.abs() < 1.5));
}

/// Feeds values a minute apart.
fn feed(series: &mut Series, settings: &Settings, values: &[f64], clips: bool) -> Vec<usize> {
    let mut flagged = Vec::new();
    for (at, value) in values.iter().enumerate() {
        series.observe(settings, 60_000_000 * at as i64, *value, clips);
        if series.verdict.is_some_and(|verdict| verdict.is_anomaly) {
            flagged.push(at);
        }
    }
    flagged
}

#[test]
fn forecasts_of_a_line_and_of_seasons_are_close() {
    let settings = Settings::read(r#"{"minTrainingSize": 20, "horizon": 5}"#).unwrap();
    let mut series = Series::default();
    feed(&mut series, &settings, &(0..60).map(|at| 3.0 + 2.0 * f64::from(at)).collect::<Vec<_>>(), false);
    for (h, forecast) in (0..).zip(series.forecast(&settings).unwrap()) {
        near(forecast.expected, 3.0 + 2.0 * f64::from(60 + h), 1e-6);
        assert_eq!(forecast.time, 60_000_000 * i64::from(60 + h));
        assert!(forecast.lower <= forecast.expected && forecast.expected <= forecast.upper);
    }
    let settings = Settings::read(r#"{"minTrainingSize": 60, "horizon": 24, "enableStl": true}"#).unwrap();
    let mut noise = Noise::new(10);
    let wave = |at: usize| 50.0 + 8.0 * (at as f64 * std::f64::consts::PI / 12.0).sin();
    let mut series = Series::default();
    feed(&mut series, &settings, &(0..190).map(|at| wave(at) + 0.3 * noise.next()).collect::<Vec<_>>(), false);
    for (at, forecast) in (190..).zip(series.forecast(&settings).unwrap()) {
        near(forecast.expected, wave(at), 1.2);
        assert!(forecast.lower < wave(at) && wave(at) < forecast.upper, "{forecast:?}");
    }
}

#[test]
fn a_spike_is_flagged_and_nothing_else() {
    let settings = r#"{"minTrainingSize": 50, "maxTrainingSize": 200, "confidencePercentage": 99.999}"#;
    let settings = Settings::read(settings).unwrap();
    for (seed, order) in [(11, ""), (12, r#", "p": 1, "d": 1, "q": 1"#)] {
        let mut values = simulated(400, &[0.6], &[], 20.0, 0, seed);
        values[300] += 15.0;
        let text = format!(r#"{{"minTrainingSize": 50, "confidencePercentage": 99.999{order}}}"#);
        let found = feed(&mut Series::default(), &Settings::read(&text).unwrap(), &values, true);
        assert_eq!(found, [300], "{text}");
    }
    // About as many values are outside of the bounds as the statement asks for.
    let settings = Settings { percentage: 90.0, ..settings };
    let found = feed(&mut Series::default(), &settings, &simulated(3000, &[0.6], &[], 20.0, 0, 13), false).len();
    assert!((200..420).contains(&found), "{found}");
}

#[test]
fn settings_are_read_and_wrong_ones_named() {
    let settings =
        r#"{"p": 1, "d": 0, "q": 2, "confidencePercentage": 95, "enableStl": true, "m": 12, "horizon": null}"#;
    let settings = Settings::read(settings).unwrap();
    assert_eq!(settings.order, Wanted { p: Some(1), d: Some(0), q: Some(2) });
    assert_eq!((settings.percentage, settings.period, settings.horizon), (95.0, Some(12), 1));
    assert_eq!((settings.min_training, settings.max_training, settings.evaluated), (128, 512, 5));
    for (text, cause) in [
        ("[1]", "must be a JSON object"),
        ("{", "no JSON object"),
        (r#"{"x": 1}"#, "no setting 'x'"),
        (r#"{"p": -1}"#, "'p' must be a whole number from 0 to 5, not -1"),
        (r#"{"d": 3}"#, "'d' must be"),
        (r#"{"confidencePercentage": 100}"#, "'confidencePercentage' must be"),
        (r#"{"enableStl": 1}"#, "'enableStl' must be true or false"),
        (r#"{"minTrainingSize": 600}"#, "must not be more than 'maxTrainingSize' (512)"),
    ] {
        let error = Settings::read(text).unwrap_err();
        assert!(error.contains(cause), "{error}");
    }
}
