//! Networks of one address family, and which of them hold an address.
//!
//! Prefixes are nested or disjoint. So the line of addresses falls into pieces, each with
//! one innermost prefix: a binary search finds the piece, a walk up finds every prefix
//! around it (at most one for each length).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::owners::{NOBODY, OwnersBuilder};

/// An address as an unsigned integer.
pub trait Bits: Copy + Ord {
    /// Bits of an address.
    const WIDTH: u8;
    const ZERO: Self;
    /// The first address of the prefix of that length.
    fn first(self, length: u8) -> Self;
    /// The last address of the prefix of that length.
    fn last(self, length: u8) -> Self;
    fn next(self) -> Option<Self>;
    /// The number of zero bits at the end.
    fn zeros(self) -> u8;
    fn address(self) -> IpAddr;
}

macro_rules! bits {
    ($integer:ty, $address:ty, $kind:path) => {
        impl Bits for $integer {
            const WIDTH: u8 = <$integer>::BITS as u8;
            const ZERO: Self = 0;

            fn first(self, length: u8) -> Self {
                self & !(<$integer>::MAX.checked_shr(u32::from(length)).unwrap_or(0))
            }

            fn last(self, length: u8) -> Self {
                self | <$integer>::MAX.checked_shr(u32::from(length)).unwrap_or(0)
            }

            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }

            fn zeros(self) -> u8 {
                self.trailing_zeros() as u8
            }

            fn address(self) -> IpAddr {
                $kind(<$address>::from_bits(self))
            }
        }
    };
}

bits!(u32, Ipv4Addr, IpAddr::V4);
bits!(u128, Ipv6Addr, IpAddr::V6);

/// A prefix of either family; one of IPv4 inside IPv6 (`::ffff:0:0/96`) is one of IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    V4(u32, u8),
    V6(u128, u8),
}

impl Network {
    /// An address, or a prefix whose bits behind its length are zero.
    ///
    /// A zone (`fe80::1%eth0`) says where an address is meant and is left out.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(parse_length(length)?)),
            None => (text, None),
        };
        let address: IpAddr = address.split('%').next()?.parse().ok()?;
        let network = Self::of(address, length)?;
        network.is_aligned().then_some(network)
    }

    fn of(address: IpAddr, length: Option<u8>) -> Option<Self> {
        match address {
            IpAddr::V4(address) => {
                let length = length.unwrap_or(32);
                (length <= 32).then_some(Self::V4(address.to_bits(), length))
            }
            IpAddr::V6(address) => {
                let length = length.unwrap_or(128);
                match address.to_ipv4_mapped() {
                    Some(inner) if (96..=128).contains(&length) => {
                        Some(Self::V4(inner.to_bits(), length - 96))
                    }
                    _ => (length <= 128).then_some(Self::V6(address.to_bits(), length)),
                }
            }
        }
    }

    fn is_aligned(self) -> bool {
        match self {
            Self::V4(address, length) => address.first(length) == address,
            Self::V6(address, length) => address.first(length) == address,
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::V4(address, 32) => write!(out, "{}", address.address()),
            Self::V6(address, 128) => write!(out, "{}", address.address()),
            Self::V4(address, length) => write!(out, "{}/{length}", address.address()),
            Self::V6(address, length) => write!(out, "{}/{length}", address.address()),
        }
    }
}

fn parse_length(text: &str) -> Option<u8> {
    // "+8" and "008" are numbers to a parser of numbers, and no prefix lengths.
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (text.len() == 1 || !text.starts_with('0'))).then(|| text.parse().ok())?
}

/// The networks that an entry names: an address, a prefix, or a range "first-last".
pub fn networks_of(text: &str) -> Option<Vec<Network>> {
    if let Some(network) = Network::parse(text) {
        return Some(vec![network]);
    }
    let (first, last) = text.split_once('-')?;
    match (Network::parse(first.trim())?, Network::parse(last.trim())?) {
        (Network::V4(first, 32), Network::V4(last, 32)) => cover(first, last, Network::V4),
        (Network::V6(first, 128), Network::V6(last, 128)) => cover(first, last, Network::V6),
        _ => None,
    }
}

