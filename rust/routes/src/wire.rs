//! Reading on in a slice; nothing when it is too short.

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// A part of its own, of `length` bytes.
    pub fn part(&mut self, length: usize) -> Option<Self> {
        self.take(length).map(Self::new)
    }

    pub fn u8(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// An AS number of 2 or 4 bytes.
    pub fn asn(&mut self, wide: bool) -> Option<u32> {
        if wide { self.u32() } else { self.u16().map(u32::from) }
    }

    /// An address in its 128-bit form.
    pub fn address(&mut self, family: Family) -> Option<u128> {
        match family {
            Family::V4 => self.u32().map(mapped),
            Family::V6 => self.take(16)?.try_into().ok().map(u128::from_be_bytes),
        }
    }
}

/// Address family, by its number in BGP (RFC 4760).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

impl Family {
    pub fn of(afi: u16) -> Option<Self> {
        match afi {
            1 => Some(Self::V4),
            2 => Some(Self::V6),
            _ => None,
        }
    }

    pub fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

/// An IPv4 address in its 128-bit form (RFC 4291, section 2.5.5.2).
pub fn mapped(address: u32) -> u128 {
    0xffff_0000_0000 | u128::from(address)
}

/// High and low 64 bits, signed.
pub fn words(address: u128) -> (i64, i64) {
    ((address >> 64) as i64, address as i64)
}
