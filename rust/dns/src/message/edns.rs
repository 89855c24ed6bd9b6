//! Extension mechanisms: the OPT pseudo record (RFC 6891) and client subnets (RFC 7871).

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::Record;
use crate::wire::be16;

/// Type of the OPT pseudo record.
pub const OPT: u16 = 41;
const CLIENT_SUBNET: u16 = 8;
const DNSSEC_OK: u32 = 0x8000;

/// What an OPT record says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edns<'a> {
    /// Upper eight bits of the response code.
    pub rcode: u8,
    pub version: u8,
    pub dnssec_ok: bool,
    pub options: &'a [u8],
}

impl<'a> Edns<'a> {
    /// Reads an OPT record (RFC 6891, 6.1.3): its TTL holds code, version and flags.
    #[inline]
    pub fn of(record: &Record<'a>) -> Self {
        Self {
            rcode: (record.ttl >> 24) as u8,
            version: (record.ttl >> 16) as u8,
            dnssec_ok: record.ttl & DNSSEC_OK != 0,
            options: record.data,
        }
    }

    /// The client subnet, as a prefix.
    #[inline]
    pub fn client_subnet(&self) -> Option<Subnet> {
        let mut rest = self.options;
        while let (Some(code), Some(length)) = (be16(rest, 0), be16(rest, 2)) {
            let body = rest.get(4..4 + usize::from(length))?;
            if code == CLIENT_SUBNET {
                return Subnet::read(body);
            }
            rest = &rest[4 + body.len()..];
        }
        None
    }
}

/// A client subnet (RFC 7871, 6): bits behind the prefix are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    address: u128,
    ipv6: bool,
    length: u8,
}

impl Subnet {
    fn read(body: &[u8]) -> Option<Self> {
        let (family, length) = (be16(body, 0)?, *body.get(2)?);
        let bits = match family {
            1 => 32,
            2 => 128,
            _ => return None,
        };
        let given = body.get(4..)?;
        if length > bits || given.len() > usize::from(bits) / 8 {
            return None;
        }
        let mut bytes = [0; 16];
        bytes[..given.len()].copy_from_slice(given);
        let kept = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
        Some(Self { address: u128::from_be_bytes(bytes) & kept, ipv6: bits == 128, length })
    }

    /// Appends the prefix as text.
    pub fn write(&self, text: &mut String) {
        // Writing to a string does not fail.
        let _ = if self.ipv6 {
            write!(text, "{}/{}", Ipv6Addr::from(self.address), self.length)
        } else {
            write!(text, "{}/{}", Ipv4Addr::from((self.address >> 96) as u32), self.length)
        };
    }
}
