//! Tables in the second form: TABLE_DUMP_V2 (RFC 6396, section 4.3; RFC 8050, section 4).

use crate::attributes::Attributes;
use crate::context::{Form, Record};
use crate::peers::Peers;
use crate::prefix::{self, Prefix};
use crate::report::{Note, Outcome, Report};
use crate::rows::{Op, Route, Rows};
use crate::wire::{Cursor, Family};

/// What a table is: one address family, with or without path identifiers.
#[derive(Clone, Copy)]
struct Kind {
    family: Family,
    add_path: bool,
}

/// Reads the body of a record. None: it is malformed; routes before the damage are kept.
pub fn read(
    subtype: u16,
    mut data: Cursor,
    record: Record,
    peers: &mut Peers,
    rows: &mut Rows,
    report: &mut Report,
) -> Option<Outcome> {
    let (family, add_path) = match subtype {
        1 => {
            *peers = Peers::read(data)?;
            rows.collector(&peers.collector);
            return Some(Outcome::Peers);
        }
        2 | 3 => (Family::V4, false),
        4 | 5 => (Family::V6, false),
        8 | 9 => (Family::V4, true),
        10 | 11 => (Family::V6, true),
        // Generic tables hold other address families; 7 says where peers are.
        _ => return Some(Outcome::Unsupported),
    };
    data.u32()?; // sequence number
    let prefix = prefix::read(&mut data, family)?;
    for _ in 0..data.u16()? {
        route(&mut data, Kind { family, add_path }, prefix, record, peers, rows, report)?;
    }
    Some(Outcome::Table)
}

fn route(
    data: &mut Cursor,
    kind: Kind,
    prefix: Prefix,
    record: Record,
    peers: &Peers,
    rows: &mut Rows,
    report: &mut Report,
) -> Option<()> {
    let place = data.u16()?;
    let originated = data.u32()?;
    let path_id = if kind.add_path { Some(data.u32()?) } else { None };
    let length = data.u16()?;
    let form = Form { wide: true, add_path: false };
    let attributes = Attributes::read(data.part(length.into())?, form)?;
    let Some(peer) = peers.list.get(usize::from(place)) else {
        report.note(Note::NoPeer, 1);
        return Some(());
    };
    let next_hop = match kind.family {
        Family::V4 if attributes.next_hop != 0 => attributes.next_hop,
        _ => attributes.mp_next_hop.unwrap_or(attributes.next_hop),
    };
    rows.push(&Route {
        record,
        peer: *peer,
        op: Op::Listed,
        prefix,
        path_id,
        texts: &attributes.texts(),
        communities: &attributes.communities,
        next_hop,
        originated: Some(originated),
    });
    Some(())
}
