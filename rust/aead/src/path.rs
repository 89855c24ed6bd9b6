//! The ways through the same code that a machine has: which instructions, how many lanes.

use crate::lanes::{Lane, Way, run};
use crate::word::MOST;
use crate::word::portable::Plain;

/// A set of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Integers only, in constant time.
    Portable,
    /// AES-NI, a message at a time.
    Aes,
    /// VAES in 256 bits, two messages at a time.
    Vaes256,
    /// VAES and AVX-512, four messages at a time.
    Vaes512,
}

impl Path {
    pub const ALL: [Self; 4] = [Self::Portable, Self::Aes, Self::Vaes256, Self::Vaes512];

    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Aes => "aes",
            Self::Vaes256 => "vaes256",
            Self::Vaes512 => "vaes512",
        }
    }

    /// Messages that go at a time.
    pub fn lanes(self) -> usize {
        match self {
            Self::Portable | Self::Aes => 1,
            Self::Vaes256 => 2,
            Self::Vaes512 => 4,
        }
    }

    /// Whether this machine has it.
    #[cfg(target_arch = "x86_64")]
    pub fn is_here(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Aes => is_x86_feature_detected!("aes") && is_x86_feature_detected!("avx2"),
            Self::Vaes256 => is_x86_feature_detected!("vaes") && is_x86_feature_detected!("avx2"),
            Self::Vaes512 => {
                is_x86_feature_detected!("vaes") && is_x86_feature_detected!("avx512dq")
            }
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_here(self) -> bool {
        self == Self::Portable
    }

    /// Those that this machine has, the widest last.
    pub fn here() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|path| path.is_here())
    }

    /// Encrypt or decrypt as many messages as the path has lanes; gives their tags.
    ///
    /// # Panics
    ///
    /// Where the machine does not have the path, or the number of messages is another.
    pub fn run(self, lanes: &mut [Lane<'_>], way: Way) -> [[u8; 32]; MOST] {
        assert!(self.is_here(), "{} is not here", self.name());
        match self {
            Self::Portable => run::<Plain>(lanes, way),
            #[cfg(target_arch = "x86_64")]
            other => x86::run(other, lanes, way),
            #[cfg(not(target_arch = "x86_64"))]
            _ => unreachable!("no such path on this kind of machine"),
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    #![expect(unsafe_code, reason = "a function for instructions is called where they are there")]

    use super::{Lane, MOST, Path, Way};
    use crate::lanes;
    use crate::word::x86::{Aes1, Aes2, Aes4};

    pub fn run(path: Path, texts: &mut [Lane<'_>], way: Way) -> [[u8; 32]; MOST] {
        // SAFETY: `Path::run` has made sure that the machine has the instructions.
        unsafe {
            match way {
                Way::Seal => match path {
                    Path::Vaes512 => seal4(texts),
                    Path::Vaes256 => seal2(texts),
                    _ => seal1(texts),
                },
                Way::Open => match path {
                    Path::Vaes512 => open4(texts),
                    Path::Vaes256 => open2(texts),
                    _ => open1(texts),
                },
            }
        }
    }

    macro_rules! way {
        ($name:ident, $word:ty, $way:expr, $features:literal) => {
            #[target_feature(enable = $features)]
            fn $name(texts: &mut [Lane<'_>]) -> [[u8; 32]; MOST] {
                lanes::run::<$word>(texts, $way)
            }
        };
    }
    way!(seal1, Aes1, Way::Seal, "aes,avx2");
    way!(open1, Aes1, Way::Open, "aes,avx2");
    way!(seal2, Aes2, Way::Seal, "aes,vaes,avx2");
    way!(open2, Aes2, Way::Open, "aes,vaes,avx2");
    way!(seal4, Aes4, Way::Seal, "aes,vaes,avx512f,avx512dq,avx512vl");
    way!(open4, Aes4, Way::Open, "aes,vaes,avx512f,avx512dq,avx512vl");
}
