//! Messages of NetFlow v9 (RFC 3954) and IPFIX (RFC 7011): sets of templates and of records.

use std::sync::Arc;

use crate::account::{Note, Outcome};
use crate::decoder::Output;
use crate::domain::{Domain, Protocol, Waiting};
use crate::element as ie;
use crate::ext;
use crate::message::{Context, Export};
use crate::plan::Plan;
use crate::records::Records;
use crate::template::{Family, Template};
use crate::times::{Clock, Uptime};
use crate::wire::{be16, be32};

pub const V9_HEADER: usize = 20;
pub const IPFIX_HEADER: usize = 16;
const SET_HEADER: usize = 4;
/// Set ids below this are of templates or reserved.
const FIRST_DATA: u16 = 256;
/// Templates of one domain, and fields of those of all domains.
const MOST_TEMPLATES: usize = 1 << 14;
const MOST_FIELDS: usize = 1 << 22;
/// How long a set waits for its template.
const PATIENCE_US: i64 = 300_000_000;
/// How often sets that waited too long are looked for.
const SWEEP_US: i64 = 10_000_000;
/// Bytes of sets that wait, over all domains.
const MOST_WAITING: usize = 16 << 20;

/// The header of a message.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub family: Family,
    pub domain: u32,
    pub sequence: u32,
    /// Where the sets begin, and where the message says it ends.
    start: usize,
    end: usize,
    clock: Clock,
}

impl Header {
    pub fn read_v9(data: &[u8]) -> Option<Self> {
        Some(Self {
            family: Family::NetFlow,
            domain: be32(data, 16)?,
            sequence: be32(data, 12)?,
            start: V9_HEADER,
            end: data.len(),
            clock: Clock {
                export_us: i64::from(be32(data, 8)?) * 1_000_000,
                uptime: Uptime::At(be32(data, 4)?),
            },
        })
    }

    pub fn read_ipfix(data: &[u8]) -> Option<Self> {
        let end = usize::from(be16(data, 2)?);
        Some(Self {
            family: Family::Ipfix,
            domain: be32(data, 12)?,
            sequence: be32(data, 8)?,
            start: IPFIX_HEADER,
            end,
            clock: Clock {
                export_us: i64::from(be32(data, 4)?) * 1_000_000,
                uptime: Uptime::Unknown,
            },
        })
        .filter(|header| header.end >= IPFIX_HEADER)
    }

    pub fn protocol(&self) -> Protocol {
        match self.family {
            Family::NetFlow => Protocol::NetFlow9,
            Family::Ipfix => Protocol::Ipfix,
        }
    }

    fn context(&self, export: &Export) -> Context {
        Context {
            kind: self.protocol() as i8,
            exporter: export.exporter,
            domain: i64::from(self.domain),
            clock: self.clock,
            sampling: None,
            base: export.base,
            number: 0,
            received_us: export.received_us,
        }
    }

    /// Reads the sets; the number of data records, when all of them could be counted.
    pub fn read_sets(&self, export: &Export, domain: &mut Domain, out: &mut Output) -> Option<u32> {
        let end = self.end.min(export.data.len());
        let mut message = Message { header: *self, export, domain, out, records: Some(0) };
        message.expire();
        message.read(end);
        message.records
    }
}

/// A message being read.
struct Message<'a, 'b> {
    header: Header,
    export: &'a Export<'b>,
    domain: &'a mut Domain,
    out: &'a mut Output,
    /// Data records, until there is a set whose records cannot be counted.
    records: Option<u32>,
}

impl Message<'_, '_> {
    fn read(&mut self, end: usize) {
        let mut at = self.header.start;
        while end.saturating_sub(at) >= SET_HEADER {
            let (id, length) = self.set_header(at);
            if length < SET_HEADER {
                return self.damage(at, "set_length");
            }
            let body = &self.export.data[at + SET_HEADER..end.min(at + length)];
            self.read_set(id, body, at + SET_HEADER);
            at += length;
        }
        if at > end || end < self.header.end {
            self.damage(end, "message_cut");
        }
    }

