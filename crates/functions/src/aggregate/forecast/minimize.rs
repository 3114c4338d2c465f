//! Finding the least value of a function without derivatives: the downhill simplex of Nelder and Mead.

/// Steps at most, per dimension.
const STEPS: usize = 120;
/// When the corners differ by less, relative to their values, the search ends.
const TOLERANCE: f64 = 1e-8;

/// The point with the least value that was found, starting at `start` with steps of the size `size`.
pub(super) fn minimize(start: &[f64], size: f64, value: impl Fn(&[f64]) -> f64) -> (Vec<f64>, f64) {
    // What cannot be computed is worse than everything.
    let value = |point: &[f64]| Some(value(point)).filter(|value| value.is_finite()).unwrap_or(f64::MAX);
    let dimensions = start.len();
    let mut simplex: Vec<(Vec<f64>, f64)> = (0..=dimensions)
        .map(|corner| {
            let mut point = start.to_vec();
            if let Some(coordinate) = corner.checked_sub(1).and_then(|place| point.get_mut(place)) {
                *coordinate += size;
            }
            let value = value(&point);
            (point, value)
        })
        .collect();
    for _ in 0..STEPS * dimensions {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, worst) = (simplex[0].1, simplex[dimensions].1);
        if worst - best <= TOLERANCE * (best.abs() + TOLERANCE) {
            break;
        }
        step(&mut simplex, dimensions, &value);
    }
    simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
    simplex.swap_remove(0)
}

/// Moves the worst corner, or draws all corners towards the best.
fn step(simplex: &mut [(Vec<f64>, f64)], dimensions: usize, value: &impl Fn(&[f64]) -> f64) {
    let centre: Vec<f64> = (0..dimensions)
        .map(|place| simplex[..dimensions].iter().map(|corner| corner.0[place]).sum::<f64>() / dimensions as f64)
        .collect();
    let at = |factor: f64| -> (Vec<f64>, f64) {
        let towards = centre.iter().zip(&simplex[dimensions].0);
        let point: Vec<f64> = towards.map(|(centre, worst)| centre + factor * (worst - centre)).collect();
        let value = value(&point);
        (point, value)
    };
    let (best, second, worst) = (simplex[0].1, simplex[dimensions - 1].1, simplex[dimensions].1);
    let reflected = at(-1.0);
    let moved = if reflected.1 < best {
        let expanded = at(-2.0);
        Some(if expanded.1 < reflected.1 { expanded } else { reflected })
    } else if reflected.1 < second {
        Some(reflected)
    } else {
        let contracted = at(if reflected.1 < worst { -0.5 } else { 0.5 });
        (contracted.1 < worst.min(reflected.1)).then_some(contracted)
    };
    match moved {
        Some(corner) => simplex[dimensions] = corner,
        None => {
            let best = simplex[0].0.clone();
            for corner in &mut simplex[1..] {
                corner.0.iter_mut().zip(&best).for_each(|(place, best)| *place = best + 0.5 * (*place - best));
                corner.1 = value(&corner.0);
            }
        }
    }
}
