//! How many packets were looked at: what exporters tell in options and in records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::SamplingFields;
use crate::records::Records;

/// Samplers that one exporter may tell of.
const MOST_SAMPLERS: usize = 4096;

/// What an observation domain told of its sampling.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Samplers {
    /// One of how many packets, where a record names no sampler.
    default: Option<i32>,
    by_id: BTreeMap<u64, i32>,
}

impl Samplers {
    /// Takes a record of options.
    pub fn learn(&mut self, fields: &SamplingFields, record: &Records) {
        let Some(rate) = rate(fields, record) else { return };
        match fields.sampler.map(|field| record.number(field)) {
            Some(id) if self.by_id.len() < MOST_SAMPLERS || self.by_id.contains_key(&id) => {
                self.by_id.insert(id, rate);
            }
            Some(_) => {}
            None => self.default = Some(rate),
        }
    }

    /// What holds for records that tell nothing themselves.
    #[must_use]
    pub fn default_rate(&self) -> i32 {
        // A lone sampler is that of the device.
        let lone = || self.by_id.values().next().filter(|_| self.by_id.len() == 1).copied();
        self.default.or_else(lone).unwrap_or(1)
    }

    /// What holds for one record.
    fn of(&self, fields: &SamplingFields, record: &Records) -> i32 {
        if let Some(rate) = rate(fields, record) {
            return rate;
        }
        let Some(field) = fields.sampler else { return self.default_rate() };
        let named = self.by_id.get(&record.number(field)).copied();
        named.or(self.default).unwrap_or(1)
    }

    /// Writes the sampling of every record.
    pub fn fill(&self, fields: &SamplingFields, records: &Records, out: &mut [i32]) {
        if *fields == SamplingFields::default() {
            return out.fill(self.default_rate());
        }
        for (index, slot) in out.iter_mut().enumerate() {
            *slot = self.of(fields, &records.record(index));
        }
    }
}

/// One of how many packets, as a record tells it; `None` when it tells nothing.
fn rate(fields: &SamplingFields, record: &Records) -> Option<i32> {
    let number = |field: Option<usize>| field.map(|field| record.number(field));
    let of_n = |part: u64, whole: u64| (part > 0).then(|| whole.div_ceil(part));
    let rate = match (number(fields.size), number(fields.population)) {
        (Some(size), Some(population)) => of_n(size, population),
        _ => None,
    };
    let skipping = || {
        let (taken, skipped) = (number(fields.taken)?, number(fields.skipped)?);
        of_n(taken, taken.saturating_add(skipped))
    };
    // Without the number of packets skipped this is "one of so many".
    let plain = || number(fields.interval).or_else(|| number(fields.taken));
    let rate = rate.or_else(skipping).or_else(plain).filter(|rate| *rate > 0)?;
    Some(i32::try_from(rate).unwrap_or(i32::MAX))
}
