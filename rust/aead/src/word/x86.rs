//! AES-NI for one block, VAES for two in 256 bits and for four in 512 bits.
//!
//! The functions here are inlined into functions that were compiled for these instructions
//! (`crate::path`), and are called from nowhere else: that is what makes them sound. Words that
//! are `MASKED` are run only where AVX-512 is there, and read the end of a message by a mask.

#![expect(unsafe_code, reason = "instructions that a compiler does not choose by itself")]

use core::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_aesenc_si128, _mm_and_si128, _mm_loadu_si128,
    _mm_mask_storeu_epi8, _mm_maskz_loadu_epi8, _mm_storeu_si128, _mm_xor_si128,
    _mm256_aesenc_epi128, _mm256_and_si256, _mm256_castsi128_si256, _mm256_castsi256_si128,
    _mm256_extracti128_si256, _mm256_inserti128_si256, _mm256_loadu_si256, _mm256_storeu_si256,
    _mm256_xor_si256, _mm512_aesenc_epi128, _mm512_and_si512, _mm512_castsi256_si512,
    _mm512_castsi512_si256, _mm512_extracti64x4_epi64, _mm512_inserti64x4, _mm512_loadu_si512,
    _mm512_storeu_si512, _mm512_xor_si512,
};

use super::{Block, MOST, Places, Word, copied, copy};

