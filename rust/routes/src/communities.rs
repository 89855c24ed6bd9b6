//! Communities as text: `a:b` (RFC 1997), `a:b:c` (RFC 8092), `rt:a:b` (RFC 4360).

use std::fmt::Write;

use crate::wire::{Cursor, mapped};

/// Writes standard communities; the well-known ones by name, as bgpdump does.
pub fn standard(data: &[u8], out: &mut String) -> Option<()> {
    let mut data = Cursor::new(data);
    while !data.is_empty() {
        let (high, low) = (data.u16()?, data.u16()?);
        match (high, low) {
            (0xffff, 0xff01) => item(out, format_args!("no-export")),
            (0xffff, 0xff02) => item(out, format_args!("no-advertise")),
            (0xffff, 0xff03) => item(out, format_args!("local-AS")),
            _ => item(out, format_args!("{high}:{low}")),
        }
    }
    Some(())
}

/// Writes large communities.
pub fn large(data: &[u8], out: &mut String) -> Option<()> {
    let mut data = Cursor::new(data);
    while !data.is_empty() {
        let (a, b, c) = (data.u32()?, data.u32()?, data.u32()?);
        item(out, format_args!("{a}:{b}:{c}"));
    }
    Some(())
}

/// Writes extended communities: route targets and origins by name, the rest in hexadecimal.
pub fn extended(data: &[u8], out: &mut String) -> Option<()> {
    let mut data = Cursor::new(data);
    while !data.is_empty() {
        one_extended(data.take(8)?.try_into().ok()?, out);
    }
    Some(())
}

fn one_extended(bytes: [u8; 8], out: &mut String) {
    let whole = u64::from_be_bytes(bytes);
    let (word, tail) = ((whole >> 16) as u32, whole as u16);
    let name = match bytes[1] {
        2 => "rt",
        3 => "soo",
        _ => "",
    };
    // Bit 0x40 says whether it crosses the borders of an AS.
    match (name, bytes[0] & 0xbf) {
        ("rt" | "soo", 0) => item(out, format_args!("{name}:{}:{}", word >> 16, whole as u32)),
        ("rt" | "soo", 1) => {
            item(out, format_args!("{name}:{}:{tail}", std::net::Ipv4Addr::from(word)));
        }
        ("rt" | "soo", 2) => item(out, format_args!("{name}:{word}:{tail}")),
        _ => item(out, format_args!("ext:{whole:016x}")),
    }
}

fn item(out: &mut String, text: std::fmt::Arguments) {
    if !out.is_empty() {
        out.push(' ');
    }
    // Writing to a string does not fail.
    let _ = out.write_fmt(text);
}

/// The 128-bit form of a next hop of 4, 16 or 32 bytes (RFC 2545: global, then link-local).
pub fn next_hop(data: &[u8]) -> Option<u128> {
    match data.len() {
        4 => Some(mapped(u32::from_be_bytes(data.try_into().ok()?))),
        16 | 32 => Some(u128::from_be_bytes(data[..16].try_into().ok()?)),
        // In VPN families a route distinguisher of 8 bytes stands before it (RFC 4364).
        12 => next_hop(&data[8..]),
        24 | 48 => next_hop(&data[8..24]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_form() {
        let mut out = String::new();
        standard(&[0xff, 0xff, 0xff, 0x01, 0x43, 0xe3, 0x59, 0xd9], &mut out).unwrap();
        large(&[0, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2], &mut out).unwrap();
        extended(&[0, 2, 0xfd, 0xe8, 0, 0, 0, 100], &mut out).unwrap();
        extended(&[0x43, 0x0c, 0, 0, 0, 0, 0, 1], &mut out).unwrap();
        assert_eq!(out, "no-export 17379:23001 196608:1:2 rt:65000:100 ext:430c000000000001");
    }

    #[test]
    fn cut_lists_are_refused() {
        assert!(standard(&[1, 2, 3], &mut String::new()).is_none());
        assert!(large(&[0; 11], &mut String::new()).is_none());
        assert!(extended(&[0; 9], &mut String::new()).is_none());
    }
}
