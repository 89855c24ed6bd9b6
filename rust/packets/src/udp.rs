//! UDP header (RFC 768), and which datagrams are answers.

use crate::ptype;
use crate::wire::{be16, u8_at};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Udp {
    pub sport: u16,
    pub dport: u16,
}

impl Udp {
    /// Reads the ports at the start of `data`.
    pub fn read(data: &[u8]) -> Option<Self> {
        Some(Self { sport: be16(data, 0)?, dport: be16(data, 2)? })
    }

    /// Packet type and service port: answers of servers carry it as source port.
    pub fn classify(self, payload: &[u8]) -> (u8, u16) {
        if self.dport >= 1024 && is_answer(self.sport, payload) {
            (ptype::UDP_ANSWER, self.sport)
        } else {
            (ptype::UDP, self.dport)
        }
    }
}

/// Whether `payload` from the server port `sport` is what that service answers with.
fn is_answer(sport: u16, payload: &[u8]) -> bool {
    match sport {
        // DNS, NetBIOS name service and multicast DNS: QR bit
        53 | 137 | 5353 => u8_at(payload, 2).is_some_and(|flags| flags & 0x80 != 0),
        // NTP: server mode, or control and private mode with the response bit
        123 => u8_at(payload, 0).is_some_and(|first| is_ntp_answer(first, payload)),
        161 => has_snmp_response(payload),
        1900 => payload.starts_with(b"HTTP/1.1 200"),
        389 => is_ldap_answer(payload),
        11211 => is_memcached_answer(payload),
        27015..=27030 => is_source_engine_answer(payload),
        // echo, daytime, quote of the day, character generator: whatever they send is an answer
        7 | 13 | 17 | 19 => true,
        _ => false,
    }
}

fn is_ntp_answer(first: u8, payload: &[u8]) -> bool {
    match first & 7 {
        4 => true,
        6 => u8_at(payload, 1).is_some_and(|byte| byte & 0x80 != 0),
        7 => first & 0x80 != 0,
        _ => false,
    }
}

/// SNMP: sequence, integer version, string community, then the response PDU (tag a2).
fn has_snmp_response(payload: &[u8]) -> bool {
    let community = skip_element(payload, 0, 0x30, true)
        .and_then(|at| skip_element(payload, at, 0x02, false))
        .and_then(|at| skip_element(payload, at, 0x04, false));
    community.and_then(|at| u8_at(payload, at)) == Some(0xa2)
}

/// LDAP: sequence, integer message id, then searchResultEntry or searchResultDone.
fn is_ldap_answer(payload: &[u8]) -> bool {
    let id =
        skip_element(payload, 0, 0x30, true).and_then(|at| skip_element(payload, at, 0x02, false));
    matches!(id.and_then(|at| u8_at(payload, at)), Some(0x64 | 0x65))
}

/// Offset behind a BER element of `tag` at `at`, or of its content when `enter`.
fn skip_element(data: &[u8], at: usize, tag: u8, enter: bool) -> Option<usize> {
    if u8_at(data, at)? != tag {
        return None;
    }
    let first = usize::from(u8_at(data, at + 1)?);
    let (length, body) = if first < 0x80 {
        (first, at + 2)
    } else {
        let size = first & 0x7f;
        let digits = data.get(at + 2..at + 2 + size.min(4))?;
        (digits.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), at + 2 + size)
    };
    Some(if enter { body } else { body.saturating_add(length) })
}

/// memcached: eight bytes of frame header, then the text of an answer.
fn is_memcached_answer(payload: &[u8]) -> bool {
    let text = payload.get(8..).unwrap_or_default();
    [&b"STAT "[..], b"VALUE ", b"END\r\n", b"ERROR"].iter().any(|start| text.starts_with(start))
}

/// Source engine query: info, players, rules and challenge answers.
fn is_source_engine_answer(payload: &[u8]) -> bool {
    payload.starts_with(&[0xff; 4]) && matches!(payload.get(4), Some(b'I' | b'D' | b'E' | b'A'))
}
