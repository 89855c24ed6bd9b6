//! A capture read to its end in steps, or pushed piece by piece.

use std::collections::VecDeque;
use std::io::Read;

use arrow_array::RecordBatch;
use kaname_packets::feed::SourceError;
use kaname_packets::frames::Frames;
use kaname_packets::rows::Labels;

use super::Capture;

const SNAPSHOT: &[u8] = b"kaname dns 1\n";

/// Bytes of a capture that somebody pushes; the state can be carried over a restart.
pub struct Pushed {
    frames: Frames,
    pub capture: Capture,
    labels: Labels,
}

impl Pushed {
    #[must_use]
    pub fn new(capture: Capture, labels: Labels) -> Self {
        Self { frames: Frames::default(), capture, labels }
    }

    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.frames.bytes_read()
    }

    /// Takes the next bytes; the batches whose rows are settled.
    ///
    /// # Errors
    ///
    /// [`SourceError::NotACapture`]
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<RecordBatch>, SourceError> {
        self.frames.push(bytes, &mut self.capture)?;
        Ok(self.settled())
    }

    /// Says that the stream has ended; the last batches.
    ///
    /// # Errors
    ///
    /// [`SourceError::NotACapture`]
    pub fn finish(&mut self) -> Result<Vec<RecordBatch>, SourceError> {
        self.frames.finish(&mut self.capture)?;
        let mut batches = self.settled();
        batches.extend(self.capture.finish(&self.labels));
        Ok(batches)
    }

    /// The state, for [`Pushed::restore`].
    ///
    /// # Errors
    ///
    /// [`SourceError::Compressed`] for a compressed stream.
    ///
    /// # Panics
    ///
    /// Never: the state has a form that can be written.
    pub fn snapshot(&self) -> Result<Vec<u8>, SourceError> {
        if !self.frames.is_plain() {
            return Err(SourceError::Compressed);
        }
        let state = (&self.frames, &self.capture);
        Ok(postcard::to_extend(&state, SNAPSHOT.to_vec()).expect("plain data"))
    }

    /// Goes on where the snapshot was taken.
    ///
    /// # Errors
    ///
    /// [`SourceError::Snapshot`]
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), SourceError> {
        let state = snapshot.strip_prefix(SNAPSHOT).ok_or(SourceError::Snapshot)?;
        let read: (Frames, Capture) =
            postcard::from_bytes(state).map_err(|_| SourceError::Snapshot)?;
        (self.frames, self.capture) = read;
        self.capture.restore();
        self.frames.resume()
    }

    fn settled(&mut self) -> Vec<RecordBatch> {
        std::iter::from_fn(|| self.capture.take(&self.labels)).collect()
    }
}

/// A capture file, read in steps.
pub struct Source {
    input: Box<dyn Read + Send>,
    pushed: Pushed,
    ready: VecDeque<RecordBatch>,
    ended: bool,
}

impl Source {
    #[must_use]
    pub fn new(input: Box<dyn Read + Send>, pushed: Pushed) -> Self {
        Self { input, pushed, ready: VecDeque::new(), ended: false }
    }

    #[must_use]
    pub fn pushed(&self) -> &Pushed {
        &self.pushed
    }

    /// Whether all was read and given out.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended && self.ready.is_empty()
    }

    /// Reads on for a moment and returns a batch, if one is ready.
    ///
    /// # Errors
    ///
    /// The source cannot be read, or is not a capture.
    pub fn step(&mut self) -> Result<Option<RecordBatch>, SourceError> {
        if !self.ended && self.ready.is_empty() {
            let Pushed { frames, capture, labels } = &mut self.pushed;
            let more = frames.read_from(&mut self.input, capture)?;
            self.ready.extend(std::iter::from_fn(|| capture.take(labels)));
            if !more {
                self.ended = true;
                self.ready.extend(capture.finish(labels));
            }
        }
        Ok(self.ready.pop_front())
    }
}
