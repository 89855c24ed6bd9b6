//! How regular a series of contacts is, by two measures.
//!
//! `runs`: the longest run of gaps that are all alike, and how unlikely it is by chance. It
//! finds a beacon among other traffic of the same pair, where statistics over all gaps see
//! the mixture. `rita`: the score of RITA, for those who know it.

pub mod rita;
pub mod runs;
