//! What a row keeps of the records of a message.

use crate::message::edns::{Edns, OPT, Subnet};
use crate::message::{Message, Section, rdata};
use crate::rows::{Block, Row};

/// Bytes of text kept of one message: compressed names could make much of little.
const MOST_TEXT: usize = 256 << 10;

/// What the OPT record said, and whether the records are whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extensions {
    pub rcode: u8,
    pub dnssec_ok: bool,
    pub subnet: Option<Subnet>,
    pub damaged: bool,
}

/// What a response adds to a row.
#[derive(Clone, Copy, Debug)]
pub struct Reply {
    pub edns: Extensions,
    rcode: u16,
    counts: [u16; 3],
    min_ttl: i64,
    /// Answers kept: the first in the block, and how many.
    first: u32,
    answers: u16,
}

impl Extensions {
    fn take(&mut self, edns: &Edns) {
        self.rcode = edns.rcode;
        self.dnssec_ok = edns.dnssec_ok;
        self.subnet = edns.client_subnet();
    }
}

/// The OPT record of a query.
#[inline]
pub fn edns_of(message: &Message) -> Extensions {
    let mut found = Extensions::default();
    for record in message.records() {
        match record {
            Ok(record) if record.kind == OPT => found.take(&Edns::of(&record)),
            Ok(_) => {}
            Err(_) => found.damaged = true,
        }
    }
    found
}

/// Reads a response; texts of its answers go to `block`.
pub fn read(message: &Message, block: &mut Block) -> Reply {
    let header = message.header;
    let begin = block.answers.text.len();
    let mut reply = Reply {
        edns: Extensions::default(),
        rcode: u16::from(header.rcode()),
        counts: [header.answers, header.authorities, header.additionals],
        min_ttl: -1,
        first: block.answers.len() as u32,
        answers: 0,
    };
    for record in message.records() {
        let Ok(record) = record else {
            reply.edns.damaged = true;
            break;
        };
        if record.section == Section::Answer {
            let ttl = i64::from(record.ttl);
            reply.min_ttl = if reply.min_ttl < 0 { ttl } else { reply.min_ttl.min(ttl) };
            if block.answers.text.len() - begin < MOST_TEXT {
                rdata::write(message.data, &record, &mut block.answers.text);
                block.answers.end(record.kind);
                reply.answers += 1;
            }
        } else if record.kind == OPT {
            reply.edns.take(&Edns::of(&record));
        }
    }
    reply.rcode |= u16::from(reply.edns.rcode) << 4;
    reply
}

impl Reply {
    pub fn fill(&self, row: &mut Row) {
        row.rcode = self.rcode;
        row.counts = self.counts;
        row.min_ttl = self.min_ttl;
        row.first_answer = self.first;
        row.answers = self.answers;
    }
}
