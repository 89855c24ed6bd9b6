//! Sorting of the keys of a minute: by digits of the source, then within each source.

/// Where the source stands in a key.
pub const SOURCE: u32 = 88;
const DIGITS: [(u32, usize); 3] =
    [(SOURCE, 1 << 11), (SOURCE + 11, 1 << 11), (SOURCE + 22, 1 << 10)];
/// Fewer keys than this are sorted by comparing.
const FEW: usize = 4096;

/// Sorts `keys` ascending; `spare` is room that is used again.
pub fn sort_by_source(keys: &mut Vec<u128>, spare: &mut Vec<u128>) {
    if keys.len() < FEW {
        return keys.sort_unstable();
    }
    spare.clear();
    spare.resize(keys.len(), 0);
    for (shift, size) in DIGITS {
        distribute(keys, spare, shift, size);
        std::mem::swap(keys, spare);
    }
    for run in keys.chunk_by_mut(|one, other| one >> SOURCE == other >> SOURCE) {
        if run.len() > 1 {
            run.sort_unstable();
        }
    }
}

/// Copies `from` to `to` in the order of one digit, equal ones in the order they had.
fn distribute(from: &[u128], to: &mut [u128], shift: u32, size: usize) {
    let digit = |key: u128| (key >> shift) as usize & (size - 1);
    let mut places = [0u32; 1 << 11];
    for key in from {
        places[digit(*key)] += 1;
    }
    let mut next = 0;
    for place in &mut places[..size] {
        next += std::mem::replace(place, next);
    }
    for key in from {
        let place = &mut places[digit(*key)];
        to[*place as usize] = *key;
        *place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_comparing() {
        let mut state = 1u128;
        let mut draw = || {
            state = state.wrapping_mul(0xda94_2042_e4dd_58b5_1e2d_3f45_0000_0001).wrapping_add(77);
            state.rotate_left(40) & ((1 << 120) - 1)
        };
        for size in [0, 1, FEW - 1, FEW, 10 * FEW] {
            let mut keys: Vec<u128> = (0..size).map(|_| draw()).collect();
            keys.extend_from_within(..size / 2);
            let mut expected = keys.clone();
            expected.sort_unstable();
            sort_by_source(&mut keys, &mut Vec::new());
            assert_eq!(keys, expected);
        }
    }
}
