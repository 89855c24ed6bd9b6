//! Numbers, addresses, times and strings as text.

use std::io::Write;
use std::net::Ipv6Addr;

/// Appends a number in decimal.
#[inline]
pub fn push_number(mut value: u32, text: &mut Vec<u8>) {
    let mut digits = [0; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            return text.extend_from_slice(&digits[at..]);
        }
    }
}

#[inline]
pub fn push_v4(address: [u8; 4], text: &mut Vec<u8>) {
    for (number, byte) in address.iter().enumerate() {
        if number > 0 {
            text.push(b'.');
        }
        push_number(u32::from(*byte), text);
    }
}

pub fn push_v6(address: [u8; 16], text: &mut Vec<u8>) {
    // Writing to a vector does not fail.
    let _ = write!(text, "{}", Ipv6Addr::from(address));
}

/// `0014:4fff:ff20:ee64`
pub fn push_groups(bytes: [u8; 8], text: &mut Vec<u8>) {
    for (number, pair) in bytes.chunks_exact(2).enumerate() {
        let colon = if number > 0 { ":" } else { "" };
        let _ = write!(text, "{colon}{:02x}{:02x}", pair[0], pair[1]);
    }
}

/// `00-00-5e-00-53-2a`
pub fn push_dashed(bytes: &[u8], text: &mut Vec<u8>) {
    for (number, byte) in bytes.iter().enumerate() {
        let hyphen = if number > 0 { "-" } else { "" };
        let _ = write!(text, "{hyphen}{byte:02x}");
    }
}

/// `YYYYMMDDHHmmSS`, UTC (RFC 4034, 3.2)
pub fn push_time(seconds: u32, text: &mut Vec<u8>) {
    let (year, month, day) = civil(seconds / 86_400);
    let second = seconds % 86_400;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let _ = write!(text, "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
}

/// Year, month and day of a day since 1970-01-01 (Hinnant, "chrono-compatible low-level
/// date algorithms", `civil_from_days`).
fn civil(days: u32) -> (u32, u32, u32) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year + era * 400 + u32::from(month <= 2), month, day)
}

/// A quoted string: quotes and backslashes escaped, bytes that do not print as `\DDD`.
pub fn push_quoted(bytes: &[u8], text: &mut Vec<u8>) {
    text.push(b'"');
    push_bytes(bytes, text);
    text.push(b'"');
}

/// What stands between the quotes.
pub fn push_bytes(bytes: &[u8], text: &mut Vec<u8>) {
    for byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend_from_slice(&[b'\\', *byte]),
            0x20..=0x7E => text.push(*byte),
            _ => drop(write!(text, "\\{byte:03}")),
        }
    }
}
