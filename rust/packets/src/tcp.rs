//! TCP header and options (RFC 9293).

use crate::ptype;
use crate::wire::{be16, be32, u8_at};

/// Arrangement of options, as far as a fingerprint asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    #[default]
    None,
    /// MSS.
    Mss,
    /// MSS NOP WS NOP NOP SACK-permitted.
    Windows,
    /// MSS SACK-permitted TS NOP WS.
    Linux,
    /// MSS NOP WS NOP NOP TS SACK-permitted EOL.
    Bsd,
    Other,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tcp {
    pub sport: u16,
    pub dport: u16,
    pub seq: u32,
    pub ack: u32,
    pub bits: u16,
    pub window: u16,
    pub layout: Layout,
    /// Hash of option kinds, lengths, MSS and window scale; 0 without options.
    pub options: u32,
    /// Time stamp value of the TS option.
    pub time_stamp: u32,
    /// Bytes of header, options included.
    pub header: usize,
    /// The capture or the datagram ends before the header does.
    pub cut: bool,
}

const FIN: u16 = 1;
const SYN: u16 = 2;
const RST: u16 = 4;
const PSH: u16 = 8;
const ACK: u16 = 16;
const URG: u16 = 32;

impl Tcp {
    /// Reads the header at the start of `data`; `None` when not even the ports are there.
    #[inline]
    pub fn read(data: &[u8]) -> Option<Self> {
        let Some(head) = data.get(..20) else {
            return Self::read_short(data);
        };
        let header = usize::from(head[12] >> 4) * 4;
        let mut tcp = Self {
            sport: u16::from_be_bytes([head[0], head[1]]),
            dport: u16::from_be_bytes([head[2], head[3]]),
            seq: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ack: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            bits: u16::from(head[12] & 1) << 8 | u16::from(head[13]),
            window: u16::from_be_bytes([head[14], head[15]]),
            header,
            cut: header < 20 || header > data.len(),
            ..Self::default()
        };
        if header > 20 {
            tcp.read_options(&data[20..header.min(data.len())]);
        }
        Some(tcp)
    }

    fn read_short(data: &[u8]) -> Option<Self> {
        Some(Self {
            sport: be16(data, 0)?,
            dport: be16(data, 2)?,
            seq: be32(data, 4).unwrap_or(0),
            ack: be32(data, 8).unwrap_or(0),
            bits: u16::from(u8_at(data, 13).unwrap_or(0)),
            window: be16(data, 14).unwrap_or(0),
            header: data.len(),
            cut: true,
            ..Self::default()
        })
    }

    fn read_options(&mut self, data: &[u8]) {
        let mut hash = Fnv::default();
        let mut kinds = 0u64; // one hexadecimal digit a kind
        let mut at = 0;
        while let Some(kind) = u8_at(data, at) {
            kinds = kinds << 4 | u64::from(kind.min(15));
            hash.add(kind);
            at += match kind {
                0 => break,
                1 => 1,
                _ => match self.read_option(kind, &data[at..], &mut hash) {
                    Some(length) => length,
                    None => break,
                },
            };
        }
        self.layout = layout_of(kinds);
        self.options = hash.0.max(1);
    }

    /// Length of the option at the start of `data`, or `None` when it is not whole.
    fn read_option(&mut self, kind: u8, data: &[u8], hash: &mut Fnv) -> Option<usize> {
        let length = u8_at(data, 1)?;
        let body = data.get(2..usize::from(length).max(2)).filter(|_| length >= 2)?;
        hash.add(length);
        match kind {
            2 | 3 => body.iter().for_each(|byte| hash.add(*byte)),
            8 => self.time_stamp = be32(body, 0).unwrap_or(0),
            _ => {}
        }
        Some(usize::from(length))
    }

    /// Packet type and service port.
    #[inline]
    pub fn classify(&self) -> (u8, u16) {
        let bits = self.bits & (FIN | SYN | RST | PSH | ACK | URG);
        if bits & RST != 0 {
            (ptype::TCP_RST, self.sport)
        } else if bits == SYN {
            (ptype::TCP_SYN, self.dport)
        } else if bits == SYN | ACK {
            (ptype::TCP_SYNACK, self.sport)
        } else if bits & SYN == 0 && (bits & ACK != 0 || bits == FIN) {
            (ptype::TCP_ACK, self.dport)
        } else {
            (ptype::TCP_OTHER, self.dport)
        }
    }
}

fn layout_of(kinds: u64) -> Layout {
    match kinds {
        0x2 => Layout::Mss,
        0x21_3114 => Layout::Windows,
        0x2_4813 => Layout::Linux,
        0x2131_1840 => Layout::Bsd,
        _ => Layout::Other,
    }
}

/// FNV-1a, 32 bits.
#[derive(Clone, Copy)]
struct Fnv(u32);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Fnv {
    fn add(&mut self, byte: u8) {
        self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
}
