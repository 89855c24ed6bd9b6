//! AES-NI for one block, VAES for two in 256 bits and for four in 512 bits.
//!
//! The functions here are inlined into functions that were compiled for these instructions
//! (`crate::path`), and are called from nowhere else: that is what makes them sound. Words that
//! are `MASKED` are run only where AVX-512 is there, and read the end of a message by a mask.

#![expect(unsafe_code, reason = "instructions that a compiler does not choose by itself")]

use core::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_aesenc_si128, _mm_and_si128, _mm_loadu_si128,
    _mm_mask_storeu_epi8, _mm_maskz_loadu_epi8, _mm_maskz_set1_epi8, _mm_storeu_si128,
    _mm_xor_si128, _mm256_aesenc_epi128, _mm256_and_si256, _mm256_castsi128_si256,
    _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_inserti128_si256, _mm256_loadu_si256,
    _mm256_permute2x128_si256, _mm256_storeu_si256, _mm256_xor_si256, _mm512_aesenc_epi128,
    _mm512_and_si512, _mm512_castsi256_si512, _mm512_castsi512_si256, _mm512_extracti64x4_epi64,
    _mm512_inserti64x4, _mm512_loadu_si512, _mm512_storeu_si512, _mm512_xor_si512,
};

use super::{Block, Spot, Word, copied, copy, edges};

macro_rules! word {
    ($(#[$about:meta])* $name:ident, $masked:ident, $lanes:literal, $vector:ty, $load:ident,
     $store:ident, $xor:ident, $and:ident, $round:ident,
     $gather:ident, $scatter:ident, $gather_part:ident, $scatter_part:ident, $kept:ident, $pairs:literal, $low:path) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<const $masked: bool>($vector);

        impl<const $masked: bool> Word for $name<$masked> {
            const LANES: usize = $lanes;

            #[inline(always)]
            fn load(from: &[Block]) -> Self {
                assert!(from.len() == $lanes);
                // SAFETY: the slice has as many bytes as the vector; see the head of the module.
                Self(unsafe { $load(from.as_ptr().cast()) })
            }

            #[inline(always)]
            fn store(self, to: &mut [Block]) {
                assert!(to.len() == $lanes);
                // SAFETY: as for `load`.
                unsafe { $store(to.as_mut_ptr().cast(), self.0) }
            }

            #[inline(always)]
            unsafe fn gather(from: Spot<'_>) -> Self {
                // SAFETY: as the caller says; see the head of the module.
                Self(unsafe { $gather(from) })
            }

            #[inline(always)]
            unsafe fn scatter(self, to: Spot<'_>) {
                // SAFETY: as the caller says; see the head of the module.
                unsafe { $scatter(self.0, to) }
            }

            #[inline(always)]
            unsafe fn scatter_all<const N: usize>(words: [Self; N], to: Spot<'_>) {
                let mut at = 0;
                while $pairs && to.degree == 1 && at + 2 <= N {
                    // SAFETY: as the caller says; see the head of the module.
                    unsafe {
                        let to = Spot { at: to.at + 16 * at, ..to };
                        scatter_pair($low(words[at].0), $low(words[at + 1].0), to);
                    }
                    at += 2;
                }
                while at < N {
                    // SAFETY: as the caller says.
                    unsafe { words[at].scatter(Spot { at: to.at + 16 * to.degree * at, ..to }) }
                    at += 1;
                }
            }

            #[inline(always)]
            unsafe fn gather_part(from: Spot<'_>) -> Self {
                if $masked {
                    // SAFETY: as the caller says; bytes that a mask leaves out are not read.
                    Self(unsafe { $gather_part(from) })
                } else {
                    // SAFETY: as the caller says.
                    unsafe { copied(from) }
                }
            }

            #[inline(always)]
            unsafe fn scatter_part(self, to: Spot<'_>) {
                if $masked {
                    // SAFETY: as the caller says; bytes that a mask leaves out are not written.
                    unsafe { $scatter_part(self.0, to) }
                } else {
                    // SAFETY: as the caller says.
                    unsafe { copy(self, to) }
                }
            }

            #[inline(always)]
            fn kept(of: Spot<'_>) -> Self {
                if $masked {
                    // SAFETY: see the head of the module.
                    Self(unsafe { $kept(of) })
                } else {
                    edges(of)
                }
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                // SAFETY: see the head of the module.
                Self(unsafe { $xor(self.0, other.0) })
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                // SAFETY: see the head of the module.
                Self(unsafe { $and(self.0, other.0) })
            }

            #[inline(always)]
            fn rounds<const N: usize>(mut x: [Self; N], keys: [Self; N]) -> [Self; N] {
                for (word, key) in x.iter_mut().zip(keys) {
                    // SAFETY: see the head of the module.
                    word.0 = unsafe { $round(word.0, key.0) };
                }
                x
            }
        }
    };
}