    fn set_header(&self, at: usize) -> (u16, usize) {
        let word = |at| be16(self.export.data, at).unwrap_or(0);
        (word(at), usize::from(word(at + 2)))
    }

    fn damage(&mut self, at: usize, reason: &str) {
        self.records = None;
        let data = self.export.data.get(at..).unwrap_or_default();
        self.out.malformed(self.export, at, reason, data);
    }

    fn read_set(&mut self, id: u16, body: &[u8], at: usize) {
        match (self.header.family, id) {
            (Family::NetFlow, 0) | (Family::Ipfix, 2) => self.read_templates(body, at, false),
            (Family::NetFlow, 1) | (Family::Ipfix, 3) => self.read_templates(body, at, true),
            (_, FIRST_DATA..) => self.read_data(id, body, at),
            _ => self.damage(at, "set_id"),
        }
    }

    fn read_templates(&mut self, body: &[u8], at: usize, options: bool) {
        let mut next = 0;
        while let (Some(id), Some(count)) = (be16(body, next), be16(body, next + 2)) {
            if id == 0 && count == 0 {
                return; // padding
            }
            if self.header.family == Family::Ipfix && count == 0 {
                self.withdraw(id);
                next += 4;
                continue;
            }
            let read = if options {
                self.options_template(body, next)
            } else if self.header.family == Family::Ipfix {
                Template::read_ipfix(body, next + 4, usize::from(count), 0)
            } else {
                Template::read_v9(body, next + 4, usize::from(count), 0)
            };
            let usable = |template: &Template| id >= FIRST_DATA && template.least_length() > 0;
            let Some((template, end)) = read.filter(|(template, _)| usable(template)) else {
                return self.damage(at + next, "template");
            };
            self.out.report.count(Outcome::Template, 1);
            self.learn(id, template);
            next = end;
        }
    }

    /// Lengths are in bytes in NetFlow v9 (RFC 3954, 6.1), in fields in IPFIX (RFC 7011, 3.4.2.2).
    fn options_template(&self, body: &[u8], at: usize) -> Option<(Template, usize)> {
        let (one, two) = (usize::from(be16(body, at + 2)?), usize::from(be16(body, at + 4)?));
        match self.header.family {
            Family::NetFlow => {
                let (scopes, count) = (one / 4, (one + two) / 4);
                Template::read_v9(body, at + 6, count, scopes.max(1))
            }
            Family::Ipfix if (1..=one).contains(&two) => {
                Template::read_ipfix(body, at + 6, one, two)
            }
            Family::Ipfix => None,
        }
    }

    /// RFC 7011, 8.1: of one template, or of all of a kind.
    fn withdraw(&mut self, id: u16) {
        self.out.report.count(Outcome::Template, 1);
        let before = self.domain.fields();
        match id {
            2 => self.domain.plans.retain(|_, plan| plan.is_options()),
            3 => self.domain.plans.retain(|_, plan| !plan.is_options()),
            _ => {
                self.domain.plans.remove(&id);
            }
        }
        self.out.fields -= before - self.domain.fields();
    }

    fn learn(&mut self, id: u16, template: Template) {
        let plans = &mut self.domain.plans;
        let known = plans.get(&id);
        if known.is_some_and(|plan| plan.template == template) {
            return;
        }
        let before = known.map_or(0, |plan| plan.template.fields.len());
        let fields = self.out.fields - before + template.fields.len();
        if fields > MOST_FIELDS || (known.is_none() && plans.len() >= MOST_TEMPLATES) {
            return self.out.report.note(Note::TooManyTemplates, 1);
        }
        self.out.fields = fields;
        plans.insert(id, Arc::new(Plan::new(template)));
        self.release(id);
    }

