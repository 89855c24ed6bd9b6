//! The frames of a capture file, plain or compressed, for readers of what they carry.
//!
//! A [`crate::feed::Feed`] leads to flowtuples; this leads to any [`Sink`].

use std::io::Read;

use serde::{Deserialize, Serialize};

use crate::container::{Container, NotACapture, Piece, Sink};
use crate::expand::{self, Compression, Expander};
use crate::feed::{CHUNK, SourceError};

/// Reads a capture piece by piece and gives its frames to a sink.
#[derive(Default, Serialize, Deserialize)]
pub struct Frames {
    #[serde(skip)]
    expander: Option<Expander>,
    container: Container,
    /// Bytes that are too few yet to tell the compression.
    head: Vec<u8>,
    /// Bytes that are not done with; the first stands at `base` of the stream.
    buffer: Vec<u8>,
    base: u64,
    bytes_read: u64,
    /// The decompressor met damage: nothing that follows can be read.
    broken: bool,
}

impl Frames {
    /// Bytes of the file that were read.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Whether the stream is known to be plain: only then can the state be written, since
    /// that of a decompressor cannot.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.expander.as_ref().is_some_and(Expander::is_plain)
    }

    /// Goes on in a plain stream after the state was read back.
    ///
    /// # Errors
    ///
    /// [`SourceError::Io`]
    pub fn resume(&mut self) -> Result<(), SourceError> {
        self.expander = Some(Expander::new(Compression::None)?);
        Ok(())
    }

    /// Reads the next bytes of `reader`; false at its end, which is told to the container.
    ///
    /// # Errors
    ///
    /// The reader's, and [`SourceError::NotACapture`].
    pub fn read_from(
        &mut self,
        reader: &mut impl Read,
        sink: &mut impl Sink,
    ) -> Result<bool, SourceError> {
        let mut bytes = Vec::new();
        let plain = self.is_plain();
        let target = if plain { &mut self.buffer } else { &mut bytes };
        let length = reader.take(CHUNK as u64).read_to_end(target)?;
        if plain {
            self.bytes_read += length as u64;
            self.advance(false, sink)?;
        } else {
            self.push(&bytes, sink)?;
        }
        if length == 0 {
            self.finish(sink)?;
        }
        Ok(length > 0)
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    ///
    /// [`SourceError::NotACapture`]
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), SourceError> {
        self.bytes_read += bytes.len() as u64;
        if self.expander.is_some() {
            return self.expand(bytes, sink);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() < expand::MAGIC_LENGTH { Ok(()) } else { self.begin(sink) }
    }

    /// Says that the file has ended.
    ///
    /// # Errors
    ///
    /// [`SourceError::NotACapture`]
    pub fn finish(&mut self, sink: &mut impl Sink) -> Result<(), SourceError> {
        if self.expander.is_none() {
            self.begin(sink)?;
        }
        while let (false, Some(expander)) = (self.broken, &mut self.expander) {
            match expander.finish(&mut self.buffer) {
                Ok(0) => break,
                Ok(_) => self.advance(false, sink)?,
                Err(_) => self.break_off("compressed_cut", sink),
            }
        }
        Ok(self.advance(true, sink)?)
    }

    fn begin(&mut self, sink: &mut impl Sink) -> Result<(), SourceError> {
        self.expander = Some(Expander::new(Compression::of(&self.head))?);
        let head = std::mem::take(&mut self.head);
        self.expand(&head, sink)
    }

    fn expand(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), SourceError> {
        let mut rest = bytes;
        while let (false, false, Some(expander)) =
            (rest.is_empty(), self.broken, &mut self.expander)
        {
            let step = expander.step(rest, &mut self.buffer);
            // What came before damage is read before the damage is told of.
            self.advance(false, sink)?;
            match step {
                Ok(consumed) => rest = &rest[consumed..],
                Err(_) => self.break_off("compressed_damage", sink),
            }
        }
        Ok(())
    }

    fn advance(&mut self, last: bool, sink: &mut impl Sink) -> Result<(), NotACapture> {
        let piece = Piece { data: &self.buffer, base: self.base, last };
        let done = self.container.read(piece, sink)?;
        self.buffer.drain(..done);
        self.base += done as u64;
        Ok(())
    }

    fn break_off(&mut self, reason: &str, sink: &mut impl Sink) {
        self.broken = true;
        let offset = self.base + self.buffer.len() as u64;
        sink.report().problem(offset, reason, &[]);
    }
}
