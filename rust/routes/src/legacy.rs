//! The deprecated type 5 of collectors of 1999 and 2000 (RFC 6396, appendix B.2).

use crate::context::{Form, Peer, Record};
use crate::report::{Outcome, Report};
use crate::rows::Rows;
use crate::update;
use crate::wire::{Cursor, Family};

/// Reads the body of a record; messages have no header of their own. None: it is malformed.
pub fn read(
    subtype: u16,
    mut data: Cursor,
    record: Record,
    rows: &mut Rows,
    report: &mut Report,
) -> Option<Outcome> {
    match subtype {
        1 => {
            let asn = data.asn(false)?;
            let peer = Peer { address: data.address(Family::V4)?, asn };
            data.asn(false)?; // ours
            data.address(Family::V4)?;
            let form = Form { wide: false, add_path: false };
            update::body_of_update(data, form, record, peer, rows, report)
        }
        3 => Some(Outcome::State),
        5..=7 => Some(Outcome::Message),
        _ => Some(Outcome::Unsupported),
    }
}
