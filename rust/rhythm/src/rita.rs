//! The beacon score of RITA (`activecm/rita`, `analysis/beacons.go`, version 5).
//!
//! A quarter each from how alike the gaps are, how alike the sizes are, how evenly the hours
//! are filled, and how much of the data set is covered. All parts are rounded to a
//! thousandth as RITA does. Modifiers (prevalence, first seen, threat lists) are not part of
//! it: they add and take 15 % each and depend on what else is known.

const BARS: usize = 24;
const SPREAD: f64 = 0.05;
const ENOUGH_BARS: usize = 11;
const HOURS_SEEN: usize = 6;
const IDEAL_RUN: f64 = 12.0;
const LEAST_IQR: f64 = 10.0;

/// The parts and their mean, each 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    pub total: f64,
    pub gaps: f64,
    pub sizes: f64,
    pub duration: f64,
    pub histogram: f64,
}

/// The score of contacts at `times` (seconds, in order) of `sizes`, in a data set that spans
/// `dataset` (first and last second). `None` where RITA gives none: fewer than four contacts
/// or three gaps, or a data set without length.
pub fn score(times: &[i64], sizes: &[f64], dataset: (i64, i64)) -> Option<Score> {
    let gaps: Vec<f64> =
        times.windows(2).map(|w| f64_of(w[1] - w[0])).filter(|g| *g > 0.0).collect();
    if times.len() < 4 || gaps.len() < 3 || sizes.len() < 3 || dataset.1 <= dataset.0 {
        return None;
    }
    let bars = bars(times, dataset);
    let filled = bars.iter().filter(|bar| **bar > 0).count();
    let parts = Score {
        total: 0.0,
        gaps: alike(gaps, 1.0),
        sizes: alike(sizes.to_vec(), 0.0),
        duration: duration(times, dataset, filled, &bars),
        histogram: evenness(&bars).max(bimodal(&bars, filled)),
    };
    let mean = (parts.gaps + parts.sizes + parts.duration + parts.histogram) / 4.0;
    Some(Score { total: thousandth(mean), ..parts })
}

fn f64_of(whole: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds and counts")]
    let wide = whole as f64;
    wide
}

fn count(n: usize) -> f64 {
    f64_of(n as i64)
}

fn thousandth(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn middle(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) }
}

/// One less the skew of Bowley, and the median's distance from the other values.
fn alike(mut values: Vec<f64>, without_median: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    let (q1, q2, q3) =
        (middle(&values[..n / 2]), middle(&values), middle(&values[n.div_ceil(2)..]));
    let spread = q3 - q1;
    #[expect(clippy::float_cmp, reason = "as in the original: quartiles that are one value")]
    let skewed = spread >= LEAST_IQR && q2 != q1 && q2 != q3;
    let skew = if skewed { (q1 + q3 - 2.0 * q2) / spread } else { 0.0 };
    let mut distances: Vec<f64> = values.iter().map(|value| (value - q2).abs()).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let near = if q2 >= 1.0 { (q2 - middle(&distances)) / q2 } else { without_median };
    thousandth(f64::midpoint(1.0 - skew.abs(), near.max(0.0)))
}

fn bars(times: &[i64], (first, last): (i64, i64)) -> [i64; BARS] {
    let step = f64_of(last - first) / count(BARS);
    let edge = |n: usize| {
        if n == BARS { f64_of(last) } else { f64_of(first) + count(n) * step }
    };
    let (mut bars, mut bar) = ([0; BARS], 0);
    for at in times {
        while bar + 1 < BARS && f64_of(*at) >= edge(bar + 1) {
            bar += 1;
        }
        bars[bar] += 1;
    }
    bars
}

fn evenness(bars: &[i64; BARS]) -> f64 {
    let mean = f64_of(bars.iter().sum()) / count(BARS);
    let squares: f64 = bars.iter().map(|bar| (f64_of(*bar) - mean).powi(2)).sum();
    let variation = (squares / count(BARS)).sqrt() / mean.abs();
    if variation > 1.0 { 0.0 } else { thousandth(1.0 - variation).min(1.0) }
}

