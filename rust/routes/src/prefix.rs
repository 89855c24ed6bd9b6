//! Prefixes as BGP writes them: length in bits, then as many bytes as that needs.

use crate::wire::{Cursor, Family, mapped};

/// A prefix: its address in 128-bit form, and its length as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    pub address: u128,
    pub length: u8,
}

/// The next prefix. Bits behind its length are cleared (RFC 4271, section 4.3: their value
/// is irrelevant).
pub fn read(data: &mut Cursor, family: Family) -> Option<Prefix> {
    let length = data.u8()?;
    let bytes = data.take(usize::from(length.div_ceil(8)))?;
    from_bytes(bytes, length, family)
}

/// The prefix of `length` bits whose first bytes are given.
pub fn from_bytes(bytes: &[u8], length: u8, family: Family) -> Option<Prefix> {
    if length > family.bits() {
        return None;
    }
    let mut whole = [0; 16];
    whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
    let kept = u128::from_be_bytes(whole) & mask(length);
    let address = match family {
        Family::V4 => mapped((kept >> 96) as u32),
        Family::V6 => kept,
    };
    Some(Prefix { address, length })
}

fn mask(length: u8) -> u128 {
    if length == 0 { 0 } else { u128::MAX << (128 - u32::from(length)) }
}

/// A prefix of a list, and its path identifier where there is one (RFC 7911).
pub type Listed = (Prefix, Option<u32>);

/// All prefixes of a list.
pub fn list(mut data: Cursor, family: Family, add_path: bool, out: &mut Vec<Listed>) -> Option<()> {
    while !data.is_empty() {
        let id = if add_path { Some(data.u32()?) } else { None };
        out.push((read(&mut data, family)?, id));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_bits_are_cleared() {
        let mut data = Cursor::new(&[20, 117, 200, 223]);
        let prefix = read(&mut data, Family::V4).unwrap();
        assert_eq!(prefix, Prefix { address: mapped(0x75c8_d000), length: 20 });
    }

    #[test]
    fn lengths_beyond_the_family_are_refused() {
        assert_eq!(read(&mut Cursor::new(&[33, 1, 2, 3, 4, 5]), Family::V4), None);
        assert_eq!(read(&mut Cursor::new(&[129; 20]), Family::V6), None);
        assert_eq!(read(&mut Cursor::new(&[24, 1, 2]), Family::V4), None);
    }

    #[test]
    fn the_default_route_has_no_bytes() {
        let prefix = read(&mut Cursor::new(&[0]), Family::V6).unwrap();
        assert_eq!(prefix, Prefix { address: 0, length: 0 });
    }
}
