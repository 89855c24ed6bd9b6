//! A file read to its end in steps.

use std::io::Read;

use kaname_packets::expand::{Compression, Expander, MAGIC_LENGTH};
use kaname_packets::feed::{CHUNK, SourceError};
use kaname_packets::frames::Frames;

use crate::account::{Report, Stream};
use crate::capture::Exports;
use crate::decoder::Decoder;
use crate::domain::Key;
use crate::messages::Messages;
use crate::rows::FlowRows;
use crate::tracker::Tracker;

/// What is looked for in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A capture of datagrams of exporters.
    Exports,
    /// A capture of any packets.
    Packets,
    /// IPFIX messages.
    Messages,
}

enum Work {
    Exports(Frames, Box<Exports>),
    Packets(Frames, Box<Tracker>),
    Messages(Option<Expander>, Box<Messages>),
}

/// Reads a file in steps.
pub struct Source {
    input: Box<dyn Read + Send>,
    work: Work,
    rows: usize,
    bytes_read: u64,
    ended: bool,
}

impl Source {
    /// `rows`: how many a batch has at least. `ext`: keep fields that have no column.
    #[must_use]
    pub fn new(input: Box<dyn Read + Send>, content: Content, rows: usize, ext: bool) -> Self {
        let room = rows + rows / 4;
        let decoder = || Decoder::new(ext, room);
        let work = match content {
            Content::Exports => Work::Exports(Frames::default(), Box::new(Exports::new(decoder()))),
            Content::Packets => Work::Packets(Frames::default(), Box::new(Tracker::new(room))),
            Content::Messages => Work::Messages(None, Box::new(Messages::new(decoder()))),
        };
        Self { input, work, rows, bytes_read: 0, ended: false }
    }

    /// Whether all was read and given out.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    #[must_use]
    pub fn report(&self) -> Report {
        match &self.work {
            Work::Exports(_, exports) => exports.report(),
            Work::Packets(_, tracker) => tracker.account(),
            Work::Messages(_, messages) => messages.decoder.out.report.clone(),
        }
    }

    /// What each exporter sent.
    #[must_use]
    pub fn streams(&self) -> Vec<(Key, Stream)> {
        match &self.work {
            Work::Exports(_, exports) => exports.decoder.streams(),
            Work::Packets(..) => Vec::new(),
            Work::Messages(_, messages) => messages.decoder.streams(),
        }
    }

    /// Reads on for a moment and returns rows, if there are enough or all was read.
    ///
    /// # Errors
    ///
    /// The source cannot be read, or is not a capture.
    pub fn step(&mut self) -> Result<Option<FlowRows>, SourceError> {
        if self.ended {
            return Ok(None);
        }
        let more = self.read()?;
        self.ended = !more;
        let held = self.held();
        Ok((held > 0 && (held >= self.rows || self.ended)).then(|| self.take_rows()))
    }

    fn read(&mut self) -> Result<bool, SourceError> {
        match &mut self.work {
            Work::Exports(frames, exports) => {
                let more = frames.read_from(&mut self.input, exports.as_mut())?;
                self.bytes_read = frames.bytes_read();
                if !more {
                    exports.decoder.finish();
                }
                Ok(more)
            }
            Work::Packets(frames, tracker) => {
                let more = frames.read_from(&mut self.input, tracker.as_mut())?;
                self.bytes_read = frames.bytes_read();
                if !more {
                    tracker.finish();
                }
                Ok(more)
            }
            Work::Messages(expander, messages) => {
                let mut bytes = Vec::with_capacity(CHUNK);
                let length = (&mut self.input).take(CHUNK as u64).read_to_end(&mut bytes)?;
                self.bytes_read += length as u64;
                read_messages(expander, messages, &bytes)?;
                Ok(length > 0)
            }
        }
    }

    fn held(&self) -> usize {
        match &self.work {
            Work::Exports(_, exports) => exports.decoder.out.rows.len(),
            Work::Packets(_, tracker) => tracker.rows(),
            Work::Messages(_, messages) => messages.decoder.out.rows.len(),
        }
    }

    fn take_rows(&mut self) -> FlowRows {
        match &mut self.work {
            Work::Exports(_, exports) => exports.decoder.take_rows(),
            Work::Packets(_, tracker) => tracker.take_rows(),
            Work::Messages(_, messages) => messages.decoder.take_rows(),
        }
    }
}

/// Expands and reads the next bytes of a file; none are its end.
fn read_messages(
    expander: &mut Option<Expander>,
    messages: &mut Messages,
    bytes: &[u8],
) -> Result<(), SourceError> {
    let known = Compression::of(&bytes[..bytes.len().min(MAGIC_LENGTH)]);
    let expander = match expander {
        Some(expander) => expander,
        None => expander.insert(Expander::new(known)?),
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        let Ok(consumed) = expander.step(rest, messages.input()) else {
            messages.decoder.out.report.malformed(0, "compressed_damage", &[]);
            break;
        };
        messages.advance(false);
        rest = &rest[consumed..];
    }
    if bytes.is_empty() {
        messages.advance(true);
        messages.decoder.finish();
    }
    Ok(())
}
