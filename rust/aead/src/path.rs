//! The ways through the same code that a machine has: which instructions, how many messages.

use crate::Algorithm;
use crate::cipher::{Cipher, Tag, aegis, rocca};
use crate::engine::{Group, Kept, Way, Work};
use crate::word::pair::Pair;
use crate::word::portable::Plain;
use crate::word::{MOST, Word};

#[cfg(target_arch = "aarch64")]
mod arm;
#[cfg(target_arch = "x86_64")]
mod x86;

/// A set of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Integers only, in constant time.
    Portable,
    /// AES of Arm's crypto extension.
    Arm,
    /// AES-NI and AVX2.
    Aes,
    /// VAES in 256 bits.
    Vaes256,
    /// VAES and AVX-512.
    Vaes512,
}

impl Path {
    pub const ALL: [Self; 5] = [Self::Portable, Self::Arm, Self::Aes, Self::Vaes256, Self::Vaes512];

    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Arm => "arm",
            Self::Aes => "aes",
            Self::Vaes256 => "vaes256",
            Self::Vaes512 => "vaes512",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }

    /// Whether this machine has it.
    pub fn is_here(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "aarch64")]
            Self::Arm => std::arch::is_aarch64_feature_detected!("aes"),
            #[cfg(target_arch = "x86_64")]
            other => x86::is_here(other),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// Those that this machine has, the widest last.
    pub fn here() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|path| path.is_here())
    }

    /// The widest that this machine has.
    pub fn best() -> Self {
        Self::here().last().unwrap_or(Self::Portable)
    }

    /// Groups of an algorithm that go at a time.
    pub(crate) fn messages(self, algorithm: Algorithm) -> usize {
        match algorithm {
            Algorithm::RoccaS => self.many::<RoccaS>(),
            Algorithm::Aegis256 => self.many::<Aegis256>(),
            Algorithm::Aegis256X2 => self.many::<Aegis256X2>(),
            Algorithm::Aegis256X4 => self.many::<Aegis256X4>(),
        }
    }

    fn many<F: Family>(self) -> usize {
        let lanes = match self {
            Self::Portable => F::Plain::LANES,
            #[cfg(target_arch = "aarch64")]
            Self::Arm => F::ArmMany::LANES,
            #[cfg(target_arch = "x86_64")]
            other => x86::lanes::<F>(other),
            #[cfg(not(target_arch = "x86_64"))]
            _ => F::Plain::LANES,
        };
        lanes / F::DEGREE
    }
}

/// A path that this machine is known to have: code for its instructions can be run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here(Path);

impl Here {
    pub fn new(path: Path) -> Option<Self> {
        path.is_here().then_some(Self(path))
    }

    /// Messages of an algorithm that go at a time.
    pub fn messages(self, algorithm: Algorithm) -> usize {
        self.0.messages(algorithm)
    }

    /// Encrypt or decrypt at most as many messages as go at a time.
    pub fn run(
        self,
        algorithm: Algorithm,
        group: &mut Group<'_>,
        way: Way,
        tags: &mut [Tag; MOST],
    ) {
        match algorithm {
            Algorithm::RoccaS => run::<RoccaS>(self, group, way, tags),
            Algorithm::Aegis256 => run::<Aegis256>(self, group, way, tags),
            Algorithm::Aegis256X2 => run::<Aegis256X2>(self, group, way, tags),
            Algorithm::Aegis256X4 => run::<Aegis256X4>(self, group, way, tags),
        }
    }

    /// Go on with one message.
    pub fn work(self, algorithm: Algorithm, kept: &mut Kept, done: Work<'_>) {
        match algorithm {
            Algorithm::RoccaS => work::<RoccaS>(self, kept, done),
            Algorithm::Aegis256 => work::<Aegis256>(self, kept, done),
            Algorithm::Aegis256X2 => work::<Aegis256X2>(self, kept, done),
            Algorithm::Aegis256X4 => work::<Aegis256X4>(self, kept, done),
        }
    }
}

/// A cipher, and the words that it is run on: for one message, and for many.
pub(crate) trait Family {
    const DEGREE: usize;
    type On<W: Word>: Cipher<W>;
    type Plain: Word;
    #[cfg(target_arch = "aarch64")]
    type ArmOne: Word;
    #[cfg(target_arch = "aarch64")]
    type ArmMany: Word;
    #[cfg(target_arch = "x86_64")]
    type AesOne: Word;
    #[cfg(target_arch = "x86_64")]
    type AesMany: Word;
    #[cfg(target_arch = "x86_64")]
    type Vaes256One: Word;
    #[cfg(target_arch = "x86_64")]
    type Vaes256Many: Word;
    #[cfg(target_arch = "x86_64")]
    type Vaes512One: Word;
    #[cfg(target_arch = "x86_64")]
    type Vaes512Many: Word;
}

