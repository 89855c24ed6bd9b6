//! Services of one pair of addresses, and how agurim shortens a list that grows too long.
//!
//! A port scan gives a pair of addresses a service for every port. Where there are more than
//! a thousand, those that share protocol and source port, or protocol and destination port,
//! or the protocol alone, are merged as they arrive (agurim, `odproto_quickmerge`). What is
//! merged depends on the order of arrival; pairs with fewer services are not touched.

use std::collections::HashMap;

use crate::threshold::Count;
use crate::word::Mixed;

const MOST: usize = 1000;
/// Lengths of a service whose port on that side is known, and of one where it is not.
pub const KNOWN: u8 = 24;
pub const ANY: u8 = 8;

/// Protocol and port of each side, left-aligned, with lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    pub src: u32,
    pub dst: u32,
    pub lengths: (u8, u8),
    pub count: Count,
}

pub fn key(proto: u8, port: u16) -> u32 {
    u32::from(proto) << 24 | u32::from(port) << 8
}

const PROTO: u32 = 0xff00_0000;

impl Service {
    fn with_lengths(&self, lengths: (u8, u8)) -> Self {
        let cut = |word: u32, length: u8| if length == KNOWN { word } else { word & PROTO };
        let (src, dst) = (cut(self.src, lengths.0), cut(self.dst, lengths.1));
        Self { src, dst, lengths, count: Count::default() }
    }

    fn covers(&self, other: &Self) -> bool {
        other.lengths.0 >= self.lengths.0
            && other.lengths.1 >= self.lengths.1
            && other.with_lengths(self.lengths) == self.with_lengths(self.lengths)
    }

    fn span(&self) -> u8 {
        self.lengths.0 + self.lengths.1
    }
}

/// The services of one pair as agurim holds them after `arrivals`; `None` where there are so
/// few that nothing was merged.
pub fn merged(arrivals: impl Iterator<Item = Service> + Clone) -> Option<Vec<Service>> {
    let mut distinct = std::collections::HashSet::<(u32, u32), Mixed>::default();
    distinct.extend(arrivals.clone().map(|one| (one.src, one.dst)));
    if distinct.len() <= MOST {
        return None;
    }
    let mut list = List::default();
    for one in arrivals {
        list.add(&one);
    }
    Some(list.whole.into_values().chain(list.wild).collect())
}

#[derive(Default)]
struct List {
    whole: HashMap<(u32, u32), Service, Mixed>,
    /// In the order in which they are looked at.
    wild: Vec<Service>,
}

impl List {
    fn add(&mut self, one: &Service) {
        if let Some(known) = self.whole.get_mut(&(one.src, one.dst)) {
            known.count += one.count;
            return;
        }
        if let Some(cover) = self.wild.iter_mut().find(|wild| wild.covers(one)) {
            cover.count += one.count;
            return;
        }
        if self.whole.len() + self.wild.len() >= MOST {
            self.merge(one);
        } else {
            self.whole.insert((one.src, one.dst), *one);
        }
    }

    /// Replaces all that the best wildcard around `one` covers by it, `one` included.
    fn merge(&mut self, one: &Service) {
        let mut wild = [(KNOWN, ANY), (ANY, KNOWN), (ANY, ANY)].map(|l| one.with_lengths(l));
        for each in self.whole.values().chain(&self.wild) {
            for cover in wild.iter_mut().filter(|cover| cover.covers(each)) {
                cover.count += each.count;
            }
        }
        let mut best = usize::from(wild[0].count.packets < wild[1].count.packets);
        if wild[best].count.packets < wild[2].count.packets / 2 {
            best = 2;
        }
        let mut cover = wild[best];
        self.whole.retain(|_, each| !cover.covers(each));
        self.wild.retain(|each| !cover.covers(each));
        cover.count += one.count;
        let place = self.wild.iter().rposition(|each| each.span() >= cover.span());
        self.wild.insert(place.map_or(0, |last| last + 1), cover);
    }
}

#[cfg(test)]
mod tests {
    use super::{ANY, KNOWN, Service, key, merged};
    use crate::threshold::Count;

    fn service(sport: u16, dport: u16) -> Service {
        let count = Count { octets: 40, packets: 1 };
        Service { src: key(6, sport), dst: key(6, dport), lengths: (KNOWN, KNOWN), count }
    }

    #[test]
    fn a_thousand_services_stay() {
        assert!(merged((0..1000).map(|port| service(4000, port))).is_none());
    }

    #[test]
    fn a_scan_from_one_port_becomes_one_entry() {
        let list = merged((0..1500).map(|port| service(4000, port))).unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!((list[0].src, list[0].lengths), (key(6, 4000), (KNOWN, ANY)));
        assert_eq!(list[0].count, Count { octets: 60_000, packets: 1500 });
    }

    #[test]
    fn ports_that_nothing_shares_become_the_protocol() {
        let list = merged((0..1001).map(|port| service(port, port))).unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].lengths, (ANY, ANY));
        assert_eq!(list[0].count.packets, 1001);
    }
}
