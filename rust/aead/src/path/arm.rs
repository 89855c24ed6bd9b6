//! Functions compiled for Arm's crypto extension.

#![expect(unsafe_code, reason = "a function for instructions is called where they are there")]

use super::Family;
use crate::cipher::Tag;
use crate::engine::{self, Kept, Message, Way, Work};
use crate::word::{MOST, Word};

/// Called where `Path::run` has made sure that the machine has the extension.
pub fn run<F: Family>(group: &mut [Message<'_>], way: Way) -> [Tag; MOST] {
    // SAFETY: the machine has the instructions.
    unsafe {
        match (way, group.len() == 1) {
            (Way::Seal, true) => seal::<F, F::ArmOne>(group),
            (Way::Open, true) => open::<F, F::ArmOne>(group),
            (Way::Seal, false) => seal::<F, F::ArmMany>(group),
            (Way::Open, false) => open::<F, F::ArmMany>(group),
        }
    }
}

/// As `run`.
pub fn work<F: Family>(kept: &mut Kept, done: Work<'_>) {
    // SAFETY: the machine has the instructions.
    unsafe { advance::<F, F::ArmOne>(kept, done) }
}

#[target_feature(enable = "neon,aes")]
fn seal<F: Family, W: Word>(group: &mut [Message<'_>]) -> [Tag; MOST] {
    engine::run::<W, F::On<W>>(group, Way::Seal)
}

#[target_feature(enable = "neon,aes")]
fn open<F: Family, W: Word>(group: &mut [Message<'_>]) -> [Tag; MOST] {
    engine::run::<W, F::On<W>>(group, Way::Open)
}

#[target_feature(enable = "neon,aes")]
fn advance<F: Family, W: Word>(kept: &mut Kept, done: Work<'_>) {
    engine::work::<W, F::On<W>>(kept, done);
}
