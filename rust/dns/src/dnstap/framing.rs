//! Frame Streams (farsightsec/fstrm): a length and as many bytes; length 0 announces a
//! control frame. In a bidirectional stream the sender waits for an answer to READY and
//! to STOP.
//!
//! A frame has no mark, so after damage the next place is searched for where a length
//! stands before that many bytes of dnstap.

use super::payload::Payload;
use super::{CONTENT_TYPE, NotDnstap, SHOWN_BYTES};
use crate::wire::be32;

const LENGTH: usize = 4;
/// Longest control frame (fstrm, `FSTRM_CONTROL_FRAME_LENGTH_MAX`).
const MOST_CONTROL: usize = 512;
/// Longest data frame that is believed in: two messages of 64 KiB and what stands around.
const MOST_FRAME: usize = 256 << 10;
/// Shortest frame that a search believes in.
const LEAST_FRAME: usize = 16;
const FIELD_CONTENT_TYPE: u32 = 1;

/// Control frames.
mod control {
    pub const ACCEPT: u32 = 1;
    pub const START: u32 = 2;
    pub const STOP: u32 = 3;
    pub const READY: u32 = 4;
    pub const FINISH: u32 = 5;
}

/// What is found in a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    Frame {
        offset: u64,
        payload: Payload<'a>,
    },
    Damage {
        offset: u64,
        reason: &'static str,
        data: &'a [u8],
    },
    /// The stream ends inside a frame.
    Cut {
        offset: u64,
        data: &'a [u8],
    },
    /// The next whole frame was found after damage.
    Found {
        skipped: u64,
    },
}

/// One stream, in one direction.
#[derive(Debug, Default)]
pub struct Framing {
    /// Bytes that are not done with; the first stands at `base` of the stream.
    buffer: Vec<u8>,
    base: u64,
    /// A control frame came first, as it must.
    begun: bool,
    /// Where the damage began that is being searched through.
    lost: Option<u64>,
}

/// What stands at a place.
enum Found<'a> {
    Control(&'a [u8]),
    Data(&'a [u8]),
    Damage(&'static str),
    Wait,
}

/// Whether `head` begins like a stream of dnstap.
#[must_use]
pub fn is_dnstap(head: &[u8]) -> bool {
    match look(head, 0, false) {
        Found::Control(body) => {
            matches!(be32(body, 0), Some(control::START | control::READY)) && is_ours(body)
        }
        _ => false,
    }
}

impl Framing {
    pub fn append(&mut self, data: &[u8]) {
        self.buffer.extend_from_slice(data);
    }

    /// Reads what is whole and returns what is to be sent back.
    ///
    /// # Errors
    ///
    /// [`NotDnstap`]: the stream begins with something else, or speaks of something else.
    pub fn read(&mut self, take: &mut impl FnMut(&Event)) -> Result<Vec<u8>, NotDnstap> {
        let mut answers = Vec::new();
        let done = self.read_frames(false, take, &mut answers)?;
        self.buffer.drain(..done);
        self.base += done as u64;
        Ok(answers)
    }

    /// Reads the rest: the stream has ended.
    pub fn finish(mut self, take: &mut impl FnMut(&Event)) {
        // Nobody is there to answer to.
        let done = self.read_frames(true, take, &mut Vec::new()).unwrap_or(0);
        let (offset, data) = (self.base + done as u64, &self.buffer[done..]);
        if let Some(start) = self.lost {
            take(&Event::Found { skipped: offset + data.len() as u64 - start });
        } else if !data.is_empty() {
            take(&Event::Cut { offset, data });
        }
    }

    /// The bytes done with.
    fn read_frames(
        &mut self,
        last: bool,
        take: &mut impl FnMut(&Event),
        answers: &mut Vec<u8>,
    ) -> Result<usize, NotDnstap> {
        let mut at = 0;
        loop {
            if let Some(start) = self.lost {
                let found = search(&self.buffer, at, last);
                at = found.unwrap_or_else(|waiting| waiting);
                if found.is_err() {
                    return Ok(at);
                }
                take(&Event::Found { skipped: self.base + at as u64 - start });
                self.lost = None;
            }
            let offset = self.base + at as u64;
            match look(&self.buffer, at, self.begun) {
                Found::Wait => return Ok(at),
                Found::Control(body) => {
                    self.begun = true;
                    obey(body, answers)?;
                    at += 2 * LENGTH + body.len();
                }
                Found::Data(data) => {
                    if let Some(payload) = Payload::read(data) {
                        take(&Event::Frame { offset, payload });
                        at += LENGTH + data.len();
                        continue;
                    }
                    match self.is_followed(at + LENGTH + data.len(), last) {
                        Some(true) => {
                            take(&Event::Damage { offset, reason: "protobuf", data });
                            at += LENGTH + data.len();
                        }
                        Some(false) if self.can_show(at, last) => {
                            self.lose(at, "frame", take);
                            at += 1;
                        }
                        _ => return Ok(at),
                    }
                }
                Found::Damage(_) if !self.begun => return Err(NotDnstap),
                Found::Damage(_) if !self.can_show(at, last) => return Ok(at),
                Found::Damage(reason) => {
                    self.lose(at, reason, take);
                    at += 1;
                }
            }
        }
    }

    /// A frame that is no dnstap is passed over by its length only if a frame follows at
    /// `end`; else it is the length that is damaged. `None` when more bytes are needed.
    #[cold]
    fn is_followed(&self, end: usize, last: bool) -> Option<bool> {
        match look(&self.buffer, end, true) {
            Found::Data(next) => Some(Payload::read(next).is_some()),
            Found::Control(_) => Some(true),
            Found::Damage(_) => Some(false),
            Found::Wait => last.then_some(end == self.buffer.len()),
        }
    }

    /// Whether as many bytes of damage are here as a report shows.
    fn can_show(&self, at: usize, last: bool) -> bool {
        last || self.buffer.len() >= at + SHOWN_BYTES
    }

    fn lose(&mut self, at: usize, reason: &'static str, take: &mut impl FnMut(&Event)) {
        let offset = self.base + at as u64;
        take(&Event::Damage { offset, reason, data: &self.buffer[at..] });
        self.lost = Some(offset);
    }
}

/// What stands at `at`; the first frame of a stream is a control frame.
#[inline]
fn look(data: &[u8], at: usize, begun: bool) -> Found<'_> {
    let Some(length) = be32(data, at) else { return Found::Wait };
    let length = length as usize;
    if length == 0 {
        return look_control(data, at + LENGTH);
    }
    if !begun || length > MOST_FRAME {
        return Found::Damage("frame_length");
    }
    data.get(at + LENGTH..at + LENGTH + length).map_or(Found::Wait, Found::Data)
}

fn look_control(data: &[u8], at: usize) -> Found<'_> {
    let Some(length) = be32(data, at) else { return Found::Wait };
    let length = length as usize;
    if !(LENGTH..=MOST_CONTROL).contains(&length) {
        return Found::Damage("control_length");
    }
    data.get(at + LENGTH..at + LENGTH + length).map_or(Found::Wait, Found::Control)
}

