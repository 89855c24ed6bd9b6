//! Two words as one of twice the lanes: more messages in flight, or a longer step of one.

#![expect(unsafe_code, reason = "places are handed on to both halves")]

use super::{Block, Spot, Word};

/// The lanes of the first, then those of the second.
#[derive(Clone, Copy, Debug)]
pub struct Pair<W>(W, W);

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
    unsafe fn gather(from: Spot<'_>) -> Self {
        // SAFETY: both halves have the messages, or the halves of them, that the caller names.
        unsafe { Self(W::gather(from.before(W::LANES)), W::gather(from.after(W::LANES))) }
    }

    #[inline(always)]
    unsafe fn scatter(self, to: Spot<'_>) {
        // SAFETY: as above.
        unsafe {
            self.0.scatter(to.before(W::LANES));
            self.1.scatter(to.after(W::LANES));
        }
    }

    #[inline(always)]
    unsafe fn scatter_all<const N: usize>(words: [Self; N], to: Spot<'_>) {
        if to.degree > W::LANES {
            for (at, word) in words.into_iter().enumerate() {
                // SAFETY: as the caller says.
                unsafe { word.scatter(Spot { at: to.at + 16 * to.degree * at, ..to }) }
            }
            return;
        }
        let (mut low, mut high) = ([words[0].0; N], [words[0].1; N]);
        for at in 1..N {
            (low[at], high[at]) = (words[at].0, words[at].1);
        }
        // SAFETY: as above.
        unsafe {
            W::scatter_all(low, to.before(W::LANES));
            W::scatter_all(high, to.after(W::LANES));
        }
    }

    #[inline(always)]
    unsafe fn gather_part(from: Spot<'_>) -> Self {
        // SAFETY: as above.
        unsafe { Self(W::gather_part(from.before(W::LANES)), W::gather_part(from.after(W::LANES))) }
    }

    #[inline(always)]
    unsafe fn scatter_part(self, to: Spot<'_>) {
        // SAFETY: as above.
        unsafe {
            self.0.scatter_part(to.before(W::LANES));
            self.1.scatter_part(to.after(W::LANES));
        }
    }

    #[inline(always)]
    fn kept(of: Spot<'_>) -> Self {
        Self(W::kept(of.before(W::LANES)), W::kept(of.after(W::LANES)))
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
        let (mut low, mut low_keys) = ([x[0].0; N], [keys[0].0; N]);
        let (mut high, mut high_keys) = ([x[0].1; N], [keys[0].1; N]);
        for at in 1..N {
            (low[at], high[at]) = (x[at].0, x[at].1);
            (low_keys[at], high_keys[at]) = (keys[at].0, keys[at].1);
        }
        let (low, high) = (W::rounds(low, low_keys), W::rounds(high, high_keys));
        for at in 0..N {
            x[at] = Self(low[at], high[at]);
        }
        x
    }
}
