//! Bytes in, rows out: records are framed, read and accounted for.

use arrow_array::RecordBatch;

use crate::context::Record;
use crate::frame::{self, BGP, BGP4MP, BGP4MP_ET, HEADER, Header, Step, TABLE_DUMP, TABLE_DUMP_V2};
use crate::peers::Peers;
use crate::report::{Note, Outcome, Report};
use crate::rows::{Labels, Rows};
use crate::wire::Cursor;
use crate::{bgp4mp, legacy, table, table_v2};

/// Reads a stream of MRT records.
pub struct Stage {
    labels: Labels,
    /// Rows from which on a batch is given out.
    target: usize,
    buffer: Vec<u8>,
    /// Place of the buffer's beginning in the source.
    base: u64,
    /// Bytes of the buffer that are done with.
    done: usize,
    /// Looking for a record: the place to look from.
    lost: Option<usize>,
    /// Time of the last sound record.
    seconds: Option<u32>,
    peers: Peers,
    rows: Rows,
    report: Report,
    ready: Vec<RecordBatch>,
}

impl Stage {
    #[must_use]
    pub fn new(labels: Labels, target: usize) -> Self {
        let mut rows = Rows::default();
        if let Some(name) = &labels.collector {
            rows.collector(name);
        }
        Self {
            labels,
            target,
            buffer: Vec::new(),
            base: 0,
            done: 0,
            lost: None,
            seconds: None,
            peers: Peers::default(),
            rows,
            report: Report::default(),
            ready: Vec::new(),
        }
    }

    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Takes the next bytes; batches that became ready.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<RecordBatch> {
        self.buffer.extend_from_slice(bytes);
        self.advance(false);
        self.buffer.drain(..self.done);
        self.base += self.done as u64;
        self.lost = self.lost.map(|at| at - self.done);
        self.done = 0;
        std::mem::take(&mut self.ready)
    }

    /// Says that the source has ended; the last batches.
    pub fn finish(&mut self) -> Vec<RecordBatch> {
        self.advance(true);
        if !self.rows.is_empty() {
            self.ready.push(self.rows.take(&self.labels));
        }
        std::mem::take(&mut self.ready)
    }

    fn advance(&mut self, last: bool) {
        // The buffer is put aside so that records in it can be read while rows are written.
        let buffer = std::mem::take(&mut self.buffer);
        while self.done < buffer.len() {
            let went_on = match self.lost {
                Some(from) => self.search(&buffer, from, last),
                None => self.record(&buffer, last),
            };
            if !went_on {
                break;
            }
            if self.rows.len() >= self.target {
                self.ready.push(self.rows.take(&self.labels));
            }
        }
        self.buffer = buffer;
    }

    /// Reads a record; false when more bytes are needed.
    fn record(&mut self, buffer: &[u8], last: bool) -> bool {
        let rest = &buffer[self.done..];
        match frame::step(rest, last) {
            Step::More => return false,
            // No more than is here however the bytes were cut.
            Step::Nothing => self.lose(Outcome::Header, &rest[..HEADER]),
            Step::Cut => self.lose(Outcome::Cut, rest),
            Step::Record { header, short, followed } => {
                let length = header.length + if short { 4 } else { 0 };
                let whole = &rest[..HEADER + length];
                let body = &whole[HEADER..];
                self.report.note(Note::ShortLength, short.into());
                match self.body(header, body) {
                    Some(outcome) => self.report.count(outcome),
                    // Neither the inside nor what should follow is right: nor is the length.
                    None if !followed => {
                        self.lose(Outcome::Malformed, whole);
                        return true;
                    }
                    None => self.report.damage(Outcome::Malformed, self.offset(), whole),
                }
                self.seconds = Some(header.seconds);
                self.done += HEADER + length;
            }
        }
        true
    }

    /// Counts damage at the place of `rest` and begins to look for the next record.
    fn lose(&mut self, outcome: Outcome, rest: &[u8]) {
        self.report.damage(outcome, self.offset(), rest);
        self.lost = Some(self.done + 1);
    }

    /// Looks for the next record; false when more bytes are needed.
    fn search(&mut self, buffer: &[u8], from: usize, last: bool) -> bool {
        match frame::search(buffer, from, self.seconds, last) {
            Ok(found) => {
                self.report.note(Note::Resync, 1);
                self.skip(found);
                self.lost = None;
                true
            }
            Err(end) => {
                self.skip(end.min(buffer.len()));
                self.lost = Some(end);
                false
            }
        }
    }

    fn skip(&mut self, to: usize) {
        self.report.note(Note::SkippedBytes, (to - self.done) as u64);
        self.done = to;
    }

    fn offset(&self) -> u64 {
        self.base + self.done as u64
    }

    /// Reads the body of a record. None: it is malformed.
    fn body(&mut self, header: Header, body: &[u8]) -> Option<Outcome> {
        let mut data = Cursor::new(body);
        let mut ts_us = i64::from(header.seconds) * 1_000_000;
        if header.kind == BGP4MP_ET {
            ts_us += i64::from(data.u32()?.min(999_999));
        }
        let record = Record { ts_us, offset: self.offset() };
        let (rows, report, subtype) = (&mut self.rows, &mut self.report, header.subtype);
        report.span(ts_us);
        match header.kind {
            BGP4MP | BGP4MP_ET => bgp4mp::read(subtype, data, record, rows, report),
            TABLE_DUMP_V2 => table_v2::read(subtype, data, record, &mut self.peers, rows, report),
            TABLE_DUMP => table::read(subtype, data, record, rows),
            BGP => legacy::read(subtype, data, record, rows, report),
            _ => Some(Outcome::Unsupported),
        }
    }
}