macro_rules! family {
    ($name:ident, $degree:literal, $state:ty, plain: $plain:ty, arm: [$arm:ty, $arms:ty],
     aes: [$aes:ty, $aess:ty], vaes256: [$v2:ty, $v2s:ty], vaes512: [$v4:ty, $v4s:ty]) => {
        pub(crate) struct $name;

        impl Family for $name {
            const DEGREE: usize = $degree;
            type On<W: Word> = $state;
            type Plain = $plain;
            #[cfg(target_arch = "aarch64")]
            type ArmOne = $arm;
            #[cfg(target_arch = "aarch64")]
            type ArmMany = $arms;
            #[cfg(target_arch = "x86_64")]
            type AesOne = $aes;
            #[cfg(target_arch = "x86_64")]
            type AesMany = $aess;
            #[cfg(target_arch = "x86_64")]
            type Vaes256One = $v2;
            #[cfg(target_arch = "x86_64")]
            type Vaes256Many = $v2s;
            #[cfg(target_arch = "x86_64")]
            type Vaes512One = $v4;
            #[cfg(target_arch = "x86_64")]
            type Vaes512Many = $v4s;
        }
    };
}

#[cfg(target_arch = "aarch64")]
use crate::word::arm::Neon;
/// Words of AES-NI, and of VAES without and with masks of AVX-512.
#[cfg(target_arch = "x86_64")]
use crate::word::x86::{Aes1, Aes2, Aes4};

// Without AVX-512 there are 16 registers: two words of a state do not fit beside each other.
family!(RoccaS, 1, rocca::State<W>,
    plain: Plain,
    arm: [Neon, Pair<Neon>],
    aes: [Aes1<false>, Aes1<false>],
    vaes256: [Aes1<false>, Aes2<false>],
    vaes512: [Aes1<true>, Pair<Aes2<true>>]);
family!(Aegis256, 1, aegis::State<W, 1>,
    plain: Plain,
    arm: [Neon, Pair<Neon>],
    aes: [Aes1<false>, Aes1<false>],
    vaes256: [Aes1<false>, Aes2<false>],
    vaes512: [Aes1<true>, Pair<Aes4<true>>]);
family!(Aegis256X2, 2, aegis::State<W, 2>,
    plain: Pair<Plain>,
    arm: [Pair<Neon>, Pair<Neon>],
    aes: [Pair<Aes1<false>>, Pair<Aes1<false>>],
    vaes256: [Aes2<false>, Aes2<false>],
    vaes512: [Aes2<true>, Pair<Aes4<true>>]);
family!(Aegis256X4, 4, aegis::State<W, 4>,
    plain: Pair<Pair<Plain>>,
    arm: [Pair<Pair<Neon>>, Pair<Pair<Neon>>],
    aes: [Pair<Pair<Aes1<false>>>, Pair<Pair<Aes1<false>>>],
    vaes256: [Pair<Aes2<false>>, Pair<Aes2<false>>],
    vaes512: [Aes4<true>, Pair<Aes4<true>>]);

fn run<F: Family>(here: Here, group: &mut Group<'_>, way: Way, tags: &mut [Tag; MOST]) {
    match here.0 {
        Path::Portable => crate::engine::run::<F::Plain, F::On<F::Plain>>(group, way, tags),
        #[cfg(target_arch = "aarch64")]
        Path::Arm => arm::run::<F>(here, group, way, tags),
        #[cfg(target_arch = "x86_64")]
        _ => x86::run::<F>(here, group, way, tags),
        #[cfg(not(target_arch = "x86_64"))]
        _ => unreachable!("no such path on this kind of machine"),
    }
}

fn work<F: Family>(here: Here, kept: &mut Kept, done: Work<'_>) {
    match here.0 {
        Path::Portable => crate::engine::work::<F::Plain, F::On<F::Plain>>(kept, done),
        #[cfg(target_arch = "aarch64")]
        Path::Arm => arm::work::<F>(here, kept, done),
        #[cfg(target_arch = "x86_64")]
        _ => x86::work::<F>(here, kept, done),
        #[cfg(not(target_arch = "x86_64"))]
        _ => unreachable!("no such path on this kind of machine"),
    }
}