word!(
    /// One block, AES-NI.
    Aes1,
    MASKED,
    1,
    __m128i,
    _mm_loadu_si128,
    _mm_storeu_si128,
    _mm_xor_si128,
    _mm_and_si128,
    _mm_aesenc_si128,
    gather1,
    scatter1,
    gather_part1,
    scatter_part1,
    kept1,
    false,
    _mm256_castsi128_si256
);
word!(
    /// Two blocks, VAES in 256 bits.
    Aes2,
    MASKED,
    2,
    __m256i,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_xor_si256,
    _mm256_and_si256,
    _mm256_aesenc_epi128,
    gather2,
    scatter2,
    gather_part2,
    scatter_part2,
    kept2,
    true,
    core::convert::identity
);
word!(
    /// Four blocks, VAES in 512 bits.
    Aes4,
    MASKED,
    4,
    __m512i,
    _mm512_loadu_si512,
    _mm512_storeu_si512,
    _mm512_xor_si512,
    _mm512_and_si512,
    _mm512_aesenc_epi128,
    gather4,
    scatter4,
    gather_part4,
    scatter_part4,
    kept4,
    false,
    _mm512_castsi512_si256
);

#[inline(always)]
unsafe fn gather1(from: Spot<'_>) -> __m128i {
    // SAFETY: a block can be read at the first place; see the head of the module.
    unsafe { _mm_loadu_si128(from.place(0).cast()) }
}

#[inline(always)]
unsafe fn gather2(from: Spot<'_>) -> __m256i {
    // SAFETY: a block can be read at two places, or two at one.
    unsafe {
        match from.degree {
            1 => {
                join2(_mm_loadu_si128(from.place(0).cast()), _mm_loadu_si128(from.place(1).cast()))
            }
            _ => _mm256_loadu_si256(from.place(0).cast()),
        }
    }
}

#[inline(always)]
unsafe fn gather4(from: Spot<'_>) -> __m512i {
    // SAFETY: a block can be read at four places, or two at two, or four at one.
    unsafe {
        match from.degree {
            1 => {
                let [first, second, third, fourth] =
                    [from.place(0), from.place(1), from.place(2), from.place(3)];
                let low = join2(_mm_loadu_si128(first.cast()), _mm_loadu_si128(second.cast()));
                let high = join2(_mm_loadu_si128(third.cast()), _mm_loadu_si128(fourth.cast()));
                join4(low, high)
            }
            2 => join4(
                _mm256_loadu_si256(from.place(0).cast()),
                _mm256_loadu_si256(from.place(1).cast()),
            ),
            _ => _mm512_loadu_si512(from.place(0).cast()),
        }
    }
}

#[inline(always)]
unsafe fn scatter1(word: __m128i, to: Spot<'_>) {
    // SAFETY: a block can be written at the first place.
    unsafe { _mm_storeu_si128(to.place(0).cast(), word) }
}

#[inline(always)]
unsafe fn scatter2(word: __m256i, to: Spot<'_>) {
    // SAFETY: a block can be written at two places, or two at one.
    unsafe {
        if to.degree == 1 {
            _mm_storeu_si128(to.place(0).cast(), _mm256_castsi256_si128(word));
            _mm_storeu_si128(to.place(1).cast(), _mm256_extracti128_si256::<1>(word));
        } else {
            _mm256_storeu_si256(to.place(0).cast(), word);
        }
    }
}

/// Two blocks of each of two messages: 32 bytes at a time.
#[inline(always)]
unsafe fn scatter_pair(first: __m256i, second: __m256i, to: Spot<'_>) {
    // SAFETY: two blocks can be written at two places.
    unsafe {
        let low = _mm256_permute2x128_si256::<0x20>(first, second);
        let high = _mm256_permute2x128_si256::<0x31>(first, second);
        _mm256_storeu_si256(to.place(0).cast(), low);
        _mm256_storeu_si256(to.place(1).cast(), high);
    }
}

