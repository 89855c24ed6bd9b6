//! The longest run of regular gaps in a series of contacts, as a log-likelihood ratio.
//!
//! For every candidate period T a gap d is regular when it is T, or up to three times T
//! where contacts were lost, within a tolerance. Among gaps of a Poisson process a gap is
//! within a quarter of T with a chance of at most 0.186, and within a quarter of T, 2T or
//! 3T of at most 0.41; a run of n of them is worth n times the negative logarithm, less the
//! logarithm of the number of places and periods that were tried.

const TOLERANCE: f64 = 0.25;
/// Contacts closer than this (seconds) to the one before are the same contact.
const SAME: f64 = 2.0;
const SHORTEST: f64 = 10.0;
const WINDOW: usize = 6;
const GRID: f64 = 1.1;
/// Multiples of the period that a gap may be, and the chance that one is by accident.
const KINDS: [(f64, f64); 2] = [(1.0, 0.186), (3.0, 0.41)];

/// The best run of one series.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Run {
    /// Log-likelihood ratio; 0 where there are too few gaps.
    pub evidence: f64,
    /// Seconds: the median of the run's gaps, each divided by its multiple.
    pub period: f64,
    /// Median distance of the run's gaps from the period, as a share of it.
    pub jitter: f64,
    /// Gaps in the run.
    pub gaps: usize,
    /// First and last contact of the run, microseconds.
    pub first: i64,
    pub last: i64,
    /// Contacts in the whole series, close ones counted once.
    pub contacts: usize,
}

/// The best run in `contacts` (microseconds, in order of time).
pub fn best(contacts: &[i64]) -> Run {
    let kept = distinct(contacts);
    let gaps: Vec<f64> = kept.windows(2).map(|w| seconds(w[1] - w[0])).collect();
    let mut best = Run { contacts: kept.len(), ..Run::default() };
    if gaps.len() < WINDOW {
        return best;
    }
    let periods = candidates(&gaps);
    #[expect(clippy::cast_precision_loss, reason = "counts of contacts")]
    let tried = ((gaps.len().max(2) * periods.len().max(1)) as f64).ln();
    for period in periods {
        for (multiples, chance) in KINDS {
            let (from, length) = longest(&gaps, period, multiples);
            #[expect(clippy::cast_precision_loss, reason = "gaps of a run")]
            let evidence = length as f64 * -chance.ln() - tried;
            if evidence > best.evidence {
                let run = &gaps[from..from + length];
                best = Run {
                    evidence,
                    gaps: length,
                    first: kept[from],
                    last: kept[from + length],
                    ..described(run, period, multiples)
                };
                best.contacts = kept.len();
            }
        }
    }
    best
}

fn seconds(us: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "gaps within days")]
    let whole = us as f64;
    whole / 1e6
}

fn distinct(contacts: &[i64]) -> Vec<i64> {
    let mut before = None;
    let mut kept = Vec::with_capacity(contacts.len());
    for at in contacts {
        if before.is_none_or(|last| seconds(at - last) > SAME) {
            kept.push(*at);
        }
        before = Some(*at);
    }
    kept
}

/// Medians of six gaps in a row, on a grid of steps of ten per cent.
fn candidates(gaps: &[f64]) -> Vec<f64> {
    let mut steps: Vec<i64> = gaps
        .windows(WINDOW)
        .map(median)
        .filter(|gap| *gap >= SHORTEST)
        .map(|gap| (gap.ln() / GRID.ln()).round_ties_even() as i64)
        .collect();
    steps.sort_unstable();
    steps.dedup();
    #[expect(clippy::cast_precision_loss, reason = "a few hundred steps")]
    steps.into_iter().map(|step| (step as f64 * GRID.ln()).exp()).collect()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) }
}

fn regular(gap: f64, period: f64, multiples: f64) -> bool {
    let ratio = gap / period;
    let nearest = if multiples > 1.0 { ratio.round_ties_even() } else { 1.0 };
    (1.0..=multiples).contains(&nearest) && (ratio - nearest).abs() <= TOLERANCE
}

/// First gap and length of the longest run.
fn longest(gaps: &[f64], period: f64, multiples: f64) -> (usize, usize) {
    let (mut best, mut start) = ((0, 0), 0);
    for (n, gap) in gaps.iter().enumerate() {
        if !regular(*gap, period, multiples) {
            start = n + 1;
        } else if n + 1 - start > best.1 {
            best = (start, n + 1 - start);
        }
    }
    best
}

fn described(run: &[f64], period: f64, multiples: f64) -> Run {
    let single = |gap: &f64| gap / (gap / period).round_ties_even().clamp(1.0, multiples);
    let singles: Vec<f64> = run.iter().map(single).collect();
    let middle = median(&singles);
    let distances: Vec<f64> = singles.iter().map(|gap| (gap - middle).abs() / middle).collect();
    Run { period: middle, jitter: median(&distances), ..Run::default() }
}

#[cfg(test)]
mod tests {
    use super::best;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn six_gaps_are_needed() {
        let few: Vec<i64> = (0..6).map(|n| n * 60 * SECOND).collect();
        assert!(best(&few).evidence.abs() < f64::EPSILON);
    }

    #[test]
    fn a_clean_series_is_one_run() {
        let series: Vec<i64> = (0..100).map(|n| n * 60 * SECOND).collect();
        let run = best(&series);
        // 99 gaps at -ln 0.186, one period, 99 places: by hand
        assert!((run.evidence - (99.0 * 1.682_008_6 - 99.0_f64.ln())).abs() < 1e-3);
        assert!((run.period - 60.0).abs() < 1e-9 && run.jitter < 1e-9);
        assert_eq!((run.gaps, run.first, run.last), (99, 0, 99 * 60 * SECOND));
    }

    #[test]
    fn contacts_close_together_count_once() {
        let series: Vec<i64> =
            (0..20).flat_map(|n| [n * 600 * SECOND, n * 600 * SECOND + SECOND]).collect();
        assert_eq!(best(&series).contacts, 20);
        assert_eq!(best(&series).gaps, 19);
    }

    #[test]
    fn lost_contacts_do_not_end_a_run() {
        let series: Vec<i64> = (0..90).filter(|n| n % 4 != 1).map(|n| n * 300 * SECOND).collect();
        let run = best(&series);
        assert!((run.period - 300.0).abs() < 1.0);
        assert_eq!(run.gaps, series.len() - 1);
    }
}
