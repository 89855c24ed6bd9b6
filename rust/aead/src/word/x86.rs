//! AES-NI for one block, VAES for two in 256 bits and for four in 512 bits.
//!
//! The functions here are inlined into functions that were compiled for these instructions
//! (`crate::path`), and are called from nowhere else: that is what makes them sound.

#![expect(unsafe_code, reason = "instructions that a compiler does not choose by itself")]

use core::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_aesenc_si128, _mm_and_si128, _mm_loadu_si128, _mm_storeu_si128,
    _mm_xor_si128, _mm256_aesenc_epi128, _mm256_and_si256, _mm256_castsi128_si256,
    _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_inserti128_si256, _mm256_loadu_si256,
    _mm256_storeu_si256, _mm256_xor_si256, _mm512_aesenc_epi128, _mm512_and_si512,
    _mm512_castsi128_si512, _mm512_castsi512_si128, _mm512_extracti64x2_epi64, _mm512_inserti64x2,
    _mm512_loadu_si512, _mm512_storeu_si512, _mm512_xor_si512,
};

use super::{Block, MOST, Word};

macro_rules! word {
    ($name:ident, $what:literal, $lanes:literal, $vector:ty, $load:ident, $store:ident,
     $xor:ident, $and:ident, $round:ident, $gather:ident, $scatter:ident) => {
        #[doc = $what]
        #[derive(Clone, Copy, Debug)]
        pub struct $name($vector);

        impl Word for $name {
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
            fn gather(from: [&Block; MOST]) -> Self {
                // SAFETY: see the head of the module.
                Self(unsafe { $gather(from) })
            }

            #[inline(always)]
            fn scatter(self, to: [&mut Block; MOST]) {
                // SAFETY: see the head of the module.
                unsafe { $scatter(self.0, to) }
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
    Aes1,
    "One block, AES-NI.",
    1,
    __m128i,
    _mm_loadu_si128,
    _mm_storeu_si128,
    _mm_xor_si128,
    _mm_and_si128,
    _mm_aesenc_si128,
    gather1,
    scatter1
);
word!(
    Aes2,
    "Two blocks, VAES in 256 bits.",
    2,
    __m256i,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_xor_si256,
    _mm256_and_si256,
    _mm256_aesenc_epi128,
    gather2,
    scatter2
);
word!(
    Aes4,
    "Four blocks, VAES in 512 bits.",
    4,
    __m512i,
    _mm512_loadu_si512,
    _mm512_storeu_si512,
    _mm512_xor_si512,
    _mm512_and_si512,
    _mm512_aesenc_epi128,
    gather4,
    scatter4
);

/// One block by its address.
#[inline(always)]
unsafe fn one(block: &Block) -> __m128i {
    // SAFETY: 16 bytes are read from an array of 16.
    unsafe { _mm_loadu_si128(core::ptr::from_ref(block).cast()) }
}

/// One block to its address.
#[inline(always)]
unsafe fn put(block: &mut Block, value: __m128i) {
    // SAFETY: 16 bytes are written to an array of 16.
    unsafe { _mm_storeu_si128(core::ptr::from_mut(block).cast(), value) }
}

#[inline(always)]
unsafe fn gather1(from: [&Block; MOST]) -> __m128i {
    // SAFETY: see the head of the module; so for all below.
    unsafe { one(from[0]) }
}

#[inline(always)]
unsafe fn gather2(from: [&Block; MOST]) -> __m256i {
    // SAFETY: as above.
    unsafe { _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(one(from[0])), one(from[1])) }
}

#[inline(always)]
unsafe fn gather4(from: [&Block; MOST]) -> __m512i {
    // SAFETY: as above.
    unsafe {
        let word = _mm512_castsi128_si512(one(from[0]));
        let word = _mm512_inserti64x2::<1>(word, one(from[1]));
        let word = _mm512_inserti64x2::<2>(word, one(from[2]));
        _mm512_inserti64x2::<3>(word, one(from[3]))
    }
}

#[inline(always)]
unsafe fn scatter1(word: __m128i, to: [&mut Block; MOST]) {
    let [first, ..] = to;
    // SAFETY: as above.
    unsafe { put(first, word) }
}

#[inline(always)]
unsafe fn scatter2(word: __m256i, to: [&mut Block; MOST]) {
    let [first, second, ..] = to;
    // SAFETY: as above.
    unsafe {
        put(first, _mm256_castsi256_si128(word));
        put(second, _mm256_extracti128_si256::<1>(word));
    }
}

#[inline(always)]
unsafe fn scatter4(word: __m512i, to: [&mut Block; MOST]) {
    let [first, second, third, fourth] = to;
    // SAFETY: as above.
    unsafe {
        put(first, _mm512_castsi512_si128(word));
        put(second, _mm512_extracti64x2_epi64::<1>(word));
        put(third, _mm512_extracti64x2_epi64::<2>(word));
        put(fourth, _mm512_extracti64x2_epi64::<3>(word));
    }
}
