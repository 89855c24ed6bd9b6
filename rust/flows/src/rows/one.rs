//! Rows that come one at a time: sampled packets, flows of packets.

use super::{FlowRows, signed_words};

/// One row; addresses as 128 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub ts: i64,
    /// Index in [`super::KINDS`].
    pub kind: i8,
    pub row_in_src: i64,
    pub src: u128,
    pub dst: u128,
    pub sport: u16,
    pub dport: u16,
    pub proto: u8,
    pub tcp_bits: u16,
    pub packets: i64,
    pub octets: i64,
    pub dur_us: i64,
    pub sampling: i32,
    pub in_if: Option<i32>,
    pub out_if: Option<i32>,
    pub src_as: Option<i64>,
    pub dst_as: Option<i64>,
    pub exporter: u128,
    pub obs_domain: i64,
    pub vlan: Option<i32>,
}

impl FlowRows {
    pub fn push(&mut self, row: &Row) {
        let (src, dst) = (signed_words(row.src), signed_words(row.dst));
        let exporter = signed_words(row.exporter);
        self.ts.push(row.ts);
        self.kind.push(row.kind);
        self.row_in_src.push(row.row_in_src);
        self.src_hi.push(src.0);
        self.src_lo.push(src.1);
        self.dst_hi.push(dst.0);
        self.dst_lo.push(dst.1);
        self.sport.push(i32::from(row.sport));
        self.dport.push(i32::from(row.dport));
        self.proto.push(i16::from(row.proto));
        self.tcp_bits.push(row.tcp_bits as i16);
        self.packets.push(row.packets);
        self.octets.push(row.octets);
        self.dur_us.push(row.dur_us);
        self.sampling.push(row.sampling);
        self.packets_rev.push(0);
        self.octets_rev.push(0);
        self.direction.repeat(None, 1);
        self.app.skip(1);
        self.in_if.repeat(row.in_if, 1);
        self.out_if.repeat(row.out_if, 1);
        self.src_as.repeat(row.src_as, 1);
        self.dst_as.repeat(row.dst_as, 1);
        self.exporter_hi.push(exporter.0);
        self.exporter_lo.push(exporter.1);
        self.obs_domain.push(row.obs_domain);
        self.vlan.repeat(row.vlan, 1);
    }
}