/// The next place from `from` on where a frame of dnstap stands; else where to go on when
/// more bytes are there.
fn search(data: &[u8], from: usize, last: bool) -> Result<usize, usize> {
    for at in from..data.len() {
        let Some(length) = be32(data, at).map(|length| length as usize) else {
            return Err(if last { data.len() } else { at });
        };
        if !(LEAST_FRAME..=MOST_FRAME).contains(&length) {
            continue;
        }
        match data.get(at + LENGTH..at + LENGTH + length) {
            Some(frame) if begins_payload(frame) && Payload::read(frame).is_some() => {
                return Ok(at);
            }
            // It may be a frame whose end is not here yet.
            None if !last && begins_payload(&data[at + LENGTH..]) => return Err(at),
            Some(_) | None => {}
        }
    }
    Err(data.len())
}

/// Whether bytes may be the start of `Dnstap`: field 1, 2, 3 or 14 as bytes, or 15.
fn begins_payload(data: &[u8]) -> bool {
    matches!(data.first(), None | Some(0x0A | 0x12 | 0x1A | 0x72 | 0x78))
}

/// Answers a control frame.
fn obey(body: &[u8], answers: &mut Vec<u8>) -> Result<(), NotDnstap> {
    match be32(body, 0) {
        Some(control::READY) if is_ours(body) => push_control(control::ACCEPT, true, answers),
        Some(control::START) if is_ours(body) => {}
        Some(control::READY | control::START) => return Err(NotDnstap),
        Some(control::STOP) => push_control(control::FINISH, false, answers),
        _ => {}
    }
    Ok(())
}

/// Whether a control frame speaks of dnstap; one that names no content type may.
fn is_ours(body: &[u8]) -> bool {
    let (mut rest, mut named) = (&body[LENGTH..], false);
    while let (Some(field), Some(length)) = (be32(rest, 0), be32(rest, LENGTH)) {
        let Some(value) = rest.get(8..8 + length as usize) else { return false };
        if field == FIELD_CONTENT_TYPE {
            if value == CONTENT_TYPE {
                return true;
            }
            named = true;
        }
        rest = &rest[8 + value.len()..];
    }
    !named
}

fn push_control(kind: u32, typed: bool, answers: &mut Vec<u8>) {
    let mut body = kind.to_be_bytes().to_vec();
    if typed {
        body.extend(FIELD_CONTENT_TYPE.to_be_bytes());
        body.extend((CONTENT_TYPE.len() as u32).to_be_bytes());
        body.extend(CONTENT_TYPE);
    }
    answers.extend([0; 4]);
    answers.extend((body.len() as u32).to_be_bytes());
    answers.extend(body);
}
