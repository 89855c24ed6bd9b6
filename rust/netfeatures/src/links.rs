//! What is around the cells of a graph that somebody else made: sums and highest values over
//! neighbours, over those on the same nets, and ranks.
//!
//! Sums go over neighbours in the order in which the links were given, so that they come out
//! the same to the last place however many threads share the rows.

use crate::graph::Rows;

/// Nets on more pins say nothing of one cell.
const CROWD: u32 = 64;
/// So few rows are not worth a thread.
const FEW: usize = 1 << 14;

/// The neighbours of each cell, on one side.
#[derive(Debug)]
pub struct Links {
    rows: Rows,
}

impl Links {
    /// A link to `to[i]` at each `at[i]`; none where a cell is not below `cells`, or the
    /// two are of different lengths.
    pub fn new(cells: usize, at: &[i32], to: &[i32]) -> Option<Self> {
        let inside = |cell: &i32| usize::try_from(*cell).is_ok_and(|cell| cell < cells);
        if at.len() != to.len() || !at.iter().all(inside) || !to.iter().all(inside) {
            return None;
        }
        let rows = Rows::gather(cells, |give| {
            at.iter().zip(to).for_each(|(at, to)| give(*at as u32, *to as u32));
        });
        Some(Self { rows })
    }

    pub fn cells(&self) -> usize {
        self.rows.start.len() - 1
    }

    /// Where the neighbours of each cell begin, and the end.
    pub fn starts(&self) -> &[u32] {
        &self.rows.start
    }

    /// All neighbours, cell after cell.
    pub fn to(&self) -> &[u32] {
        &self.rows.values
    }

    /// The sum of `values` over the neighbours of each cell.
    pub fn sums(&self, values: &[f64], threads: usize) -> Vec<f64> {
        self.each(threads, |near| near.iter().fold(0.0, |sum, at| sum + values[*at as usize]))
    }

    /// The highest of `values` among the neighbours of each cell; 0 where there is none.
    pub fn highest(&self, values: &[f64], threads: usize) -> Vec<f64> {
        self.each(threads, |near| {
            near.iter().map(|at| values[*at as usize]).reduce(f64::max).unwrap_or(0.0)
        })
    }

    fn each(&self, threads: usize, of: impl Fn(&[u32]) -> f64 + Sync) -> Vec<f64> {
        let mut found = vec![0.0; self.cells()];
        let share = self.cells().div_ceil(threads.max(1)).max(FEW);
        let fill = |first: usize, part: &mut [f64]| {
            for (row, slot) in (first..).zip(part) {
                *slot = of(self.rows.of(row as u32));
            }
        };
        std::thread::scope(|scope| {
            let mut parts = found.chunks_mut(share).enumerate();
            let own = parts.next();
            for (turn, part) in parts {
                let fill = &fill;
                scope.spawn(move || fill(turn * share, part));
            }
            if let Some((_, part)) = own {
                fill(0, part);
            }
        });
        found
    }
}

/// Cells and the nets that they are on.
pub struct Pins<'a> {
    pub cell: &'a [i32],
    pub net: &'a [i32],
}

impl Pins<'_> {
    /// By cell, the mean value of the other cells on its nets, and the highest such mean.
    ///
    /// Nets of few pins weigh more (by the root of their number) and nets of more than
    /// [`CROWD`] are left out of the highest. None where a cell has no value, or pins do not
    /// pair up.
    pub fn around(&self, values: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
        let inside = |cell: &i32| usize::try_from(*cell).is_ok_and(|cell| cell < values.len());
        if self.cell.len() != self.net.len()
            || !self.cell.iter().all(inside)
            || self.net.iter().any(|net| *net < 0)
        {
            return None;
        }
        let nets = self.net.iter().max().map_or(0, |last| *last as usize + 1);
        let mut sums = vec![(0.0_f64, 0_u32); nets];
        for (&cell, &net) in self.cell.iter().zip(self.net) {
            let (sum, count) = &mut sums[net as usize];
            *sum += values[cell as usize];
            *count += 1;
        }
        let (mut mean, mut whole) = (vec![0.0; values.len()], vec![0.0_f64; values.len()]);
        let mut highest: Vec<Option<f64>> = vec![None; values.len()];
        for (&cell, &net) in self.cell.iter().zip(self.net) {
            let (at, (sum, count)) = (cell as usize, sums[net as usize]);
            if count < 2 {
                continue;
            }
            let others = (sum - values[at]) / f64::from(count - 1);
            let weight = 1.0 / f64::from(count).sqrt();
            mean[at] += weight * others;
            whole[at] += weight;
            if count <= CROWD {
                highest[at] = Some(highest[at].map_or(others, |most| most.max(others)));
            }
        }
        mean.iter_mut().zip(whole).for_each(|(mean, whole)| *mean /= whole.max(1e-12));
        Some((mean, highest.into_iter().map(|most| most.unwrap_or(0.0)).collect()))
    }
}

