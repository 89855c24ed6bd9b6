//! From flows to aggregates: addresses first or services first, each split by the other.

use crate::lattice::{Found, Kind, Pairs, search};
use crate::services::{ANY, KNOWN, Service, key, merged};
use crate::threshold::{Count, Threshold};
use crate::word::Word;

const V4_HIGH: u128 = 0xffff;
/// Parts of an aggregate must carry so many times the share that aggregates must.
const STRICTER: u64 = 4;

/// What was sent from one address to another; IPv4 as IPv4-mapped IPv6.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    pub src: u128,
    pub dst: u128,
    pub proto: u8,
    pub sport: u16,
    pub dport: u16,
    pub count: Count,
}

/// Which question comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    Address,
    Service,
}

/// The leading `length` bits of a key: of an IPv4 address (32), an IPv6 one (128), or of
/// protocol and port (24), always left-aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prefix {
    pub bits: u128,
    pub length: u8,
}

/// A pair of prefixes of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    V4(Prefix, Prefix),
    V6(Prefix, Prefix),
    Service(Prefix, Prefix),
}

/// A heavy pair, what it carries, and how that splits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    pub part: Part,
    pub count: Count,
    pub parts: Vec<(Part, Count)>,
}

/// The aggregates of `flows` that carry `percent` of all octets or packets, the biggest
/// first; what is left over is the pair of two empty prefixes.
pub fn hierarchy(flows: &[Flow], percent: u64, axis: Axis) -> Vec<Aggregate> {
    let mut total = Count::default();
    for flow in flows {
        total += flow.count;
    }
    if total.octets == 0 {
        return Vec::new();
    }
    let threshold = Threshold::of(total, percent, 1);
    let mut found = match axis {
        Axis::Address => by_address(flows, percent, threshold),
        Axis::Service => by_service(flows, percent, threshold),
    };
    found.sort_by(|a, b| order((a.part, a.count), (b.part, b.count), total));
    for aggregate in &mut found {
        let whole = aggregate.count;
        aggregate.parts.sort_by(|a, b| order(*a, *b, whole));
    }
    found
}

/// Octets, or packets in octets of the mean packet, whichever is more; then the part itself.
fn order(a: (Part, Count), b: (Part, Count), total: Count) -> std::cmp::Ordering {
    let weight = |count: Count| {
        let packets = u128::from(count.packets) * u128::from(total.octets);
        count.octets.max((packets / u128::from(total.packets.max(1))) as u64)
    };
    weight(b.1).cmp(&weight(a.1)).then(a.0.cmp(&b.0))
}

fn is_v4(address: u128) -> bool {
    address >> 32 == V4_HIGH
}

fn prefix<W: Word>((word, length): (W, u8)) -> Prefix {
    Prefix { bits: word.wide(), length }
}

fn by_address(flows: &[Flow], percent: u64, threshold: Threshold) -> Vec<Aggregate> {
    let rows = 0..flows.len() as u32;
    let (old, new): (Vec<u32>, Vec<u32>) = rows.partition(|row| {
        let flow = &flows[*row as usize];
        is_v4(flow.src) && is_v4(flow.dst)
    });
    let mut found = of_version(flows, &old, Kind::V4, percent, threshold, |a| a as u32);
    found.extend(of_version(flows, &new, Kind::V6, percent, threshold, |a| a));
    found
}

fn of_version<W: Word>(
    flows: &[Flow],
    rows: &[u32],
    kind: Kind,
    percent: u64,
    threshold: Threshold,
    narrow: impl Fn(u128) -> W,
) -> Vec<Aggregate> {
    let mut sorted: Vec<(W, W, u32)> = rows
        .iter()
        .map(|row| (narrow(flows[*row as usize].src), narrow(flows[*row as usize].dst), *row))
        .collect();
    sorted.sort_unstable();
    let mut pairs = Pairs::with_capacity(sorted.len());
    let mut starts: Vec<u32> = Vec::with_capacity(sorted.len() + 1);
    for (n, (src, dst, row)) in sorted.iter().enumerate() {
        if pairs.src.last() != Some(src) || pairs.dst.last() != Some(dst) {
            pairs.src.push(*src);
            pairs.dst.push(*dst);
            pairs.counts.push(Count::default());
            starts.push(n as u32);
        }
        if let Some(count) = pairs.counts.last_mut() {
            *count += flows[*row as usize].count;
        }
    }
    starts.push(sorted.len() as u32);
    let order: Vec<u32> = sorted.into_iter().map(|(_, _, row)| row).collect();
    let part = |found: &Found<W>| match kind {
        Kind::V4 => Part::V4(prefix(found.src), prefix(found.dst)),
        _ => Part::V6(prefix(found.src), prefix(found.dst)),
    };
    search(&pairs, kind, threshold)
        .iter()
        .map(|found| {
            let members = found.rows.iter().map(|pair| {
                let (from, to) = (starts[*pair as usize], starts[*pair as usize + 1]);
                &order[from as usize..to as usize]
            });
            let parts = services(flows, members, found.count, percent);
            Aggregate { part: part(found), count: found.count, parts }
        })
        .collect()
}

