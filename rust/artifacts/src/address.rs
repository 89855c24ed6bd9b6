//! Addresses and prefixes: RFC 5952 for IPv6, mapped ones as IPv4 (RFC 4291, 2.5.5.2).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address. Octets with leading zeros are refused: some read them as octal.
pub fn ip(text: &str) -> Option<String> {
    parsed(text).map(|address| address.to_string())
}

/// The address in a text, with or without brackets and zone.
pub fn parsed(text: &str) -> Option<IpAddr> {
    let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    if let Some(address) = v4(text.as_bytes()) {
        return Some(IpAddr::V4(address));
    }
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    if !text.contains(':') {
        return None;
    }
    let address: Ipv6Addr = text.parse().ok()?;
    Some(address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4))
}

/// Four decimal numbers without leading zeros; much faster than the library's parser for
/// text that is none.
pub fn v4(text: &[u8]) -> Option<Ipv4Addr> {
    if text.len() < 7 || text.len() > 15 || !text[0].is_ascii_digit() {
        return None;
    }
    let mut octets = [0u8; 4];
    let mut parts = text.split(|byte| *byte == b'.');
    for octet in &mut octets {
        *octet = number(parts.next()?)?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

fn number(part: &[u8]) -> Option<u8> {
    let leading_zero = part.len() > 1 && part[0] == b'0';
    if part.is_empty() || part.len() > 3 || leading_zero {
        return None;
    }
    part.iter().try_fold(0u8, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// A prefix with its host bits cleared.
pub fn prefix(text: &str) -> Option<String> {
    let (address, length) = text.rsplit_once('/')?;
    if length.is_empty() || length.len() > 3 || !length.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let length: u32 = length.parse().ok()?;
    if let Some(address) = v4(address.as_bytes()) {
        return v4_prefix(address, length);
    }
    let address: Ipv6Addr = address.contains(':').then(|| address.parse().ok())??;
    if length >= 96
        && let Some(mapped) = address.to_ipv4_mapped()
    {
        return v4_prefix(mapped, length - 96);
    }
    let mask = u128::MAX.checked_shl(128u32.checked_sub(length)?).unwrap_or(0);
    Some(format!("{}/{length}", Ipv6Addr::from(u128::from(address) & mask)))
}

fn v4_prefix(address: Ipv4Addr, length: u32) -> Option<String> {
    let mask = u32::MAX.checked_shl(32u32.checked_sub(length)?).unwrap_or(0);
    Some(format!("{}/{length}", Ipv4Addr::from(u32::from(address) & mask)))
}

/// Whether an address is nobody's in the internet at large: loopback, private, link-local,
/// multicast, unspecified, broadcast (RFC 6890). Documentation ranges count as anybody's,
/// because examples stand for real ones.
pub fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let shared = a.octets()[0] == 100 && a.octets()[1] & 0xC0 == 64;
            let odd = a.is_unspecified() || a.is_broadcast() || a.octets()[0] == 0;
            let inside = a.is_private() || a.is_loopback() || a.is_link_local();
            odd || inside || shared || a.is_multicast()
        }
        IpAddr::V6(a) => {
            let inside = a.is_unique_local() || a.is_unicast_link_local();
            a.is_loopback() || a.is_unspecified() || a.is_multicast() || inside
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5952, section 4.
    #[test]
    fn v6_is_written_as_the_rfc_writes_it() {
        for (text, shown) in [
            ("2001:0db8::0001", "2001:db8::1"),
            ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:DB8::ABCD", "2001:db8::abcd"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("::ffff:c000:201", "192.0.2.1"),
        ] {
            assert_eq!(ip(text).as_deref(), Some(shown), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in
            ["010.1.1.1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1..2.3", "1.2.3.4 ", "::g", ""]
        {
            assert_eq!(ip(text), None, "{text}");
        }
        assert_eq!(ip("0.0.0.0").as_deref(), Some("0.0.0.0"));
    }

    #[test]
    fn prefixes_lose_their_host_bits() {
        for (text, shown) in [
            ("198.51.100.7/24", Some("198.51.100.0/24")),
            ("0.0.0.0/0", Some("0.0.0.0/0")),
            ("198.51.100.7/32", Some("198.51.100.7/32")),
            ("2001:DB8::1/32", Some("2001:db8::/32")),
            ("::ffff:198.51.100.0/120", Some("198.51.100.0/24")),
            ("198.51.100.0/33", None),
            ("198.51.100.0/", None),
            ("2001:db8::/129", None),
            ("198.51.100.0", None),
        ] {
            assert_eq!(prefix(text).as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn local_ones_are_told_apart() {
        for text in ["10.0.0.1", "127.0.0.1", "169.254.1.1", "224.0.0.1", "100.64.0.1", "fe80::1"] {
            assert!(parsed(text).is_some_and(is_local), "{text}");
        }
        for text in ["192.0.2.1", "8.8.8.8", "100.128.0.1", "2001:db8::1"] {
            assert!(parsed(text).is_some_and(|a| !is_local(a)), "{text}");
        }
    }
}
