//! Tables in the first form: TABLE_DUMP (RFC 6396, section 4.2).

use crate::attributes::Attributes;
use crate::context::{Form, Peer, Record};
use crate::prefix;
use crate::report::Outcome;
use crate::rows::{Op, Route, Rows};
use crate::wire::{Cursor, Family};

/// Reads the body of a record. Old collectors put many entries into one (RFC 6396 has one).
/// None: it is malformed; the entries before the damage are in `rows`.
pub fn read(subtype: u16, mut data: Cursor, record: Record, rows: &mut Rows) -> Option<Outcome> {
    // Subtypes 3 and 4 are an extension of some collectors for four-byte AS numbers.
    let (family, wide) = match subtype {
        1 => (Family::V4, false),
        2 => (Family::V6, false),
        3 => (Family::V4, true),
        4 => (Family::V6, true),
        _ => return Some(Outcome::Unsupported),
    };
    data.take(4)?; // view and sequence number
    loop {
        entry(&mut data, family, wide, record, rows)?;
        if data.is_empty() {
            return Some(Outcome::Table);
        }
    }
}

fn entry(
    data: &mut Cursor,
    family: Family,
    wide: bool,
    record: Record,
    rows: &mut Rows,
) -> Option<()> {
    let bytes = data.take(usize::from(family.bits() / 8))?;
    let prefix = prefix::from_bytes(bytes, data.u8()?, family)?;
    data.u8()?; // status, always 1
    let originated = data.u32()?;
    let address = data.address(family)?;
    let peer = Peer { address, asn: data.asn(wide)? };
    let length = data.u16()?;
    let attributes = Attributes::read(data.part(length.into())?, Form { wide, add_path: false })?;
    rows.push(&Route {
        record,
        peer,
        op: Op::Listed,
        prefix,
        path_id: None,
        texts: &attributes.texts(),
        communities: &attributes.communities,
        next_hop: attributes.mp_next_hop.unwrap_or(attributes.next_hop),
        originated: Some(originated),
    });
    Some(())
}
