//! From compressed or plain bytes to batches of rows.

use std::collections::VecDeque;
use std::io::{self, Read};

use arrow_array::RecordBatch;

use crate::container::NotACapture;
use crate::expand::{self, Compression, Expander};
use crate::flowtuple::{SortRoom, aggregate};
use crate::minute::Minute;
use crate::report::Report;
use crate::rows::{FlowRows, Labels, PacketRows, Pools};
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
            match expander.step(rest, self.stage.input()) {
                Ok(consumed) => rest = &rest[consumed..],
                Err(_) => self.break_off("compressed_damage"),
            }
            self.stage.advance()?;
        }
        Ok(())
    }

    fn break_off(&mut self, reason: &str) {
        self.broken = true;
        self.stage.damage(reason);
    }
}

/// A batch and the table that it belongs to.
pub type TableBatch = (&'static str, RecordBatch);

/// Gathers rows into batches.
pub struct Batches {
    labels: Labels,
    /// Rows from which on a batch is given out.
    target: usize,
    pools: Pools,
    flows: FlowRows,
    order: SortRoom,
    ready: VecDeque<TableBatch>,
}

impl Batches {
    #[must_use]
    pub fn new(labels: Labels, target: usize) -> Self {
        let pools = Pools::default();
        let flows = FlowRows::new(&pools);
        Self { labels, target, pools, flows, order: SortRoom::default(), ready: VecDeque::new() }
    }

    #[must_use]
    pub fn target(&self) -> usize {
        self.target
    }

    /// Adds the flowtuples of a minute.
    pub fn add(&mut self, minute: &Minute) {
        aggregate(minute, &mut self.order, &mut self.flows);
        if self.flows.len() >= self.target {
            self.flush();
        }
    }

    /// Adds a batch of packet rows.
    pub fn add_packets(&mut self, packets: Option<PacketRows>) {
        if let Some(packets) = packets {
            self.ready.push_back(("packets", packets.into_batch(&self.labels)));
        }
    }

    /// Makes a batch of what was gathered.
    pub fn flush(&mut self) {
        if !self.flows.is_empty() {
            let rows = std::mem::replace(&mut self.flows, FlowRows::new(&self.pools));
            self.ready.push_back(("flowtuples", rows.into_batch(&self.labels)));
        }
    }

    /// A batch that is ready.
    pub fn next(&mut self) -> Option<TableBatch> {
        self.ready.pop_front()
    }
}

/// Reads a whole source on the calling thread.
pub struct Reader<R> {
    input: R,
    feed: Feed,
    batches: Batches,
    ended: bool,
}

impl<R: Read> Reader<R> {
    #[must_use]
    pub fn new(input: R, feed: Feed, batches: Batches) -> Self {
        Self { input, feed, batches, ended: false }
    }

    #[must_use]
    pub fn report(&self) -> &Report {
        self.feed.stage.report()
    }

    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.feed.bytes_read()
    }

    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Reads one chunk more and returns a batch, if one is ready.
    ///
    /// # Errors
    ///
    /// The source cannot be read, or is not a capture.
    pub fn step(&mut self) -> Result<Option<TableBatch>, SourceError> {
        if let Some(batch) = self.batches.next() {
            return Ok(Some(batch));
        }
        if !self.feed.read_from(&mut self.input)? {
            self.feed.finish()?;
            self.ended = true;
        }
        for minute in self.feed.stage.take_closed() {
            self.batches.add(&minute);
            self.feed.stage.pool().give(minute.packets);
        }
        if self.ended || self.feed.stage.packets_held() >= self.batches.target {
            self.batches.add_packets(self.feed.stage.take_packets());
        }
        if self.ended {
            self.batches.flush();
        }
        Ok(self.batches.next())
    }
}