/// The fewest prefixes that are together the range.
fn cover<A: Bits>(first: A, last: A, make: fn(A, u8) -> Network) -> Option<Vec<Network>> {
    let mut found = Vec::new();
    let mut at = Some(first).filter(|first| *first <= last);
    while let Some(start) = at {
        let mut length = A::WIDTH - start.zeros().min(A::WIDTH);
        while start.last(length) > last {
            length += 1;
        }
        found.push(make(start, length));
        at = start.last(length).next().filter(|next| *next <= last);
    }
    (!found.is_empty()).then_some(found)
}

struct Node<A> {
    first: A,
    length: u8,
    around: u32,
    head: u32,
}

/// Prefixes of one family under construction: (first, length, rule).
pub struct NetworksBuilder<A> {
    given: Vec<(A, u8, u32)>,
}

impl<A> Default for NetworksBuilder<A> {
    fn default() -> Self {
        Self { given: Vec::new() }
    }
}

impl<A: Bits> NetworksBuilder<A> {
    pub fn add(&mut self, first: A, length: u8, rule: u32) {
        self.given.push((first, length, rule));
    }

    pub fn build(mut self, owners: &mut OwnersBuilder) -> Networks<A> {
        self.given.sort_unstable();
        let mut nodes: Vec<Node<A>> = Vec::new();
        for (first, length, rule) in self.given {
            match nodes.last_mut() {
                Some(last) if last.first == first && last.length == length => {
                    last.head = owners.join(last.head, rule);
                }
                _ => {
                    let head = owners.join(NOBODY, rule);
                    nodes.push(Node { first, length, around: NOBODY, head });
                }
            }
        }
        Pieces::of(nodes)
    }
}

/// The line of addresses, cut where the innermost prefix changes.
struct Pieces<A> {
    starts: Vec<A>,
    inside: Vec<u32>,
    open: Vec<(A, u32)>, // last address and place of each prefix that holds the present one
}

impl<A: Bits> Pieces<A> {
    fn of(mut nodes: Vec<Node<A>>) -> Networks<A> {
        let mut pieces = Self { starts: vec![A::ZERO], inside: vec![NOBODY], open: Vec::new() };
        for (place, node) in nodes.iter_mut().enumerate() {
            pieces.leave(Some(node.first));
            node.around = pieces.innermost();
            pieces.open.push((node.first.last(node.length), place as u32));
            pieces.cut(node.first);
        }
        pieces.leave(None);
        nodes.shrink_to_fit();
        Networks { nodes, starts: pieces.starts, inside: pieces.inside }
    }

    fn innermost(&self) -> u32 {
        self.open.last().map_or(NOBODY, |&(_, place)| place)
    }

    /// From `start` on the innermost prefix is the one opened last.
    fn cut(&mut self, start: A) {
        let inside = self.innermost();
        if self.starts.last() == Some(&start) {
            self.inside.pop();
            self.starts.pop();
        }
        self.starts.push(start);
        self.inside.push(inside);
    }

    /// Closes the prefixes that end before `first`; all, if there is no more.
    fn leave(&mut self, first: Option<A>) {
        while let Some(&(last, _)) = self.open.last() {
            if first.is_some_and(|first| last >= first) {
                return;
            }
            self.open.pop();
            if let Some(next) = last.next() {
                self.cut(next);
            }
        }
    }
}

/// Prefixes of one family.
pub struct Networks<A> {
    nodes: Vec<Node<A>>,
    starts: Vec<A>,
    inside: Vec<u32>,
}

impl<A: Bits> Networks<A> {
    /// (first, length, owners) of every prefix that holds the whole one given, innermost first.
    pub fn holding(&self, first: A, length: u8) -> impl Iterator<Item = (A, u8, u32)> + '_ {
        let piece = self.starts.partition_point(|start| *start <= first) - 1;
        let mut at = self.inside[piece];
        std::iter::from_fn(move || {
            let node = self.nodes.get(at as usize)?;
            at = node.around;
            Some((node.first, node.length, node.head))
        })
        .filter(move |&(_, around, _)| around <= length)
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let pieces = self.starts.capacity() * size_of::<A>() + self.inside.capacity() * 4;
        self.nodes.capacity() * size_of::<Node<A>>() + pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::Owners;