    /// Reads the sets that waited for a template.
    fn release(&mut self, id: u16) {
        for set in self.domain.waiting.remove(&id).unwrap_or_default() {
            self.out.waiting -= set.size();
            self.out.report.note(Note::Waited, 1);
            if let Some(plan) = self.domain.plans.get(&id).cloned() {
                self.read_records(&plan, &set.body, set.at, &set.context);
            }
        }
    }

    fn read_data(&mut self, id: u16, body: &[u8], at: usize) {
        let context = self.header.context(self.export);
        let Some(plan) = self.domain.plans.get(&id).cloned() else {
            self.records = None;
            return self.wait(id, Waiting { body: body.to_vec(), at, context });
        };
        let read = self.read_records(&plan, body, at, &context);
        self.records = self.records.map(|records| records.wrapping_add(read));
    }

    fn wait(&mut self, id: u16, set: Waiting) {
        if self.out.waiting + set.size() > MOST_WAITING {
            return self.out.give_up(&mut self.domain.stream);
        }
        self.out.waiting += set.size();
        self.domain.waiting.entry(id).or_default().push(set);
    }

    /// Gives up sets that have waited too long; looks for them now and then.
    fn expire(&mut self) {
        let now = self.export.received_us;
        if now.saturating_sub(self.domain.swept_us) < SWEEP_US {
            return;
        }
        self.domain.swept_us = now;
        let (out, stream) = (&mut *self.out, &mut self.domain.stream);
        for sets in self.domain.waiting.values_mut() {
            sets.retain(|set| {
                let young = now.saturating_sub(set.context.received_us) <= PATIENCE_US;
                if !young {
                    out.waiting -= set.size();
                    out.give_up(stream);
                }
                young
            });
        }
        self.domain.waiting.retain(|_, sets| !sets.is_empty());
    }

    /// Reads the records of a set; their number.
    fn read_records(&mut self, plan: &Plan, body: &[u8], at: usize, context: &Context) -> u32 {
        if let Some(stride) = plan.fixed {
            let count = body.len() / stride;
            let records = Records { body, stride, count, places: &plan.places, at };
            self.take(plan, &records, context);
            return count as u32;
        }
        let (mut next, mut count) = (0, 0);
        let mut places = Vec::new();
        while body.len() - next >= plan.least {
            let Some(stride) = plan.template.measure(&body[next..], &mut places) else {
                self.damage(at + next, "record_cut");
                break;
            };
            let body = &body[next..next + stride];
            let records = Records { body, stride, count: 1, places: &places, at: at + next };
            self.take(plan, &records, context);
            next += stride;
            count += 1;
        }
        count
    }

    fn take(&mut self, plan: &Plan, records: &Records, context: &Context) {
        if plan.is_options() {
            self.out.report.count(Outcome::Options, records.count as u64);
            for index in 0..records.count {
                self.learn_options(plan, &records.record(index));
            }
        } else if plan.has_addresses() {
            let boot = self.domain.boot_us.filter(|_| context.clock.uptime == Uptime::Unknown);
            let uptime = boot.map_or(context.clock.uptime, Uptime::Since);
            let clock = Clock { uptime, ..context.clock };
            self.out.fill(plan, records, &Context { clock, ..*context }, self.domain);
        } else {
            self.out.report.count(Outcome::NotFlow, records.count as u64);
        }
    }

    fn learn_options(&mut self, plan: &Plan, record: &Records) {
        self.domain.samplers.learn(&plan.uses.sampling, record);
        if let Some(field) = plan.uses.times.boot {
            let boot = i64::try_from(record.number(field)).unwrap_or(0).saturating_mul(1000);
            self.domain.boot_us = Some(boot).filter(|boot| *boot > 0);
        }
        let scope = plan.template.fields.iter().position(|field| field.id == ie::APPLICATION_ID);
        if let (Some(id), Some(name)) = (scope, plan.uses.app) {
            self.domain.apps.learn(record.first(id), ext::name(record.first(name)));
        }
    }
}
