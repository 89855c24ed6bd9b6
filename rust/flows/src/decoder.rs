//! The decoder: datagrams of any exporter and protocol become rows.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::account::{Note, Outcome, Report, Stream};
use crate::domain::{Domain, Kept, Key, Protocol};
use crate::export;
use crate::fill::{self, Known};
use crate::legacy;
use crate::message::{Context, Export};
use crate::plan::Plan;
use crate::records::Records;
use crate::rows::{FlowRows, Pools};
use crate::sflow;
use crate::wire::{be16, be32};

/// Domains that are told apart; senders beyond that are forged.
const MOST_DOMAINS: usize = 1 << 16;
const SNAPSHOT: &[u8] = b"kaname flows 1\n";

/// Where decoding writes to.
#[derive(Debug)]
pub struct Output {
    pub rows: FlowRows,
    pub report: Report,
    /// Bytes of sets that wait for their template.
    pub waiting: usize,
    /// Fields of the templates that are remembered.
    pub fields: usize,
    ext: bool,
}

impl Output {
    /// Appends the records of flows as rows.
    pub fn fill(&mut self, plan: &Plan, records: &Records, context: &Context, domain: &mut Domain) {
        let number = self.rows.len() as u64;
        let known = Known { samplers: &domain.samplers, apps: &domain.apps, ext: self.ext };
        fill::fill(plan, records, &Context { number, ..*context }, &known, &mut self.rows);
        self.report.count(Outcome::Flow, records.count as u64);
        domain.stream.flows += records.count as u64;
    }

    pub fn malformed(&mut self, export: &Export, at: usize, reason: &str, data: &[u8]) {
        self.report.malformed(export.base.unwrap_or(0) + at as u64, reason, data);
    }

    /// Counts a set whose template did not come.
    pub fn give_up(&mut self, stream: &mut Stream) {
        self.report.count(Outcome::NoTemplate, 1);
        stream.no_template += 1;
    }
}

/// Decodes datagrams.
#[derive(Debug)]
pub struct Decoder {
    domains: HashMap<Key, Domain>,
    pools: Pools,
    room: usize,
    pub out: Output,
}

/// What outlives a restart.
#[derive(Serialize, Deserialize)]
struct Snapshot(Vec<(Key, Kept)>);

impl Decoder {
    /// `ext`: keep fields that have no column. `room`: rows that a batch will have.
    #[must_use]
    pub fn new(ext: bool, room: usize) -> Self {
        let pools = Pools::default();
        let rows = FlowRows::new(&pools, room);
        let out = Output { rows, report: Report::default(), waiting: 0, fields: 0, ext };
        Self { domains: HashMap::new(), pools, room, out }
    }

    /// Reads a datagram; false when it is of no protocol that is known.
    pub fn push(&mut self, export: &Export) -> bool {
        let data = export.data;
        match be16(data, 0) {
            Some(5) => self.push_legacy(export, Protocol::NetFlow5),
            Some(7) => self.push_legacy(export, Protocol::NetFlow7),
            Some(9) => self.push_message(export, export::Header::read_v9(data)),
            Some(10) => self.push_message(export, export::Header::read_ipfix(data)),
            Some(0) if be32(data, 0) == Some(5) => self.push_sflow(export),
            _ => return false,
        }
        true
    }

    fn push_legacy(&mut self, export: &Export, protocol: Protocol) {
        let Some(header) = legacy::Header::read(export.data, protocol) else {
            return self.out.malformed(export, 0, "header_cut", export.data);
        };
        let key = Key { exporter: export.exporter, domain: header.domain, protocol };
        self.within(key, export, header.sequence, |domain, out| {
            header.read_records(export, domain, out)
        });
    }

    fn push_message(&mut self, export: &Export, header: Option<export::Header>) {
        let Some(header) = header else {
            return self.out.malformed(export, 0, "header_cut", export.data);
        };
        let protocol = header.protocol();
        let key = Key { exporter: export.exporter, domain: header.domain, protocol };
        self.within(key, export, header.sequence, |domain, out| {
            let records = header.read_sets(export, domain, out);
            // NetFlow v9 numbers packets, IPFIX records.
            if protocol == Protocol::NetFlow9 { Some(1) } else { records }
        });
    }

