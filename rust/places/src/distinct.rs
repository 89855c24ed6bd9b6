//! Which rows are the first of their address: distinct counts of many rows, exactly.
//!
//! IPv4 rows are spread over parts by a mix of their bits, so that the set of each part
//! stays in a near cache; a set of all would wait for memory at every row.

use std::collections::HashSet;

use crate::FOUR;

const PARTS: usize = 1 << 10;
const EMPTY: u64 = u64::MAX; // no key: groups have 31 bits

/// Whether each row is the first with its address and group.
///
/// `groups` holds a number below 2^31 for each row, or nothing: then all rows are of one.
pub fn first_seen(highs: &[i64], lows: &[i64], groups: &[i32]) -> Vec<bool> {
    let group = |row: usize| groups.get(row).map_or(0, |group| *group as u32 & 0x7FFF_FFFF);
    let mut first = vec![false; lows.len()];
    let mut others: HashSet<(i64, i64, u32)> = HashSet::new();
    let mut ends = [0_usize; PARTS];
    for (row, (high, low)) in highs.iter().zip(lows).enumerate() {
        match key(*high, *low, group(row)) {
            Some(key) => ends[part(key)] += 1,
            None => first[row] = others.insert((*high, *low, group(row))),
        }
    }
    let mut total = 0;
    for end in &mut ends {
        total += std::mem::replace(end, total);
    }
    let mut spread = vec![(0_u64, 0_u32); total];
    for (row, (high, low)) in highs.iter().zip(lows).enumerate() {
        if let Some(key) = key(*high, *low, group(row)) {
            let end = &mut ends[part(key)];
            spread[*end] = (key, row as u32);
            *end += 1;
        }
    }
    let mut set = Vec::new();
    let mut begin = 0;
    for end in ends {
        mark(&spread[begin..end], &mut set, &mut first);
        begin = end;
    }
    first
}

/// An IPv4 address and a group in one number.
fn key(high: i64, low: i64, group: u32) -> Option<u64> {
    let four = high == 0 && low >> 32 == (FOUR >> 32) as i64;
    four.then(|| u64::from(group) << 32 | u64::from(low as u32))
}

/// All bits of a key spread over all bits of the result (the finaliser of splitmix64).
fn mixed(key: u64) -> u64 {
    let key = (key ^ (key >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let key = (key ^ (key >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    key ^ (key >> 31)
}

fn part(key: u64) -> usize {
    (mixed(key) >> 54) as usize
}

/// Marks the first row of each key; `set` is a table with open addresses.
fn mark(rows: &[(u64, u32)], set: &mut Vec<u64>, first: &mut [bool]) {
    let size = (rows.len() * 2).next_power_of_two();
    set.clear();
    set.resize(size, EMPTY);
    for (key, row) in rows {
        let mut place = mixed(*key) as usize & (size - 1);
        while set[place] != EMPTY && set[place] != *key {
            place = (place + 1) & (size - 1);
        }
        first[*row as usize] = set[place] == EMPTY;
        set[place] = *key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: i64 = FOUR as i64;

    #[test]
    fn the_first_of_each_address_is_marked() {
        let (highs, lows) = ([0, 0, 0, 7, 7, 0], [BASE + 5, BASE + 6, BASE + 5, 5, 5, 5]);
        assert_eq!(first_seen(&highs, &lows, &[]), [true, true, false, true, false, true]);
        assert_eq!(first_seen(&[], &[], &[]), [false; 0]);
    }

    #[test]
    fn an_address_counts_once_in_each_group() {
        let lows = [BASE + 1, BASE + 1, BASE + 1, BASE + 2, 9, 9];
        let found = first_seen(&[0; 6], &lows, &[3, 4, 3, 3, 1, 2]);
        assert_eq!(found, [true, true, false, true, true, true]);
    }

    #[test]
    fn it_is_what_a_set_says() {
        let mut seed = 9_u64;
        let mut draw = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 40) as i64
        };
        let highs: Vec<i64> = (0..50_000).map(|_| i64::from(draw() % 10 == 0)).collect();
        let lows: Vec<i64> = (0..50_000).map(|_| BASE + draw() % 20_000).collect();
        let groups: Vec<i32> = (0..50_000).map(|_| (draw() % 3) as i32).collect();
        let mut set = HashSet::new();
        let expected: Vec<bool> =
            (0..50_000).map(|at| set.insert((highs[at], lows[at], groups[at]))).collect();
        assert_eq!(first_seen(&highs, &lows, &groups), expected);
    }
}
