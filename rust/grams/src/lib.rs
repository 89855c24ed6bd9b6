//! Sentences as hashed n-grams, and linear models over them.
//!
//! A sentence has two kinds of grams: words and pairs of words, and runs of three to five
//! characters inside a word with its borders (Joulin et al. 2017 show why that is enough
//! for many texts; Weinberger et al. 2009 why hashing costs little). Counts are damped by a
//! logarithm, weighted by rarity, and each kind is brought to unit length, so that a long
//! sentence weighs no more than a short one.

mod grams;
mod linear;

pub use grams::{BUCKETS, Counts, count, words_and_runs};
pub use linear::{Linear, Shape, features};
