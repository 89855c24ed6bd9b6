//! Functions compiled for the instructions of each path.

#![expect(unsafe_code, reason = "a function for instructions is called where they are there")]

use super::{Family, Here, Path};
use crate::cipher::Tag;
use crate::engine::{self, Group, Kept, Way, Work};
use crate::word::{MOST, Word};

pub fn is_here(path: Path) -> bool {
    let aes = is_x86_feature_detected!("aes") && is_x86_feature_detected!("avx2");
    let wide = aes && is_x86_feature_detected!("vaes");
    match path {
        Path::Portable => true,
        Path::Arm => false,
        Path::Aes => aes,
        Path::Vaes256 => wide,
        Path::Vaes512 => {
            wide && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("bmi2")
        }
    }
}

pub fn lanes<F: Family>(path: Path) -> usize {
    match path {
        Path::Vaes512 => F::Vaes512Many::LANES,
        Path::Vaes256 => F::Vaes256Many::LANES,
        _ => F::AesMany::LANES,
    }
}

pub fn run<F: Family>(here: Here, group: &mut Group<'_>, way: Way, tags: &mut [Tag; MOST]) {
    let alone = group.count == 1;
    // SAFETY: the machine has the instructions of the path, as `Here` says.
    unsafe {
        match (here.0, way, alone) {
            (Path::Vaes512, Way::Seal, true) => vaes512::seal::<F, F::Vaes512One>(group, tags),
            (Path::Vaes512, Way::Open, true) => vaes512::open::<F, F::Vaes512One>(group, tags),
            (Path::Vaes512, Way::Seal, false) => vaes512::seal::<F, F::Vaes512Many>(group, tags),
            (Path::Vaes512, Way::Open, false) => vaes512::open::<F, F::Vaes512Many>(group, tags),
            (Path::Vaes256, Way::Seal, true) => vaes256::seal::<F, F::Vaes256One>(group, tags),
            (Path::Vaes256, Way::Open, true) => vaes256::open::<F, F::Vaes256One>(group, tags),
            (Path::Vaes256, Way::Seal, false) => vaes256::seal::<F, F::Vaes256Many>(group, tags),
            (Path::Vaes256, Way::Open, false) => vaes256::open::<F, F::Vaes256Many>(group, tags),
            (_, Way::Seal, true) => aes::seal::<F, F::AesOne>(group, tags),
            (_, Way::Open, true) => aes::open::<F, F::AesOne>(group, tags),
            (_, Way::Seal, false) => aes::seal::<F, F::AesMany>(group, tags),
            (_, Way::Open, false) => aes::open::<F, F::AesMany>(group, tags),
        }
    }
}

pub fn work<F: Family>(here: Here, kept: &mut Kept, done: Work<'_>) {
    // SAFETY: the machine has the instructions of the path, as `Here` says.
    unsafe {
        match here.0 {
            Path::Vaes512 => vaes512::work::<F, F::Vaes512One>(kept, done),
            Path::Vaes256 => vaes256::work::<F, F::Vaes256One>(kept, done),
            _ => aes::work::<F, F::AesOne>(kept, done),
        }
    }
}

macro_rules! instructions {
    ($name:ident, $features:literal) => {
        mod $name {
            use super::*;

            #[target_feature(enable = $features)]
            pub fn seal<F: Family, W: Word>(group: &mut Group<'_>, tags: &mut [Tag; MOST]) {
                engine::run::<W, F::On<W>>(group, Way::Seal, tags);
            }

            #[target_feature(enable = $features)]
            pub fn open<F: Family, W: Word>(group: &mut Group<'_>, tags: &mut [Tag; MOST]) {
                engine::run::<W, F::On<W>>(group, Way::Open, tags);
            }

            #[target_feature(enable = $features)]
            pub fn work<F: Family, W: Word>(kept: &mut Kept, done: Work<'_>) {
                engine::work::<W, F::On<W>>(kept, done);
            }
        }
    };
}

instructions!(aes, "aes,avx2");
instructions!(vaes256, "aes,vaes,avx2");
instructions!(vaes512, "aes,vaes,avx512f,avx512bw,avx512dq,avx512vl,bmi2");