/// How many bars have one of the two most frequent heights, one outlier forgiven.
fn bimodal(bars: &[i64; BARS], filled: usize) -> f64 {
    if filled < ENOUGH_BARS {
        return 0.0;
    }
    let highest = f64_of(bars.iter().copied().max().unwrap_or(0));
    let bin = (highest * SPREAD).ceil();
    let mut heights: Vec<i64> = bars
        .iter()
        .filter(|bar| **bar > 0)
        .map(|bar| ((f64_of(*bar) / bin).floor() * bin) as i64)
        .collect();
    heights.sort_unstable();
    let mut frequent: Vec<usize> = heights.chunk_by(|a, b| a == b).map(<[i64]>::len).collect();
    frequent.sort_unstable_by(|a, b| b.cmp(a));
    let both: usize = frequent.iter().take(2).sum();
    thousandth(count(both) / count(filled - 1).max(1.0)).min(1.0)
}

fn duration(times: &[i64], dataset: (i64, i64), filled: usize, bars: &[i64; BARS]) -> f64 {
    if filled < HOURS_SEEN {
        return 0.0;
    }
    let share = |part: f64| ((part * 1000.0).ceil() / 1000.0).min(1.0);
    let span = f64_of(times[times.len() - 1] - times[0]);
    let coverage = share(span / f64_of(dataset.1 - dataset.0));
    let consistency = share(count(longest_run(bars)) / IDEAL_RUN);
    coverage.max(consistency)
}

/// Hours in a row that have contacts, the end of the day followed by its beginning.
fn longest_run(bars: &[i64; BARS]) -> usize {
    let (mut best, mut run) = (0, 0);
    for n in 0..2 * BARS {
        run = if bars[n % BARS] > 0 { run + 1 } else { 0 };
        best = best.max(run);
    }
    best.min(BARS)
}

#[cfg(test)]
mod tests {
    use super::{alike, bars, bimodal, evenness, score};

    fn near(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 0.001
    }

    // Values of RITA's own tests (analysis/beacons_test.go).

    #[test]
    fn gaps_score_as_in_rita() {
        let closely = vec![98., 99., 99., 100., 100., 100., 101., 101., 102.];
        let random = vec![1., 299., 25., 4975., 90., 2., 42., 500., 1500.];
        let two = [98., 300.].repeat(5);
        assert!(near(alike(vec![60.0; 9], 1.0), 1.0));
        assert!(near(alike(closely, 1.0), 0.995));
        assert!(near(alike(two, 1.0), 0.746));
        assert!(near(alike(random, 1.0), 0.083));
    }

    #[test]
    fn sizes_score_as_in_rita() {
        assert!(near(alike((1..=10).map(f64::from).collect(), 0.0), 0.773));
        assert!(near(alike(vec![0.0; 9], 0.0), 0.5));
    }

    #[test]
    fn few_contacts_have_no_score() {
        assert_eq!(score(&[1, 2, 3], &[1.0; 3], (0, 10)), None);
        assert_eq!(score(&[60; 9], &[1.0; 9], (0, 86_400)), None);
        assert_eq!(score(&[1, 2, 3, 4], &[1.0; 4], (10, 10)), None);
    }

    #[test]
    fn a_perfect_day_scores_one() {
        let times: Vec<i64> = (0..1440).map(|n| n * 60).collect();
        let found = score(&times, &vec![100.0; 1440], (0, 86_399)).unwrap();
        assert!(near(found.total, 1.0), "{found:?}");
    }

    #[test]
    fn the_last_second_is_in_the_last_bar() {
        let found = bars(&[0, 3600, 86_400], (0, 86_400));
        assert_eq!((found[0], found[1], found[23]), (1, 1, 1));
        assert!(near(evenness(&[5; 24]), 1.0));
        assert!(near(bimodal(&[5; 24], 24), 1.0));
    }
}