fn service(flow: &Flow) -> Service {
    let (src, dst) = (key(flow.proto, flow.sport), key(flow.proto, flow.dport));
    Service { src, dst, lengths: (KNOWN, KNOWN), count: flow.count }
}

/// The services that carry much of an aggregate; `members` are the rows of each pair in it.
fn services<'a>(
    flows: &[Flow],
    members: impl Iterator<Item = &'a [u32]>,
    total: Count,
    percent: u64,
) -> Vec<(Part, Count)> {
    let mut pairs = Pairs::<u32>::with_capacity(0);
    let mut lengths = Vec::new();
    let mut shortened = false;
    let mut add = |one: Service| {
        pairs.src.push(one.src);
        pairs.dst.push(one.dst);
        pairs.counts.push(one.count);
        lengths.push(one.lengths);
        shortened |= one.lengths != (KNOWN, KNOWN);
    };
    for rows in members {
        let arrivals = rows.iter().map(|row| service(&flows[*row as usize]));
        match merged_if_many(rows.len(), arrivals.clone()) {
            Some(list) => list.into_iter().for_each(&mut add),
            None => arrivals.for_each(&mut add),
        }
    }
    pairs.lengths = shortened.then_some(lengths);
    search(&pairs, Kind::Service, Threshold::of(total, percent, STRICTER))
        .iter()
        .map(|found| (service_part(found), found.count))
        .collect()
}

fn merged_if_many(
    rows: usize,
    arrivals: impl Iterator<Item = Service> + Clone,
) -> Option<Vec<Service>> {
    if rows > 1000 { merged(arrivals) } else { None }
}

fn service_part(found: &Found<u32>) -> Part {
    debug_assert!([ANY, KNOWN].contains(&found.src.1));
    Part::Service(prefix(found.src), prefix(found.dst))
}

fn by_service(flows: &[Flow], percent: u64, threshold: Threshold) -> Vec<Aggregate> {
    let mut pairs = Pairs::<u32>::with_capacity(flows.len());
    for one in flows.iter().map(service) {
        pairs.src.push(one.src);
        pairs.dst.push(one.dst);
        pairs.counts.push(one.count);
    }
    search(&pairs, Kind::Service, threshold)
        .iter()
        .map(|found| Aggregate {
            part: service_part(found),
            count: found.count,
            parts: addresses(flows, &found.rows, found.count, percent),
        })
        .collect()
}

fn addresses(flows: &[Flow], rows: &[u32], total: Count, percent: u64) -> Vec<(Part, Count)> {
    let own: Vec<Flow> = rows.iter().map(|row| flows[*row as usize]).collect();
    let threshold = Threshold::of(total, percent, STRICTER);
    let mut pairs = (Pairs::<u32>::with_capacity(own.len()), Pairs::<u128>::with_capacity(0));
    for flow in &own {
        if is_v4(flow.src) && is_v4(flow.dst) {
            pairs.0.src.push(flow.src as u32);
            pairs.0.dst.push(flow.dst as u32);
            pairs.0.counts.push(flow.count);
        } else {
            pairs.1.src.push(flow.src);
            pairs.1.dst.push(flow.dst);
            pairs.1.counts.push(flow.count);
        }
    }
    let old = search(&pairs.0, Kind::V4, threshold);
    let new = search(&pairs.1, Kind::V6, threshold);
    let old = old.iter().map(|f| (Part::V4(prefix(f.src), prefix(f.dst)), f.count));
    let new = new.iter().map(|f| (Part::V6(prefix(f.src), prefix(f.dst)), f.count));
    old.chain(new).collect()
}