/// The share of values below each, equal ones in the middle.
pub fn middle_ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<(f64, u32)> =
        values.iter().enumerate().map(|(at, value)| (*value, at as u32)).collect();
    sorted.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let mut found = vec![0.0; values.len()];
    let mut below = 0;
    // No less and no more: plus and minus zero are one value.
    for same in sorted.chunk_by(|one, other| one.0 >= other.0) {
        let rank = (2 * below + same.len()) as f64 / (2 * values.len()) as f64;
        for (_, at) in same {
            found[*at as usize] = rank;
        }
        below += same.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_summed_in_their_order() {
        let links = Links::new(4, &[2, 0, 2, 2], &[1, 3, 0, 1]).unwrap();
        assert_eq!((links.starts(), links.to()), (&[0, 1, 1, 4, 4][..], &[3, 1, 0, 1][..]));
        let values = [1.0, -2.0, 4.0, 8.0];
        assert_eq!(links.sums(&values, 2), [8.0, 0.0, -3.0, 0.0]);
        assert_eq!(links.highest(&values, 2), [8.0, 0.0, 1.0, 0.0]);
        assert!(Links::new(1, &[0], &[1]).is_none());
        assert!(Links::new(1, &[-1], &[0]).is_none());
        assert!(Links::new(1, &[0], &[]).is_none());
    }

    #[test]
    fn threads_change_nothing() {
        let cells = 3 * FEW as i32 + 5;
        let spread = |by: i64| -> Vec<i32> {
            let cells = i64::from(cells);
            (0..4 * cells).map(|i| (i * by % cells) as i32).collect()
        };
        let (at, to) = (spread(7919), spread(104_729));
        let links = Links::new(cells as usize, &at, &to).unwrap();
        let values: Vec<f64> = (0..cells).map(|i| f64::from(i).sin()).collect();
        assert_eq!(links.sums(&values, 1), links.sums(&values, 3));
        assert_eq!(links.highest(&values, 1), links.highest(&values, 3));
    }

    #[test]
    fn the_others_on_a_net_count() {
        // Net 0 joins cells 0 to 2, net 1 cells 1 and 2, net 2 has cell 3 alone.
        let pins = Pins { cell: &[0, 1, 1, 2, 2, 3], net: &[0, 0, 1, 0, 1, 2] };
        let (mean, highest) = pins.around(&[1.0, 2.0, 5.0, 9.0]).unwrap();
        assert!((mean[0] - 3.5).abs() < 1e-12 && (highest[1] - 5.0).abs() < 1e-12);
        let (three, two) = (1.0 / 3_f64.sqrt(), 1.0 / 2_f64.sqrt());
        assert!((mean[1] - (three * 3.0 + two * 5.0) / (three + two)).abs() < 1e-12);
        assert_eq!((mean[3], highest[3]), (0.0, 0.0));
        assert!(Pins { cell: &[4], net: &[0] }.around(&[1.0]).is_none());
        assert!(Pins { cell: &[0], net: &[-1] }.around(&[1.0]).is_none());
    }

    #[test]
    fn equal_values_share_a_rank() {
        assert_eq!(middle_ranks(&[3.0, 0.0, -0.0, -2.0]), [0.875, 0.5, 0.5, 0.125]);
        assert!(middle_ranks(&[]).is_empty());
    }
}
