//! Functions compiled for Arm's crypto extension.

#![expect(unsafe_code, reason = "a function for instructions is called where they are there")]

use super::{Family, Here};
use crate::cipher::Tag;
use crate::engine::{self, Group, Kept, Way, Work};
use crate::word::{MOST, Word};

pub fn run<F: Family>(_here: Here, group: &mut Group<'_>, way: Way, tags: &mut [Tag; MOST]) {
    // SAFETY: the machine has the instructions, as `Here` says.
    unsafe {
        match (way, group.count == 1) {
            (Way::Seal, true) => seal::<F, F::ArmOne>(group, tags),
            (Way::Open, true) => open::<F, F::ArmOne>(group, tags),
            (Way::Seal, false) => seal::<F, F::ArmMany>(group, tags),
            (Way::Open, false) => open::<F, F::ArmMany>(group, tags),
        }
    }
}

pub fn work<F: Family>(_here: Here, kept: &mut Kept, done: Work<'_>) {
    // SAFETY: the machine has the instructions, as `Here` says.
    unsafe { advance::<F, F::ArmOne>(kept, done) }
}

#[target_feature(enable = "neon,aes")]
fn seal<F: Family, W: Word>(group: &mut Group<'_>, tags: &mut [Tag; MOST]) {
    engine::run::<W, F::On<W>>(group, Way::Seal, tags);
}

#[target_feature(enable = "neon,aes")]
fn open<F: Family, W: Word>(group: &mut Group<'_>, tags: &mut [Tag; MOST]) {
    engine::run::<W, F::On<W>>(group, Way::Open, tags);
}

#[target_feature(enable = "neon,aes")]
fn advance<F: Family, W: Word>(kept: &mut Kept, done: Work<'_>) {
    engine::work::<W, F::On<W>>(kept, done);
}
