//! Two words as one of twice the lanes: more messages in flight, or a longer step of one.

#![expect(unsafe_code, reason = "places are handed on to both halves")]

use super::{Block, Places, Word};
use crate::word::MOST;

/// The lanes of the first, then those of the second.
#[derive(Clone, Copy, Debug)]
pub struct Pair<W>(W, W);

impl<W: Word> Pair<W> {
    /// Degree within a half, and the places of the second one.
    #[inline(always)]
    fn second(places: &Places, degree: usize) -> (usize, Places) {
        let mut second = *places;
        if degree <= W::LANES {
            second.rotate_left(W::LANES / degree);
            (degree, second)
        } else {
            (degree / 2, second.map(|place| place.wrapping_add(8 * degree)))
        }
    }

    /// The same for what is left of the messages.
    #[inline(always)]
    fn left(left: &[usize; MOST], degree: usize) -> [usize; MOST] {
        let mut second = *left;
        if degree <= W::LANES {
            second.rotate_left(W::LANES / degree);
            second
        } else {
            second.map(|bytes| bytes.saturating_sub(8 * degree))
        }
    }
}

impl<W: Word> Word for Pair<W> {
    const LANES: usize = 2 * W::LANES;

    #[inline(always)]
    fn load(from: &[Block]) -> Self {
        let (low, high) = from.split_at(W::LANES);
        Self(W::load(low), W::load(high))
    }

    #[inline(always)]
    fn store(self, to: &mut [Block]) {
        let (low, high) = to.split_at_mut(W::LANES);
        self.0.store(low);
        self.1.store(high);
    }

    #[inline(always)]
    unsafe fn gather(from: &Places, degree: usize) -> Self {
        let (each, second) = Self::second(from, degree);
        // SAFETY: both halves have the messages, or the halves of them, that the caller names.
        unsafe { Self(W::gather(from, each), W::gather(&second, each)) }
    }

    #[inline(always)]
    unsafe fn scatter(self, to: &Places, degree: usize) {
        let (each, second) = Self::second(to, degree);
        // SAFETY: as above.
        unsafe {
            self.0.scatter(to, each);
            self.1.scatter(&second, each);
        }
    }

    #[inline(always)]
    unsafe fn gather_part(from: &Places, left: &[usize; MOST], degree: usize) -> Self {
        let (each, second) = Self::second(from, degree);
        let rest = Self::left(left, degree);
        // SAFETY: as above.
        unsafe { Self(W::gather_part(from, left, each), W::gather_part(&second, &rest, each)) }
    }

    #[inline(always)]
    unsafe fn scatter_part(self, to: &Places, left: &[usize; MOST], degree: usize) {
        let (each, second) = Self::second(to, degree);
        let rest = Self::left(left, degree);
        // SAFETY: as above.
        unsafe {
            self.0.scatter_part(to, left, each);
            self.1.scatter_part(&second, &rest, each);
        }
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(self.0.xor(other.0), self.1.xor(other.1))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(self.0.and(other.0), self.1.and(other.1))
    }

    #[inline(always)]
    fn rounds<const N: usize>(mut x: [Self; N], keys: [Self; N]) -> [Self; N] {
        let low = W::rounds(x.map(|word| word.0), keys.map(|key| key.0));
        let high = W::rounds(x.map(|word| word.1), keys.map(|key| key.1));
        for (word, (low, high)) in x.iter_mut().zip(low.into_iter().zip(high)) {
            *word = Self(low, high);
        }
        x
    }
}
