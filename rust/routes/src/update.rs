//! BGP messages (RFC 4271, section 4), of which UPDATE gives rows.

use crate::attributes::{Attributes, Texts};
use crate::context::{Form, Peer, Record};
use crate::prefix::{self, Listed};
use crate::report::{Note, Outcome, Report};
use crate::rows::{Op, Route, Rows};
use crate::wire::{Cursor, Family};

const MARKER: usize = 16;
/// Marker, length and type.
const HEADER: u16 = 19;
const UPDATE: u8 = 2;

/// Reads a message with its header; rows of an update go to `rows`. None: it is malformed.
pub fn message(
    mut data: Cursor,
    form: Form,
    record: Record,
    peer: Peer,
    rows: &mut Rows,
    report: &mut Report,
) -> Option<Outcome> {
    data.take(MARKER)?;
    let (length, kind) = (data.u16()?, data.u8()?);
    let body = data.part(length.checked_sub(HEADER)?.into())?;
    if kind != UPDATE {
        return (1..=5).contains(&kind).then_some(Outcome::Message);
    }
    body_of_update(body, form, record, peer, rows, report)
}

/// Reads an update without its header.
pub fn body_of_update(
    mut data: Cursor,
    form: Form,
    record: Record,
    peer: Peer,
    rows: &mut Rows,
    report: &mut Report,
) -> Option<Outcome> {
    let (mut withdrawn, mut announced) = (Vec::new(), Vec::new());
    let length = data.u16()?;
    prefix::list(data.part(length.into())?, Family::V4, form.add_path, &mut withdrawn)?;
    let length = data.u16()?;
    let attributes = Attributes::read(data.part(length.into())?, form)?;
    prefix::list(data, Family::V4, form.add_path, &mut announced)?;
    report.note(Note::OtherFamily, attributes.other_families);
    let update = Update { withdrawn, announced, attributes };
    update.give(record, peer, rows);
    if update.ends_table() {
        report.note(Note::EndOfRib, 1);
    }
    Some(Outcome::Update)
}

struct Update {
    withdrawn: Vec<Listed>,
    announced: Vec<Listed>,
    attributes: Attributes,
}

impl Update {
    /// In the order of bgpdump: withdrawn, then announced; IPv4 first.
    fn give(&self, record: Record, peer: Peer, rows: &mut Rows) {
        let attributes = &self.attributes;
        let (nothing, texts) = (Texts::default(), attributes.texts());
        let row = |op, texts, communities, next_hop, listed: &Listed| Route {
            record,
            peer,
            op,
            prefix: listed.0,
            path_id: listed.1,
            texts,
            communities,
            next_hop,
            originated: None,
        };
        for listed in self.withdrawn.iter().chain(&attributes.withdrawn) {
            rows.push(&row(Op::Withdrawn, &nothing, "", 0, listed));
        }
        for listed in &self.announced {
            rows.push(&row(
                Op::Announced,
                &texts,
                &attributes.communities,
                attributes.next_hop,
                listed,
            ));
        }
        let next_hop = attributes.mp_next_hop.unwrap_or(attributes.next_hop);
        for listed in &attributes.announced {
            rows.push(&row(Op::Announced, &texts, &attributes.communities, next_hop, listed));
        }
    }

    /// No prefix at all, and nothing but an empty MP_UNREACH_NLRI (RFC 4724, section 2).
    fn ends_table(&self) -> bool {
        let attributes = &self.attributes;
        let lists =
            [&self.withdrawn, &self.announced, &attributes.announced, &attributes.withdrawn];
        lists.into_iter().all(Vec::is_empty) && attributes.many <= 1
    }
}