#[inline(always)]
unsafe fn scatter4(word: __m512i, to: Spot<'_>) {
    // SAFETY: a block can be written at four places, or two at two, or four at one.
    unsafe {
        if to.degree == 4 {
            return _mm512_storeu_si512(to.place(0).cast(), word);
        }
        let low = _mm512_castsi512_si256(word);
        let high = _mm512_extracti64x4_epi64::<1>(word);
        if to.degree == 2 {
            _mm256_storeu_si256(to.place(0).cast(), low);
            _mm256_storeu_si256(to.place(1).cast(), high);
        } else {
            let [first, second, third, fourth] =
                [to.place(0), to.place(1), to.place(2), to.place(3)];
            _mm_storeu_si128(first.cast(), _mm256_castsi256_si128(low));
            _mm_storeu_si128(second.cast(), _mm256_extracti128_si256::<1>(low));
            _mm_storeu_si128(third.cast(), _mm256_castsi256_si128(high));
            _mm_storeu_si128(fourth.cast(), _mm256_extracti128_si256::<1>(high));
        }
    }
}

#[inline(always)]
unsafe fn join2(low: __m128i, high: __m128i) -> __m256i {
    // SAFETY: see the head of the module.
    unsafe { _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(low), high) }
}

#[inline(always)]
unsafe fn join4(low: __m256i, high: __m256i) -> __m512i {
    // SAFETY: see the head of the module.
    unsafe { _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high) }
}

/// A mask for so many bytes.
#[inline(always)]
fn mask(bytes: usize) -> u16 {
    ((1_u32 << bytes) - 1) as u16
}

#[inline(always)]
unsafe fn part(from: Spot<'_>, lane: usize) -> __m128i {
    let (place, bytes) = from.part(lane);
    // SAFETY: only bytes that the message has are read; see the head of the module.
    unsafe { _mm_maskz_loadu_epi8(mask(bytes), place.cast()) }
}

#[inline(always)]
unsafe fn put(block: __m128i, to: Spot<'_>, lane: usize) {
    let (place, bytes) = to.part(lane);
    // SAFETY: only bytes that the message has are written; see the head of the module.
    unsafe { _mm_mask_storeu_epi8(place.cast(), mask(bytes), block) }
}

#[inline(always)]
unsafe fn gather_part1(from: Spot<'_>) -> __m128i {
    // SAFETY: see `part`; so for all below.
    unsafe { part(from, 0) }
}

#[inline(always)]
unsafe fn gather_part2(from: Spot<'_>) -> __m256i {
    // SAFETY: as above.
    unsafe { join2(part(from, 0), part(from, 1)) }
}

#[inline(always)]
unsafe fn gather_part4(from: Spot<'_>) -> __m512i {
    // SAFETY: as above.
    unsafe {
        let low = gather_part2(from);
        join4(low, join2(part(from, 2), part(from, 3)))
    }
}

#[inline(always)]
unsafe fn scatter_part1(word: __m128i, to: Spot<'_>) {
    // SAFETY: see `put`; so for all below.
    unsafe { put(word, to, 0) }
}

#[inline(always)]
unsafe fn scatter_part2(word: __m256i, to: Spot<'_>) {
    // SAFETY: as above.
    unsafe {
        put(_mm256_castsi256_si128(word), to, 0);
        put(_mm256_extracti128_si256::<1>(word), to, 1);
    }
}

#[inline(always)]
unsafe fn scatter_part4(word: __m512i, to: Spot<'_>) {
    // SAFETY: as above.
    unsafe {
        scatter_part2(_mm512_castsi512_si256(word), to);
        let high = _mm512_extracti64x4_epi64::<1>(word);
        put(_mm256_castsi256_si128(high), to, 2);
        put(_mm256_extracti128_si256::<1>(high), to, 3);
    }
}

#[inline(always)]
unsafe fn ones(of: Spot<'_>, lane: usize) -> __m128i {
    let (_, bytes) = of.part(lane);
    // SAFETY: see the head of the module.
    unsafe { _mm_maskz_set1_epi8(mask(bytes), -1) }
}

#[inline(always)]
unsafe fn kept1(of: Spot<'_>) -> __m128i {
    // SAFETY: as above.
    unsafe { ones(of, 0) }
}

#[inline(always)]
unsafe fn kept2(of: Spot<'_>) -> __m256i {
    // SAFETY: as above.
    unsafe { join2(ones(of, 0), ones(of, 1)) }
}

#[inline(always)]
unsafe fn kept4(of: Spot<'_>) -> __m512i {
    // SAFETY: as above.
    unsafe { join4(kept2(of), join2(ones(of, 2), ones(of, 3))) }
}
