//! The algorithms by name, and the lengths that they have.

/// An authenticated cipher with a key of 256 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// draft-nakano-rocca-s.
    RoccaS,
    /// RFC 10032.
    Aegis256,
    /// RFC 10032, two states beside each other.
    Aegis256X2,
    /// RFC 10032, four states beside each other.
    Aegis256X4,
}

/// Bytes of a key.
pub const KEY: usize = 32;

impl Algorithm {
    pub const ALL: [Self; 4] = [Self::RoccaS, Self::Aegis256, Self::Aegis256X2, Self::Aegis256X4];

    pub fn name(self) -> &'static str {
        match self {
            Self::RoccaS => "Rocca-S",
            Self::Aegis256 => "AEGIS-256",
            Self::Aegis256X2 => "AEGIS-256X2",
            Self::Aegis256X4 => "AEGIS-256X4",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }

    pub fn key_length(self) -> usize {
        KEY
    }

    pub fn nonce_length(self) -> usize {
        if self == Self::RoccaS { 16 } else { 32 }
    }

    pub fn tag_lengths(self) -> &'static [usize] {
        if self == Self::RoccaS { &[32] } else { &[16, 32] }
    }

    /// Bytes of a step of a message.
    pub(crate) fn step(self) -> usize {
        match self {
            Self::RoccaS | Self::Aegis256X2 => 32,
            Self::Aegis256 => 16,
            Self::Aegis256X4 => 64,
        }
    }
}
