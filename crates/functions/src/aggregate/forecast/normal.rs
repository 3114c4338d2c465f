//! Quantiles of the normal distribution.

/// How many standard deviations around the mean hold `percentage` of a normal distribution: 1.96 for 95. A rational
/// approximation (Acklam's), made exact by one step of Halley's method.
pub(super) fn deviations(percentage: f64) -> f64 {
    let p = 0.5 + percentage / 200.0;
    let start = approximate(p);
    let error = 0.5 * libm::erfc(-start / std::f64::consts::SQRT_2) - p;
    let step = error * (2.0 * std::f64::consts::PI).sqrt() * (start * start / 2.0).exp();
    start - step / (1.0 + start * step / 2.0)
}

fn polynomial(coefficients: &[f64], at: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * at + coefficient)
}

fn approximate(p: f64) -> f64 {
    const CENTRE: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.38357751867269e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const CENTRE_BELOW: [f64; 6] = [
        -5.447609879822406e1,
        1.615858368580409e2,
        -1.556989798598866e2,
        6.680131188771972e1,
        -1.328068155288572e1,
        1.0,
    ];
    const TAIL: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const TAIL_BELOW: [f64; 5] =
        [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1.0];
    if p > 0.97575 {
        let q = (-2.0 * (1.0 - p).ln()).sqrt();
        return -polynomial(&TAIL, q) / polynomial(&TAIL_BELOW, q);
    }
    let q = p - 0.5;
    polynomial(&CENTRE, q * q) * q / polynomial(&CENTRE_BELOW, q * q)
}
