//! From compressed or plain bytes to the stage that reads them.

use std::io::{self, Read};

use crate::container::NotACapture;
use crate::expand::{self, Compression, Expander};
use crate::stage::Stage;

/// Bytes read at a time.
pub const CHUNK: usize = 1 << 20;

/// Why a source cannot be read.
#[derive(Debug)]
pub enum SourceError {
    NotACapture(NotACapture),
    Io(io::Error),
    /// A snapshot of another version, or damaged.
    Snapshot,
    /// The state of a decompressor cannot be carried over a restart.
    Compressed,
}

impl From<NotACapture> for SourceError {
    fn from(error: NotACapture) -> Self {
        Self::NotACapture(error)
    }
}

impl From<io::Error> for SourceError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Feeds a stage with the bytes of a file, decompressed when they are compressed.
pub struct Feed {
    pub stage: Stage,
    expander: Option<Expander>,
    /// Bytes that are too few yet to tell the compression.
    head: Vec<u8>,
    bytes_read: u64,
    /// The decompressor met damage: nothing that follows can be read.
    broken: bool,
}

impl Feed {
    #[must_use]
    pub fn new(stage: Stage) -> Self {
        Self { stage, expander: None, head: Vec::new(), bytes_read: 0, broken: false }
    }

    /// A feed that goes on where a snapshot was taken.
    ///
    /// # Errors
    ///
    /// [`SourceError::Snapshot`]
    pub fn restore(snapshot: &[u8]) -> Result<Self, SourceError> {
        let stage = Stage::restore(snapshot).ok_or(SourceError::Snapshot)?;
        let expander = Some(Expander::new(Compression::None)?);
        Ok(Self { expander, ..Self::new(stage) })
    }

    /// # Errors
    ///
    /// [`SourceError::Compressed`] for a compressed stream.
    pub fn snapshot(&self) -> Result<Vec<u8>, SourceError> {
        match &self.expander {
            Some(expander) if expander.is_plain() => Ok(self.stage.snapshot()),
            _ => Err(SourceError::Compressed),
        }
    }

    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Pushes the next bytes of the file.
    ///
    /// # Errors
    ///
    /// [`SourceError::NotACapture`]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        self.bytes_read += bytes.len() as u64;
        if self.expander.is_some() {
            return self.expand(bytes);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() < expand::MAGIC_LENGTH {
            return Ok(());
        }
        self.begin()
    }

    /// Reads the next bytes of `reader`; false at its end.
    ///
    /// # Errors
    ///
    /// The reader's, and [`SourceError::NotACapture`].
    pub fn read_from(&mut self, reader: &mut impl Read) -> Result<bool, SourceError> {
        let plain = self.expander.as_ref().is_some_and(Expander::is_plain);
        if plain {
            let length = reader.take(CHUNK as u64).read_to_end(self.stage.input())?;
            self.bytes_read += length as u64;
            self.stage.advance()?;
            return Ok(length > 0);
        }
        let mut bytes = Vec::with_capacity(CHUNK);
        let length = reader.take(CHUNK as u64).read_to_end(&mut bytes)?;
        self.push(&bytes)?;
        Ok(length > 0)
    }

    /// Says that the file has ended.
    ///
    /// # Errors
    ///
    /// [`SourceError::NotACapture`]
    pub fn finish(&mut self) -> Result<(), SourceError> {
        if self.expander.is_none() {
            self.begin()?;
        }
        while let (false, Some(expander)) = (self.broken, &mut self.expander) {
            match expander.finish(self.stage.input()) {
                Ok(0) => break,
                Ok(_) => self.stage.advance()?,
                Err(_) => self.break_off("compressed_cut"),
            }
        }
        Ok(self.stage.finish()?)
    }

    fn begin(&mut self) -> Result<(), SourceError> {
        self.expander = Some(Expander::new(Compression::of(&self.head))?);
        let head = std::mem::take(&mut self.head);
        self.expand(&head)
    }

    fn expand(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        let mut rest = bytes;
        while let (false, false, Some(expander)) =
            (rest.is_empty(), self.broken, &mut self.expander)
        {
            let step = expander.step(rest, self.stage.input());
            // What came before damage is read before the damage is told of.
            self.stage.advance()?;
            match step {
                Ok(consumed) => rest = &rest[consumed..],
                Err(_) => self.break_off("compressed_damage"),
            }
        }
        Ok(())
    }

    fn break_off(&mut self, reason: &str) {
        self.broken = true;
        self.stage.damage(reason);
    }
}