    fn push_sflow(&mut self, export: &Export) {
        let Some(header) = sflow::Header::read(export.data, export.exporter) else {
            return self.out.malformed(export, 0, "header_cut", export.data);
        };
        let protocol = Protocol::Sflow5;
        let key = Key { exporter: header.agent, domain: header.sub_agent, protocol };
        self.within(key, export, header.sequence, |domain, out| {
            header.read_samples(export, domain, out);
            Some(1)
        });
    }

    /// Finds the domain of a datagram, and reads it unless it came before.
    fn within(
        &mut self,
        key: Key,
        export: &Export,
        sequence: u32,
        read: impl FnOnce(&mut Domain, &mut Output) -> Option<u32>,
    ) {
        if self.domains.len() >= MOST_DOMAINS && !self.domains.contains_key(&key) {
            self.out.report.note(Note::TooManyDomains, 1);
            return self.out.malformed(export, 0, "too_many_domains", export.data);
        }
        let (domain, out) = (self.domains.entry(key).or_default(), &mut self.out);
        out.report.note(Note::Datagrams, 1);
        domain.stream.datagrams += 1;
        if domain.sequence.repeats(sequence, export.data) {
            out.report.count(Outcome::Duplicate, 1);
            domain.stream.duplicates += 1;
            return;
        }
        let before = domain.stream;
        let count = read(domain, out);
        domain.sequence.account(sequence, count, &mut domain.stream);
        tell(&before, &domain.stream, &mut out.report);
    }

    /// Gives up what still waits: nothing follows.
    pub fn finish(&mut self) {
        for domain in self.domains.values_mut() {
            for set in std::mem::take(&mut domain.waiting).into_values().flatten() {
                self.out.waiting -= set.size();
                self.out.give_up(&mut domain.stream);
            }
        }
    }

    /// The rows since the last call; where rows are numbered, the next one is 0.
    pub fn take_rows(&mut self) -> FlowRows {
        let next = FlowRows::new(&self.pools, self.room);
        let rows = std::mem::replace(&mut self.out.rows, next);
        let times = rows.ts.values().iter().copied();
        for bound in [times.clone().min(), times.max()].into_iter().flatten() {
            self.out.report.span(bound);
        }
        rows
    }

    /// The account since the last call.
    pub fn take_report(&mut self) -> Report {
        std::mem::take(&mut self.out.report)
    }

    /// What each domain sent, in a fixed order.
    #[must_use]
    pub fn streams(&self) -> Vec<(Key, Stream)> {
        let mut streams: Vec<_> =
            self.domains.iter().map(|(key, domain)| (*key, domain.stream)).collect();
        streams.sort_by_key(|(key, _)| *key);
        streams
    }

    /// Templates, samplers and numbers, for [`Decoder::restore`].
    ///
    /// # Panics
    ///
    /// Never: the state has a form that can be written.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let kept = self.domains.iter().map(|(key, domain)| (*key, domain.keep()));
        let mut kept = Snapshot(kept.collect());
        kept.0.sort_by_key(|(key, _)| *key);
        postcard::to_extend(&kept, SNAPSHOT.to_vec()).expect("plain data")
    }

    /// Takes over what a snapshot remembers; false when it is none of this version.
    pub fn restore(&mut self, snapshot: &[u8]) -> bool {
        let state = snapshot.strip_prefix(SNAPSHOT);
        let Some(kept) = state.and_then(|state| postcard::from_bytes::<Snapshot>(state).ok())
        else {
            return false;
        };
        self.domains = kept.0.into_iter().map(|(key, kept)| (key, kept.into())).collect();
        self.out.fields = self.domains.values().map(Domain::fields).sum();
        true
    }
}

/// Adds what the numbers of a datagram told to the account of the source.
fn tell(before: &Stream, after: &Stream, report: &mut Report) {
    // A late datagram makes a loss good again.
    let index = Note::Lost as usize;
    report.notes[index] = (report.notes[index] + after.lost).saturating_sub(before.lost);
    report.note(Note::SamplesLost, after.samples_lost - before.samples_lost);
    report.note(Note::Reordered, after.reordered - before.reordered);
    report.note(Note::Restarted, after.restarted - before.restarted);
}
