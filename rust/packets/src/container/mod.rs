//! Containers: from a stream of bytes to frames with time, link type and place.

mod erf;
mod pcap;
mod pcapng;
mod resync;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::report::Report;

/// A captured frame and where its record stands in the decompressed stream.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    pub offset: u64,
    pub ts_us: i64,
    pub link: u32,
    /// Bytes on the wire; `data` may hold fewer.
    pub wire_length: u32,
    pub data: &'a [u8],
}

/// Takes the frames of a container, and its account of damage.
pub trait Sink {
    fn frame(&mut self, frame: &Frame);
    fn report(&mut self) -> &mut Report;
}

/// A piece of the stream: `data[0]` stands at `base`, and nothing follows when `last`.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    pub data: &'a [u8],
    pub base: u64,
    pub last: bool,
}

/// Why a stream is not a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotACapture {
    Empty,
    /// The first bytes are of no capture format.
    Magic(Vec<u8>),
    /// The stream ends inside the file header.
    ShortHeader,
}

/// Records longer than this do not exist (the bound of libpcap).
const MOST_CAPTURED: u32 = 262_144;

/// Reader of the container that the stream turned out to be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Container {
    #[default]
    Unknown,
    Pcap(pcap::Pcap),
    Pcapng(pcapng::Pcapng),
    Erf(erf::Erf),
}

impl Container {
    /// Reads what is whole in `piece` and returns how many bytes are done with.
    ///
    /// The frames do not depend on how the stream was cut into pieces.
    ///
    /// # Errors
    ///
    /// [`NotACapture`] while the beginning of the stream is judged; never afterwards.
    pub fn read(&mut self, piece: Piece, sink: &mut impl Sink) -> Result<usize, NotACapture> {
        let mut done = 0;
        if matches!(self, Self::Unknown) {
            let Some((found, length)) = open(piece)? else {
                return Ok(0);
            };
            *self = found;
            done = length;
        }
        let rest = Piece { data: &piece.data[done..], base: piece.base + done as u64, ..piece };
        let read = match self {
            Self::Unknown => 0,
            Self::Pcap(pcap) => pcap.read(rest, sink),
            Self::Pcapng(pcapng) => pcapng.read(rest, sink),
            Self::Erf(erf) => erf.read(rest, sink),
        };
        Ok(done + read)
    }
}

/// Whether `head` begins like a capture.
#[must_use]
pub fn is_capture(head: &[u8]) -> bool {
    let piece = Piece { data: head, base: 0, last: false };
    let last = Piece { last: true, ..piece };
    let erf = || erf::knows(piece).or_else(|| erf::knows(last)) == Some(true);
    pcap::Pcap::knows(head) || pcapng::knows(head) || erf()
}

/// The reader for the format at the start of `piece` and the bytes of its header.
fn open(piece: Piece) -> Result<Option<(Container, usize)>, NotACapture> {
    let data = piece.data;
    if pcap::Pcap::knows(data) {
        return match pcap::Pcap::open(data) {
            Some(found) => Ok(Some((Container::Pcap(found), pcap::FILE_HEADER))),
            None if piece.last => Err(NotACapture::ShortHeader),
            None => Ok(None),
        };
    }
    if pcapng::knows(data) {
        return Ok(Some((Container::Pcapng(pcapng::Pcapng::default()), 0)));
    }
    match (data.len(), erf::knows(piece)) {
        (0, _) if piece.last => Err(NotACapture::Empty),
        (_, Some(true)) => Ok(Some((Container::Erf(erf::Erf::default()), 0))),
        (_, None) => Ok(None),
        _ => Err(NotACapture::Magic(data[..data.len().min(16)].to_vec())),
    }
}