    fn four(texts: &[&str]) -> (Networks<u32>, Owners) {
        let mut builder = NetworksBuilder::default();
        for (rule, text) in texts.iter().enumerate() {
            for network in networks_of(text).unwrap() {
                let Network::V4(first, length) = network else { panic!("{text}") };
                builder.add(first, length, rule as u32);
            }
        }
        let mut owners = OwnersBuilder::default();
        let networks = builder.build(&mut owners);
        (networks, owners.build())
    }

    fn rules(texts: &[&str], address: &str) -> Vec<u32> {
        let (networks, owners) = four(texts);
        let Some(Network::V4(first, length)) = Network::parse(address) else { panic!() };
        let found = networks.holding(first, length);
        found.flat_map(|(_, _, head)| owners.of(head).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn every_prefix_around_is_found_innermost_first() {
        let texts = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "0.0.0.0/0", "10.1.2.3"];
        assert_eq!(rules(&texts, "10.1.2.3"), [4, 2, 1, 0, 3]);
        assert_eq!(rules(&texts, "10.1.2.4"), [2, 1, 0, 3]);
        assert_eq!(rules(&texts, "10.1.3.0"), [1, 0, 3]);
        assert_eq!(rules(&texts, "10.2.0.0"), [0, 3]);
        assert_eq!(rules(&texts, "11.0.0.0"), [3]);
        assert_eq!(rules(&texts, "255.255.255.255"), [3]);
        assert_eq!(rules(&texts, "10.1.0.0/16"), [1, 0, 3]);
        assert_eq!(rules(&texts, "10.0.0.0/7"), [3]);
    }

    #[test]
    fn ends_of_the_line_belong_to_it() {
        assert_eq!(rules(&["255.255.255.0/24"], "255.255.255.255"), [0]);
        assert_eq!(rules(&["0.0.0.0"], "0.0.0.0"), [0]);
        assert!(rules(&["0.0.0.0"], "0.0.0.1").is_empty());
        assert!(rules(&[], "1.2.3.4").is_empty());
    }

    #[test]
    fn neighbours_and_equals_are_kept_apart() {
        let texts = ["192.0.2.0/25", "192.0.2.128/25", "192.0.2.0/24", "192.0.2.0/25"];
        assert_eq!(rules(&texts, "192.0.2.127"), [3, 0, 2]);
        assert_eq!(rules(&texts, "192.0.2.128"), [1, 2]);
    }

    #[test]
    fn a_range_is_its_fewest_prefixes() {
        let shown = |text: &str| {
            networks_of(text).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let range = ["192.0.2.1", "192.0.2.2/31", "192.0.2.4/30", "192.0.2.8"];
        assert_eq!(shown("192.0.2.1-192.0.2.8").unwrap(), range);
        assert_eq!(shown("0.0.0.0-255.255.255.255").unwrap(), ["0.0.0.0/0"]);
        assert_eq!(shown("2001:db8:: - 2001:db8::1").unwrap(), ["2001:db8::/127"]);
        assert_eq!(shown("192.0.2.9-192.0.2.8"), None);
        assert_eq!(shown("192.0.2.0/25-192.0.2.255"), None);
    }

    #[test]
    fn what_is_no_network_is_none() {
        let wrong = "10.0.0.1/8 10.0.0.0/33 010.0.0.1 10.0.0/8 ::1/129 10.0.0.0/+8 10.0.0.0/08 x";
        for text in wrong.split(' ') {
            assert_eq!(Network::parse(text), None, "{text}");
        }
        assert_eq!(Network::parse("::ffff:10.0.0.0/104"), Some(Network::V4(10 << 24, 8)));
        assert_eq!(Network::parse("fe80::1%eth0"), Network::parse("fe80::1"));
    }
}
