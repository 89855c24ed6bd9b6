//! sFlow version 5 (sflow.org, "sFlow Version 5", July 2004): datagrams of samples in XDR.
//!
//! A flow sample becomes one row: one packet, as many octets as its IP datagram has, and
//! the sampling rate. Where the header of the packet was not sampled, octets are the length
//! that the record states. Counter samples are counted.

mod packet;
mod xdr;

use crate::account::{Outcome, Stream};
use crate::decoder::Output;
use crate::domain::Domain;
use crate::message::Export;
use crate::rows::Row;
use packet::Seen;
use xdr::Xdr;

const KIND: i8 = 4;
const MAPPED: u128 = 0xffff << 32;
const FLOW_SAMPLE: u32 = 1;
const COUNTER_SAMPLE: u32 = 2;
const EXPANDED_FLOW_SAMPLE: u32 = 3;
const EXPANDED_COUNTER_SAMPLE: u32 = 4;
/// A step of the sample numbers of more than this is another count, not a loss.
const MOST_LOST: i32 = 1 << 20;
/// Data sources of one agent that are told apart.
const MOST_SOURCES: usize = 1 << 16;
/// Interface numbers that stand for none or for the agent itself.
const NO_INTERFACE: u32 = 0x3fff_ffff;

/// The header of a datagram.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub agent: u128,
    pub sub_agent: u32,
    pub sequence: u32,
    samples: u32,
    at: usize,
}

impl Header {
    /// `sender` stands in for an agent that does not know its address.
    pub fn read(data: &[u8], sender: u128) -> Option<Self> {
        let mut xdr = Xdr::new(data);
        xdr.word()?; // the version
        let agent = xdr.address()?;
        let agent = if agent == 0 || agent == MAPPED { sender } else { agent };
        let (sub_agent, sequence) = (xdr.word()?, xdr.word()?);
        xdr.word()?; // uptime, which no sample refers to
        Some(Self { agent, sub_agent, sequence, samples: xdr.word()?, at: xdr.at() })
    }

    /// Reads the samples, as many as are whole.
    pub fn read_samples(&self, export: &Export, domain: &mut Domain, out: &mut Output) {
        let mut xdr = Xdr::at_place(export.data, self.at);
        for _ in 0..self.samples {
            let at = xdr.at();
            let Some((format, body)) = xdr.structure() else {
                let rest = export.data.get(at..).unwrap_or_default();
                return out.malformed(export, at, "sample_cut", rest);
            };
            match format {
                FLOW_SAMPLE | EXPANDED_FLOW_SAMPLE => {
                    let expanded = format == EXPANDED_FLOW_SAMPLE;
                    self.read_flow(export, (at, body, expanded), domain, out);
                }
                COUNTER_SAMPLE | EXPANDED_COUNTER_SAMPLE => {
                    out.report.count(Outcome::Counter, 1);
                }
                _ => out.report.count(Outcome::NotFlow, 1),
            }
        }
    }

    fn read_flow(
        &self,
        export: &Export,
        (at, body, expanded): (usize, &[u8], bool),
        domain: &mut Domain,
        out: &mut Output,
    ) {
        let Some(sample) = Sample::read(body, expanded) else {
            return out.malformed(export, at, "sample", body);
        };
        sample.account(domain);
        let Some(seen) = sample.seen() else {
            return out.malformed(export, at, "flow_record", body);
        };
        if seen.src == 0 && seen.dst == 0 {
            return out.report.count(Outcome::NotFlow, 1);
        }
        let number = out.rows.len() as u64;
        let place = export.base.map_or(number, |base| base + at as u64);
        out.rows.push(&self.row(&sample, &seen, export.received_us, place));
        out.report.count(Outcome::Flow, 1);
        domain.stream.flows += 1;
    }

    fn row(&self, sample: &Sample, seen: &Seen, ts: i64, place: u64) -> Row {
        Row {
            ts,
            kind: KIND,
            row_in_src: place as i64,
            src: seen.src,
            dst: seen.dst,
            sport: seen.sport,
            dport: seen.dport,
            proto: seen.proto,
            tcp_bits: seen.tcp_bits,
            packets: 1,
            octets: i64::from(seen.octets),
            dur_us: 0,
            sampling: i32::try_from(sample.rate.max(1)).unwrap_or(i32::MAX),
            in_if: (sample.input > 0).then_some(sample.input),
            out_if: (sample.output > 0).then_some(sample.output),
            src_as: seen.src_as.map(i64::from),
            dst_as: seen.dst_as.map(i64::from),
            exporter: self.agent,
            obs_domain: i64::from(self.sub_agent),
            vlan: seen.vlan.map(i32::from),
        }
    }
}

/// A flow sample.
struct Sample<'a> {
    sequence: u32,
    source: u64,
    rate: u32,
    /// Interfaces, 0 when it is not a single one.
    input: i32,
    output: i32,
    count: u32,
    records: &'a [u8],
}

impl<'a> Sample<'a> {
    fn read(body: &'a [u8], expanded: bool) -> Option<Self> {
        let mut xdr = Xdr::new(body);
        let sequence = xdr.word()?;
        let source = if expanded {
            u64::from(xdr.word()?) << 32 | u64::from(xdr.word()?)
        } else {
            let packed = xdr.word()?;
            u64::from(packed >> 24) << 32 | u64::from(packed & 0xff_ffff)
        };
        let rate = xdr.word()?;
        xdr.word()?; // the pool that packets were taken from
        xdr.word()?; // samples that the agent dropped for lack of resources
        let input = interface(&mut xdr, expanded)?;
        let output = interface(&mut xdr, expanded)?;
        let count = xdr.word()?;
        Some(Self { sequence, source, rate, input, output, count, records: xdr.rest() })
    }

    /// Counts the samples of this data source that are missing.
    fn account(&self, domain: &mut Domain) {
        let known = domain.samples.len() < MOST_SOURCES;
        let Some(before) = domain.samples.get(&self.source).copied() else {
            if known {
                domain.samples.insert(self.source, self.sequence);
            }
            return;
        };
        let step = self.sequence.wrapping_sub(before) as i32;
        if !(-MOST_LOST..=0).contains(&step) {
            domain.samples.insert(self.source, self.sequence);
        }
        if (2..MOST_LOST).contains(&step) {
            lose(&mut domain.stream, (step - 1).cast_unsigned());
        }
    }

    /// What the records tell of the packet; `None` when they cannot be right.
    fn seen(&self) -> Option<Seen> {
        let mut seen = Seen::default();
        let mut xdr = Xdr::new(self.records);
        for _ in 0..self.count {
            let (format, body) = xdr.structure()?;
            seen.take(format, body)?;
        }
        Some(seen)
    }
}

fn lose(stream: &mut Stream, samples: u32) {
    stream.samples_lost += u64::from(samples);
}

/// An interface, 0 when it is not a single one.
fn interface(xdr: &mut Xdr, expanded: bool) -> Option<i32> {
    let (format, value) = if expanded {
        (xdr.word()?, xdr.word()?)
    } else {
        let packed = xdr.word()?;
        (packed >> 30, packed & NO_INTERFACE)
    };
    let single = format == 0 && value != NO_INTERFACE;
    Some(if single { i32::try_from(value).unwrap_or(0) } else { 0 })
}
