//! NetFlow v5 and v7 (Cisco, "NetFlow Services Solutions Guide", tables B-3 to B-6):
//! records of one layout, so there is a template for each that nobody sends.

use std::sync::LazyLock;

use crate::decoder::Output;
use crate::domain::{Domain, Protocol};
use crate::element::{
    DESTINATION_AS, DESTINATION_IPV4, DESTINATION_PORT, FIRST_SWITCHED, INPUT, LAST_SWITCHED,
    OCTETS, OUTPUT, PACKETS, PADDING, PROTOCOL, SOURCE_AS, SOURCE_IPV4, SOURCE_PORT, TCP_BITS,
};
use crate::message::{Context, Export};
use crate::plan::Plan;
use crate::records::Records;
use crate::template::Template;
use crate::times::{Clock, Uptime};
use crate::wire::{be16, be32};

pub const HEADER: usize = 24;
/// Bytes of a record.
pub const V5_RECORD: usize = 48;
pub const V7_RECORD: usize = 52;

const COMMON: [(u16, u16); 11] = [
    (SOURCE_IPV4, 4),
    (DESTINATION_IPV4, 4),
    (PADDING, 4), // next hop
    (INPUT, 2),
    (OUTPUT, 2),
    (PACKETS, 4),
    (OCTETS, 4),
    (FIRST_SWITCHED, 4),
    (LAST_SWITCHED, 4),
    (SOURCE_PORT, 2),
    (DESTINATION_PORT, 2),
];
/// Flags, protocol, type of service, AS numbers; v7 ends with more flags and a router.
const V5: [(u16, u16); 7] = [
    (PADDING, 1),
    (TCP_BITS, 1),
    (PROTOCOL, 1),
    (PADDING, 1),
    (SOURCE_AS, 2),
    (DESTINATION_AS, 2),
    (PADDING, 4),
];

fn plan(behind: &[(u16, u16)]) -> Plan {
    let fields = [COMMON.as_slice(), &V5, behind].concat();
    Plan::new(Template::of(&fields))
}

static V5_PLAN: LazyLock<Plan> = LazyLock::new(|| plan(&[]));
static V7_PLAN: LazyLock<Plan> = LazyLock::new(|| plan(&[(PADDING, 4)]));

/// The header of a datagram.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub protocol: Protocol,
    pub domain: u32,
    pub sequence: u32,
    count: u16,
    clock: Clock,
    sampling: i32,
}

impl Header {
    pub fn read(data: &[u8], protocol: Protocol) -> Option<Self> {
        let word = |at| be32(data, at);
        let nanos = word(12)?.min(999_999_999);
        let export_us = i64::from(word(8)?) * 1_000_000 + i64::from(nanos / 1000);
        let v5 = protocol == Protocol::NetFlow5;
        // The upper two bits name the mode; exporters that sample do not all set them.
        let sampling = if v5 { be16(data, 22)? & 0x3fff } else { 0 };
        Some(Self {
            protocol,
            domain: if v5 { be16(data, 20)?.into() } else { 0 },
            sequence: word(16)?,
            count: be16(data, 2)?,
            clock: Clock { export_us, uptime: Uptime::At(word(4)?) },
            sampling: i32::from(sampling.max(1)),
        })
        .filter(|_| data.len() >= HEADER)
    }

    fn plan(&self) -> &'static Plan {
        if self.protocol == Protocol::NetFlow5 { &V5_PLAN } else { &V7_PLAN }
    }

    /// Reads the records, as many as are whole; their number when it is the stated one.
    pub fn read_records(
        &self,
        export: &Export,
        domain: &mut Domain,
        out: &mut Output,
    ) -> Option<u32> {
        let (plan, body) = (self.plan(), &export.data[HEADER..]);
        let stated = usize::from(self.count);
        let count = stated.min(body.len() / plan.least);
        let records = Records { body, stride: plan.least, count, places: &plan.places, at: HEADER };
        out.fill(plan, &records, &self.context(export), domain);
        if count < stated {
            out.malformed(export, 0, "record_count", export.data);
            return None;
        }
        Some(u32::from(self.count))
    }

    fn context(&self, export: &Export) -> Context {
        Context {
            kind: self.protocol as i8,
            exporter: export.exporter,
            domain: i64::from(self.domain),
            clock: self.clock,
            sampling: Some(self.sampling),
            base: export.base,
            number: 0,
            received_us: export.received_us,
        }
    }
}
