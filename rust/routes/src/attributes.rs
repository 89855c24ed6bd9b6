//! Path attributes of BGP (RFC 4271, section 4.3, and the documents named below).

use std::fmt::Write;

use crate::communities;
use crate::context::Form;
use crate::path::Path;
use crate::prefix::{self, Listed};
use crate::wire::{Cursor, Family};

/// The AS number that stands for one that does not fit two bytes (RFC 6793).
const AS_TRANS: u32 = 23_456;
const EXTENDED_LENGTH: u8 = 0x10;
const ORIGINS: [&str; 3] = ["IGP", "EGP", "INCOMPLETE"];

/// The attributes of an update, or of a route in a table.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    origin: Option<u8>,
    path: Path,
    as4_path: Option<Path>,
    aggregator: Option<u32>,
    as4_aggregator: bool,
    pub next_hop: u128,
    /// Next hop of the prefixes in MP_REACH_NLRI (RFC 4760).
    pub mp_next_hop: Option<u128>,
    med: Option<u32>,
    local_pref: Option<u32>,
    atomic: bool,
    pub communities: String,
    pub announced: Vec<Listed>,
    pub withdrawn: Vec<Listed>,
    /// MP attributes of other address families.
    pub other_families: u64,
    /// Attributes seen.
    pub many: usize,
}

impl Attributes {
    /// All attributes of `data`; none when one of them cannot be right.
    pub fn read(mut data: Cursor, form: Form) -> Option<Self> {
        let mut all = Self::default();
        while !data.is_empty() {
            let (flags, kind) = (data.u8()?, data.u8()?);
            let long = flags & EXTENDED_LENGTH != 0;
            let length = if long { data.u16()?.into() } else { data.u8()?.into() };
            all.take(kind, data.take(length)?, form)?;
            all.many += 1;
        }
        all.merge_as4();
        Some(all)
    }

    fn take(&mut self, kind: u8, value: &[u8], form: Form) -> Option<()> {
        let mut data = Cursor::new(value);
        match kind {
            1 => self.origin = Some(data.u8()?),
            2 => self.path = Path::read(value, form.wide)?,
            3 => self.next_hop = communities::next_hop(value)?,
            4 => self.med = Some(data.u32()?),
            5 => self.local_pref = Some(data.u32()?),
            6 => self.atomic = true,
            7 => self.aggregator = data.asn(value.len() == 8),
            8 => communities::standard(value, &mut self.communities)?,
            14 => self.reach(data, form)?,
            15 => self.unreach(data, form)?,
            16 => communities::extended(value, &mut self.communities)?,
            18 => self.as4_aggregator = true,
            17 => self.as4_path = Some(Path::read(value, true)?),
            32 => communities::large(value, &mut self.communities)?,
            _ => {}
        }
        Some(())
    }

    /// MP_REACH_NLRI. In TABLE_DUMP_V2 it is cut down to the next hop (RFC 6396, 4.3.4):
    /// there the first byte is a length, here it is the high byte of a small number.
    fn reach(&mut self, mut data: Cursor, form: Form) -> Option<()> {
        if data.rest().first().is_some_and(|first| *first != 0) {
            let length = data.u8()?.into();
            self.mp_next_hop = communities::next_hop(data.take(length)?);
            return Some(());
        }
        let (afi, safi, length) = (data.u16()?, data.u8()?, data.u8()?);
        let hop = data.take(length.into())?;
        data.u8()?;
        let Some(family) = family(afi, safi) else {
            self.other_families += 1;
            return Some(());
        };
        self.mp_next_hop = communities::next_hop(hop);
        prefix::list(data, family, form.add_path, &mut self.announced)
    }

    /// MP_UNREACH_NLRI.
    fn unreach(&mut self, mut data: Cursor, form: Form) -> Option<()> {
        let Some(family) = family(data.u16()?, data.u8()?) else {
            self.other_families += 1;
            return Some(());
        };
        prefix::list(data, family, form.add_path, &mut self.withdrawn)
    }

    /// Four-octet numbers are believed unless AGGREGATOR, beside AS4_AGGREGATOR, says that a
    /// speaker which knew two-octet ones only made the route anew (RFC 6793, 4.2.3).
    fn merge_as4(&mut self) {
        let anew = self.as4_aggregator && self.aggregator.is_some_and(|asn| asn != AS_TRANS);
        if let Some(four) = self.as4_path.take().filter(|_| !anew) {
            self.path = std::mem::take(&mut self.path).merged(four);
        }
    }

    /// What the rows of these attributes say in text.
    pub fn texts(&self) -> Texts {
        let mut path = String::new();
        self.path.write(&mut path);
        Texts {
            path,
            path_len: i32::try_from(self.path.length()).unwrap_or(i32::MAX),
            origin_as: self.path.origin(),
            extra: self.extra(),
        }
    }

    /// Members of the JSON object of `ext`, without its braces.
    fn extra(&self) -> String {
        let mut out = String::new();
        let mut number = |name: &str, value: Option<u32>| {
            if let Some(value) = value {
                // Writing to a string does not fail.
                let _ = write!(out, "\"{name}\":{value},");
            }
        };
        number("med", self.med);
        number("local_pref", self.local_pref);
        number("aggregator", self.aggregator);
        if let Some(name) = self.origin.and_then(|code| ORIGINS.get(usize::from(code))) {
            let _ = write!(out, "\"origin\":\"{name}\",");
        }
        if self.atomic {
            out.push_str("\"atomic_aggregate\":true,");
        }
        out.pop();
        out
    }
}

/// Texts that all rows of the same attributes share.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    pub path: String,
    pub path_len: i32,
    pub origin_as: Option<u32>,
    pub extra: String,
}

/// The family of unicast and multicast routes.
fn family(afi: u16, safi: u8) -> Option<Family> {
    if matches!(safi, 1 | 2) { Family::of(afi) } else { None }
}