macro_rules! word {
    ($(#[$about:meta])* $name:ident, $masked:ident, $lanes:literal, $vector:ty, $load:ident,
     $store:ident, $xor:ident, $and:ident, $round:ident,
     $gather:ident, $scatter:ident, $gather_part:ident, $scatter_part:ident) => {
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
            unsafe fn gather(from: &Places, degree: usize) -> Self {
                // SAFETY: as the caller says; see the head of the module.
                Self(unsafe { $gather(from, degree) })
            }

            #[inline(always)]
            unsafe fn scatter(self, to: &Places, degree: usize) {
                // SAFETY: as the caller says; see the head of the module.
                unsafe { $scatter(self.0, to, degree) }
            }

            #[inline(always)]
            unsafe fn gather_part(from: &Places, left: &[usize; MOST], degree: usize) -> Self {
                if $masked {
                    // SAFETY: as the caller says; bytes that a mask leaves out are not read.
                    Self(unsafe { $gather_part(from, left, degree) })
                } else {
                    // SAFETY: as the caller says.
                    unsafe { copied(from, left, degree) }
                }
            }

            #[inline(always)]
            unsafe fn scatter_part(self, to: &Places, left: &[usize; MOST], degree: usize) {
                if $masked {
                    // SAFETY: as the caller says; bytes that a mask leaves out are not written.
                    unsafe { $scatter_part(self.0, to, left, degree) }
                } else {
                    // SAFETY: as the caller says.
                    unsafe { copy(self, to, left, degree) }
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
    scatter_part1
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
    scatter_part2
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
    scatter_part4
);

#[inline(always)]
unsafe fn gather1(from: &Places, _degree: usize) -> __m128i {
    // SAFETY: a block can be read at the first place; see the head of the module.
    unsafe { _mm_loadu_si128(from[0].cast()) }
}

#[inline(always)]
unsafe fn gather2(from: &Places, degree: usize) -> __m256i {
    // SAFETY: a block can be read at two places, or two at one.
    unsafe {
        match degree {
            1 => join2(_mm_loadu_si128(from[0].cast()), _mm_loadu_si128(from[1].cast())),
            _ => _mm256_loadu_si256(from[0].cast()),
        }
    }
}

#[inline(always)]
unsafe fn gather4(from: &Places, degree: usize) -> __m512i {
    // SAFETY: a block can be read at four places, or two at two, or four at one.
    unsafe {
        match degree {
            1 => {
                let [first, second, third, fourth, ..] = *from;
                let low = join2(_mm_loadu_si128(first.cast()), _mm_loadu_si128(second.cast()));
                let high = join2(_mm_loadu_si128(third.cast()), _mm_loadu_si128(fourth.cast()));
                join4(low, high)
            }
            2 => join4(_mm256_loadu_si256(from[0].cast()), _mm256_loadu_si256(from[1].cast())),
            _ => _mm512_loadu_si512(from[0].cast()),
        }
    }
}

#[inline(always)]
unsafe fn scatter1(word: __m128i, to: &Places, _degree: usize) {
    // SAFETY: a block can be written at the first place.
    unsafe { _mm_storeu_si128(to[0].cast(), word) }
}

#[inline(always)]
unsafe fn scatter2(word: __m256i, to: &Places, degree: usize) {
    // SAFETY: a block can be written at two places, or two at one.
    unsafe {
        if degree == 1 {
            _mm_storeu_si128(to[0].cast(), _mm256_castsi256_si128(word));
            _mm_storeu_si128(to[1].cast(), _mm256_extracti128_si256::<1>(word));
        } else {
            _mm256_storeu_si256(to[0].cast(), word);
        }
    }
}

#[inline(always)]
unsafe fn scatter4(word: __m512i, to: &Places, degree: usize) {
    // SAFETY: a block can be written at four places, or two at two, or four at one.
    unsafe {
        if degree == 4 {
            return _mm512_storeu_si512(to[0].cast(), word);
        }
        let low = _mm512_castsi512_si256(word);
        let high = _mm512_extracti64x4_epi64::<1>(word);
        if degree == 2 {
            _mm256_storeu_si256(to[0].cast(), low);
            _mm256_storeu_si256(to[1].cast(), high);
        } else {
            let [first, second, third, fourth, ..] = *to;
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

/// Where the block of a lane lies, and which of its bytes are left.
#[inline(always)]
fn place(of: &Places, left: &[usize; MOST], degree: usize, lane: usize) -> (*mut u8, u16) {
    let (message, before) = (lane / degree, lane % degree * 16);
    let bytes = left[message].saturating_sub(before).min(16);
    (of[message].wrapping_add(before), ((1_u32 << bytes) - 1) as u16)
}

#[inline(always)]
unsafe fn part(from: &Places, left: &[usize; MOST], degree: usize, lane: usize) -> __m128i {
    let (place, mask) = place(from, left, degree, lane);
    // SAFETY: only bytes that the message has are read; see the head of the module.
    unsafe { _mm_maskz_loadu_epi8(mask, place.cast()) }
}

#[inline(always)]
unsafe fn put(block: __m128i, to: &Places, left: &[usize; MOST], degree: usize, lane: usize) {
    let (place, mask) = place(to, left, degree, lane);
    // SAFETY: only bytes that the message has are written; see the head of the module.
    unsafe { _mm_mask_storeu_epi8(place.cast(), mask, block) }
}

#[inline(always)]
unsafe fn gather_part1(from: &Places, left: &[usize; MOST], degree: usize) -> __m128i {
    // SAFETY: see `part`; so for all below.
    unsafe { part(from, left, degree, 0) }
}

#[inline(always)]
unsafe fn gather_part2(from: &Places, left: &[usize; MOST], degree: usize) -> __m256i {
    // SAFETY: as above.
    unsafe { join2(part(from, left, degree, 0), part(from, left, degree, 1)) }
}

#[inline(always)]
unsafe fn gather_part4(from: &Places, left: &[usize; MOST], degree: usize) -> __m512i {
    // SAFETY: as above.
    unsafe {
        let low = gather_part2(from, left, degree);
        join4(low, join2(part(from, left, degree, 2), part(from, left, degree, 3)))
    }
}

#[inline(always)]
unsafe fn scatter_part1(word: __m128i, to: &Places, left: &[usize; MOST], degree: usize) {
    // SAFETY: see `put`; so for all below.
    unsafe { put(word, to, left, degree, 0) }
}

#[inline(always)]
unsafe fn scatter_part2(word: __m256i, to: &Places, left: &[usize; MOST], degree: usize) {
    // SAFETY: as above.
    unsafe {
        put(_mm256_castsi256_si128(word), to, left, degree, 0);
        put(_mm256_extracti128_si256::<1>(word), to, left, degree, 1);
    }
}

#[inline(always)]
unsafe fn scatter_part4(word: __m512i, to: &Places, left: &[usize; MOST], degree: usize) {
    // SAFETY: as above.
    unsafe {
        scatter_part2(_mm512_castsi512_si256(word), to, left, degree);
        let high = _mm512_extracti64x4_epi64::<1>(word);
        put(_mm256_castsi256_si128(high), to, left, degree, 2);
        put(_mm256_extracti128_si256::<1>(high), to, left, degree, 3);
    }
}
