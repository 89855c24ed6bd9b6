//! Decompression of gzip, Zstandard and xz streams by their magic numbers, piece by piece.
//!
//! Whatever was decompressed before a cut or damage is given out; the damage is told
//! afterwards.

use std::io;

use flate2::{Decompress, FlushDecompress, Status};
use liblzma::stream::{Action, CONCATENATED, Stream};
use zstd::stream::raw::{Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Xz,
}

/// Bytes that are enough to tell the compression.
pub const MAGIC_LENGTH: usize = 6;
/// Room made for one step, so that a small piece of input cannot fill the memory.
const STEP: usize = 512 << 10;
/// The same for gzip: what was produced stays in the nearer cache until it is parsed.
const GZIP_STEP: usize = 64 << 10;
/// Largest window there is.
const GZIP_WINDOW: u8 = 15;
const XZ_MEMORY: u64 = 256 << 20;

impl Compression {
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => Self::None,
        }
    }
}

/// Decompressor of one stream, which may be several members one behind the other.
pub struct Expander {
    inner: Inner,
    /// Inside a member: an end of the stream here is a cut.
    open: bool,
}

enum Inner {
    Plain,
    Gzip(Decompress),
    Zstd(Box<ZstdDecoder<'static>>),
    Xz(Stream),
}

impl Expander {
    /// # Errors
    ///
    /// The decompressor cannot be set up (no memory).
    pub fn new(compression: Compression) -> io::Result<Self> {
        let inner = match compression {
            Compression::None => Inner::Plain,
            Compression::Gzip => Inner::Gzip(Decompress::new_gzip(GZIP_WINDOW)),
            Compression::Zstd => Inner::Zstd(Box::new(ZstdDecoder::new()?)),
            Compression::Xz => Inner::Xz(Stream::new_stream_decoder(XZ_MEMORY, CONCATENATED)?),
        };
        Ok(Self { inner, open: false })
    }

    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.inner, Inner::Plain)
    }

    /// Decompresses some of `input` onto the end of `out` and returns the bytes consumed;
    /// fewer than all when enough was produced for one step.
    ///
    /// # Errors
    ///
    /// The stream is damaged; what was decompressed before the damage is in `out`.
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> io::Result<usize> {
        if self.is_plain() {
            out.extend_from_slice(input);
            return Ok(input.len());
        }
        if !matches!(self.inner, Inner::Gzip(_)) {
            out.reserve(STEP);
        }
        match &mut self.inner {
            Inner::Plain => Ok(0),
            Inner::Gzip(gzip) => {
                if !self.open && !continues_gzip(input)? {
                    return Ok(input.len());
                }
                let (start, before) = (out.len(), (gzip.total_in(), gzip.total_out()));
                out.resize(start + GZIP_STEP, 0);
                let status = gzip.decompress(input, &mut out[start..], FlushDecompress::None);
                out.truncate(start + (gzip.total_out() - before.1) as usize);
                let (status, consumed) = (status?, (gzip.total_in() - before.0) as usize);
                self.open = status != Status::StreamEnd;
                if !self.open {
                    *gzip = Decompress::new_gzip(GZIP_WINDOW);
                }
                Ok(consumed)
            }
            Inner::Zstd(decoder) => {
                let (mut source, at) = (InBuffer::around(input), out.len());
                let hint = decoder.run(&mut source, &mut OutBuffer::around_pos(out, at))?;
                self.open = hint != 0;
                Ok(source.pos())
            }
            Inner::Xz(stream) => {
                let before = stream.total_in();
                stream.process_vec(input, out, Action::Run)?;
                self.open = true;
                Ok((stream.total_in() - before) as usize)
            }
        }
    }

    /// Says that the stream has ended; call until it returns 0 bytes.
    ///
    /// # Errors
    ///
    /// The stream ends inside a member.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> io::Result<usize> {
        let before = out.len();
        if let (Inner::Xz(stream), true) = (&mut self.inner, self.open) {
            out.reserve(STEP);
            let status = stream.process_vec(&[], out, Action::Finish)?;
            self.open = status != liblzma::stream::Status::StreamEnd;
        } else if let (Inner::Zstd(decoder), true) = (&mut self.inner, self.open) {
            out.reserve(STEP);
            let mut target = OutBuffer::around_pos(out, before);
            self.open = decoder.run(&mut InBuffer::around(&[]), &mut target)? != 0;
        }
        match out.len() - before {
            0 if self.open => Err(io::ErrorKind::UnexpectedEof.into()),
            produced => Ok(produced),
        }
    }
}

/// Whether another gzip member begins; padding with zeros may follow the last one.
fn continues_gzip(input: &[u8]) -> io::Result<bool> {
    match input.first() {
        Some(0x1f) => Ok(true),
        _ if input.iter().all(|byte| *byte == 0) => Ok(false),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "bytes behind the last member")),
    }
}
