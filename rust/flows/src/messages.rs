//! Files of IPFIX messages one behind the other (RFC 5655).

use crate::decoder::Decoder;
use crate::message::Export;
use crate::wire::{be16, be32};

const HEADER: usize = 16;
const VERSION: u16 = 10;

/// Whether `head` begins like a file of messages: a message that fits, behind it another.
#[must_use]
pub fn is_messages(head: &[u8]) -> bool {
    let Some(length) = message(head, 0) else { return false };
    let set = be16(head, HEADER).is_some_and(|id| matches!(id, 2 | 3) || id >= 256);
    let next = head.len() <= length || message(head, length).is_some();
    set && next
}

/// The length of the message at a place, if one is there.
fn message(data: &[u8], at: usize) -> Option<usize> {
    let length = be16(data, at + 2).map(usize::from)?;
    (be16(data, at) == Some(VERSION) && length >= HEADER).then_some(length)
}

/// Reads messages out of bytes that come in pieces. They have no sender, so a domain is known
/// by its number alone.
#[derive(Debug)]
pub struct Messages {
    pub decoder: Decoder,
    buffer: Vec<u8>,
    base: u64,
}

impl Messages {
    #[must_use]
    pub fn new(decoder: Decoder) -> Self {
        Self { decoder, buffer: Vec::new(), base: 0 }
    }

    /// Where to append the next bytes, before `advance`.
    pub fn input(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Reads what is whole; with `last` nothing follows.
    pub fn advance(&mut self, last: bool) {
        let buffer = std::mem::take(&mut self.buffer);
        let mut at = 0;
        while at < buffer.len() {
            let Some(length) = message(&buffer, at) else {
                if !last && buffer.len() - at < HEADER {
                    break;
                }
                at = self.search(&buffer, at);
                continue;
            };
            if at + length > buffer.len() && !last {
                break;
            }
            self.read(&buffer, at, length);
            at += length;
        }
        self.base += at.min(buffer.len()) as u64;
        self.buffer = buffer;
        self.buffer.drain(..at.min(self.buffer.len()));
    }

    fn read(&mut self, buffer: &[u8], at: usize, length: usize) {
        let data = &buffer[at..buffer.len().min(at + length)];
        let received_us = i64::from(be32(data, 4).unwrap_or(0)) * 1_000_000;
        let base = Some(self.base + at as u64);
        self.decoder.push(&Export { data, exporter: 0, received_us, base });
    }

    /// Passes over bytes that are no message; where the next one may begin.
    fn search(&mut self, buffer: &[u8], at: usize) -> usize {
        let rest = &buffer[at..];
        self.decoder.out.report.malformed(self.base + at as u64, "message", rest);
        let next = (at + 1..buffer.len()).find(|place| is_start(buffer, *place));
        next.unwrap_or(buffer.len())
    }
}

/// Whether a message begins here whose first set fits into it.
fn is_start(buffer: &[u8], at: usize) -> bool {
    let Some(length) = message(buffer, at) else { return false };
    let id = be16(buffer, at + HEADER).unwrap_or(0);
    let set = be16(buffer, at + HEADER + 2).map_or(0, usize::from);
    let known = matches!(id, 2 | 3) || id >= 256;
    known && set >= 4 && HEADER + set <= length
}
