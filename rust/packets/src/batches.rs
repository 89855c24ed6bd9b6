//! Gathering of rows into batches.

use std::collections::VecDeque;

use arrow_array::RecordBatch;

use crate::flowtuple::{SortRoom, aggregate};
use crate::minute::Minute;
use crate::rows::{FlowRows, Labels, PacketRows, Pools, attack_batch};
use crate::rsdos::Attack;

/// A batch and the table that it belongs to.
pub type TableBatch = (&'static str, RecordBatch);

/// Gathers rows into batches.
pub struct Batches {
    labels: Labels,
    /// Rows from which on a batch is given out.
    target: usize,
    pools: Pools,
    flows: FlowRows,
    attacks: Vec<Attack>,
    order: SortRoom,
    ready: VecDeque<TableBatch>,
}

impl Batches {
    #[must_use]
    pub fn new(labels: Labels, target: usize) -> Self {
        let pools = Pools::default();
        let flows = FlowRows::new(&pools, target);
        Self {
            labels,
            target,
            pools,
            flows,
            attacks: Vec::new(),
            order: SortRoom::default(),
            ready: VecDeque::new(),
        }
    }

    #[must_use]
    pub fn target(&self) -> usize {
        self.target
    }

    /// Adds the flowtuples of a minute.
    pub fn add(&mut self, minute: &Minute) {
        aggregate(minute, &mut self.order, &mut self.flows);
        if self.flows.len() >= self.target {
            self.flush_flows();
        }
    }

    /// Adds a batch of packet rows.
    pub fn add_packets(&mut self, packets: Option<PacketRows>) {
        if let Some(packets) = packets {
            self.ready.push_back(("packets", packets.into_batch(&self.labels)));
        }
    }

    /// Adds attacks.
    pub fn add_attacks(&mut self, attacks: Vec<Attack>) {
        self.attacks.extend(attacks);
        if self.attacks.len() >= self.target {
            self.flush_attacks();
        }
    }

    fn flush_attacks(&mut self) {
        let attacks = std::mem::take(&mut self.attacks);
        self.ready.push_back(("rsdos", attack_batch(&attacks, &self.labels, &self.pools)));
    }

    /// Makes batches of what was gathered.
    pub fn flush(&mut self) {
        if !self.attacks.is_empty() {
            self.flush_attacks();
        }
        self.flush_flows();
    }

    fn flush_flows(&mut self) {
        if !self.flows.is_empty() {
            let next = FlowRows::new(&self.pools, self.target);
            let rows = std::mem::replace(&mut self.flows, next);
            self.ready.push_back(("flowtuples", rows.into_batch(&self.labels)));
        }
    }

    /// Whether no batch is ready.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    /// A batch that is ready.
    pub fn pop(&mut self) -> Option<TableBatch> {
        self.ready.pop_front()
    }
}
