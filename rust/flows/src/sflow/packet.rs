//! What the records of a flow sample tell of the packet.

use super::xdr::Xdr;
use kaname_packets::datagram;
use kaname_packets::link::linktype;

const MAPPED: u128 = 0xffff << 32;
const RAW_HEADER: u32 = 1;
const IPV4: u32 = 3;
const IPV6: u32 = 4;
const SWITCH: u32 = 1001;
const GATEWAY: u32 = 1003;
/// Longer than any datagram.
const MOST_WIRE: usize = 1 << 17;
/// Greater VLAN ids stand for none.
const MOST_VLAN: u32 = 4094;

/// The packet, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub src: u128,
    pub dst: u128,
    pub sport: u16,
    pub dport: u16,
    pub proto: u8,
    pub tcp_bits: u16,
    pub octets: u32,
    pub vlan: Option<u16>,
    pub src_as: Option<u32>,
    pub dst_as: Option<u32>,
}

impl Seen {
    /// Takes a record of the sample; `None` when it cannot be right.
    pub fn take(&mut self, format: u32, body: &[u8]) -> Option<()> {
        let mut xdr = Xdr::new(body);
        match format {
            RAW_HEADER => self.take_raw(&mut xdr),
            // The header itself says more than these, where it is there.
            IPV4 | IPV6 if self.src == 0 => self.take_ip(&mut xdr, format == IPV6),
            SWITCH => self.take_switch(&mut xdr),
            GATEWAY => self.take_gateway(&mut xdr),
            _ => Some(()),
        }
    }

    fn take_raw(&mut self, xdr: &mut Xdr) -> Option<()> {
        let (protocol, frame_length) = (xdr.word()?, xdr.word()?);
        xdr.word()?; // bytes stripped from the end
        let length = xdr.word()?;
        let header = xdr.opaque(usize::try_from(length).ok()?)?;
        let link = match protocol {
            1 => linktype::ETHERNET,
            11 => linktype::IPV4,
            12 => linktype::IPV6,
            _ => return Some(()),
        };
        let wire = usize::try_from(frame_length).ok()?;
        let read = |wire| datagram::read(link, header, wire);
        // Agents disagree whether the stated length has the frame check sequence, or tags.
        if let Ok(packet) = read(wire).or_else(|_| read(MOST_WIRE)) {
            self.src = packet.src;
            self.dst = packet.dst;
            self.sport = packet.sport;
            self.dport = packet.dport;
            self.proto = packet.proto;
            self.tcp_bits = packet.tcp_bits;
            self.octets = packet.length;
            self.vlan = self.vlan.or(packet.vlan);
        }
        Some(())
    }

    fn take_ip(&mut self, xdr: &mut Xdr, wide: bool) -> Option<()> {
        self.octets = xdr.word()?;
        self.proto = xdr.word()? as u8;
        let address = |xdr: &mut Xdr| {
            if wide { xdr.wide() } else { xdr.word().map(|word| MAPPED | u128::from(word)) }
        };
        (self.src, self.dst) = (address(xdr)?, address(xdr)?);
        (self.sport, self.dport) = (xdr.word()? as u16, xdr.word()? as u16);
        self.tcp_bits = (xdr.word()? & 0x1ff) as u16;
        Some(())
    }

    fn take_switch(&mut self, xdr: &mut Xdr) -> Option<()> {
        let vlan = xdr.word()?;
        if (1..=MOST_VLAN).contains(&vlan) {
            self.vlan = Some(vlan as u16);
        }
        Some(())
    }

    /// The destination is in the last AS of the path.
    fn take_gateway(&mut self, xdr: &mut Xdr) -> Option<()> {
        xdr.address()?; // next hop
        let own = xdr.word()?;
        self.src_as = Some(xdr.word()?);
        xdr.word()?; // the peer that the source is behind
        self.dst_as = Some(own);
        for _ in 0..xdr.word()? {
            xdr.word()?; // set or sequence
            let count = xdr.word()?;
            if count > 0 {
                xdr.skip(count - 1)?;
                self.dst_as = Some(xdr.word()?);
            }
        }
        Some(())
    }
}
