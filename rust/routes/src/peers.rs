//! The list of peers that the entries of a table refer to (RFC 6396, section 4.3.1).

use crate::context::Peer;
use crate::wire::{Cursor, Family};

const IPV6: u8 = 1;
const WIDE: u8 = 2;

/// Peers of a table, and the collector that made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peers {
    pub collector: String,
    pub list: Vec<Peer>,
}

impl Peers {
    /// The list of a PEER_INDEX_TABLE.
    pub fn read(mut data: Cursor) -> Option<Self> {
        let id = std::net::Ipv4Addr::from(data.u32()?);
        let length = data.u16()?;
        let view = data.take(length.into())?;
        let many = data.u16()?;
        let list = (0..many).map(|_| peer(&mut data)).collect::<Option<_>>()?;
        let collector = match std::str::from_utf8(view) {
            Ok(name) if !name.is_empty() => name.to_owned(),
            _ => id.to_string(),
        };
        Some(Self { collector, list })
    }
}

fn peer(data: &mut Cursor) -> Option<Peer> {
    let kind = data.u8()?;
    data.u32()?; // BGP identifier
    let family = if kind & IPV6 == 0 { Family::V4 } else { Family::V6 };
    let address = data.address(family)?;
    Some(Peer { address, asn: data.asn(kind & WIDE != 0)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::mapped;

    #[test]
    fn a_view_name_names_the_collector() {
        let mut bytes = vec![192, 0, 2, 1, 0, 2, b'r', b'v', 0, 2];
        bytes.extend([0, 9, 9, 9, 9, 198, 51, 100, 1, 0xfd, 0xe8]);
        bytes.extend([2, 9, 9, 9, 9, 198, 51, 100, 2, 0, 3, 0, 0]);
        let peers = Peers::read(Cursor::new(&bytes)).unwrap();
        assert_eq!(peers.collector, "rv");
        assert_eq!(peers.list[0], Peer { address: mapped(0xc633_6401), asn: 65_000 });
        assert_eq!(peers.list[1], Peer { address: mapped(0xc633_6402), asn: 196_608 });
        assert!(Peers::read(Cursor::new(&bytes[..bytes.len() - 1])).is_none());
    }
}
