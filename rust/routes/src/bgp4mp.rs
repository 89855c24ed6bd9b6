//! Updates and state changes: BGP4MP (RFC 6396, section 4.4; RFC 8050, section 3).

use crate::context::{Form, Peer, Record};
use crate::report::{Outcome, Report};
use crate::rows::Rows;
use crate::update;
use crate::wire::{Cursor, Family};

/// Reads the body of a record. None: it is malformed.
pub fn read(
    subtype: u16,
    mut data: Cursor,
    record: Record,
    rows: &mut Rows,
    report: &mut Report,
) -> Option<Outcome> {
    let (wide, add_path) = match subtype {
        0 | 5 => return Some(Outcome::State),
        1 | 6 => (false, false),
        4 | 7 => (true, false),
        8 | 10 => (false, true),
        9 | 11 => (true, true),
        _ => return Some(Outcome::Unsupported),
    };
    let asn = data.asn(wide)?;
    data.asn(wide)?; // ours
    data.u16()?; // interface
    let family = Family::of(data.u16()?)?;
    let address = data.address(family)?;
    data.address(family)?; // ours
    let peer = Peer { address, asn };
    update::message(data, Form { wide, add_path }, record, peer, rows, report)
}
