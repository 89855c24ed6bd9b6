//! Templates of NetFlow v9 (RFC 3954, 5.2) and IPFIX (RFC 7011, 3.4).

use serde::{Deserialize, Serialize};

use crate::wire::be16;
use crate::wire::be32;

/// Length of a field whose length each record tells (RFC 7011, 7).
pub const VARIABLE: u16 = 0xffff;
/// A record of more fields than this does not fit a datagram.
const MOST_FIELDS: usize = 4096;

/// A field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub id: u16,
    /// Private enterprise number of who defined the id; 0 for those of IANA.
    pub pen: u32,
    pub length: u16,
}

/// Whose numbers the ids of fields are, where the two differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Family {
    #[default]
    NetFlow,
    Ipfix,
}

/// How the records of one template id are laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub fields: Vec<Field>,
    /// Leading fields that say what the rest is about; none in a template of flows.
    pub scopes: usize,
    pub family: Family,
}

/// A field where it stands in a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub at: usize,
    pub length: usize,
}

impl Template {
    /// Fields of IANA, one behind the other.
    #[must_use]
    pub fn of(fields: &[(u16, u16)]) -> Self {
        let field = |&(id, length): &(u16, u16)| Field { id, pen: 0, length };
        Self { fields: fields.iter().map(field).collect(), scopes: 0, family: Family::NetFlow }
    }

    /// Reads `count` IPFIX field specifiers at `at`; the template and where it ends.
    pub fn read_ipfix(
        data: &[u8],
        at: usize,
        count: usize,
        scopes: usize,
    ) -> Option<(Self, usize)> {
        let mut next = at;
        let mut fields = Vec::with_capacity(count.min(MOST_FIELDS));
        for _ in 0..count {
            let (id, length) = (be16(data, next)?, be16(data, next + 2)?);
            next += 4;
            let mut pen = 0;
            if id & 0x8000 != 0 {
                pen = be32(data, next)?;
                next += 4;
            }
            fields.push(Field { id: id & 0x7fff, pen, length });
        }
        Some((Self { fields, scopes, family: Family::Ipfix }, next))
    }

    /// Reads `count` NetFlow v9 field types at `at`; scopes are kinds of thing, not elements.
    pub fn read_v9(data: &[u8], at: usize, count: usize, scopes: usize) -> Option<(Self, usize)> {
        let mut fields = Vec::with_capacity(count.min(MOST_FIELDS));
        for index in 0..count {
            let place = at + 4 * index;
            let (id, length) = (be16(data, place)?, be16(data, place + 2)?);
            fields.push(Field { id, pen: 0, length });
        }
        Some((Self { fields, scopes, family: Family::NetFlow }, at + 4 * count))
    }

    /// Bytes of a record, when all records have the same.
    #[must_use]
    pub fn fixed_length(&self) -> Option<usize> {
        let fixed = self.fields.iter().all(|field| field.length != VARIABLE);
        fixed.then(|| self.least_length())
    }

    /// Bytes of the shortest record; what is shorter at the end of a set is padding.
    #[must_use]
    pub fn least_length(&self) -> usize {
        let least = |field: &Field| if field.length == VARIABLE { 1 } else { field.length.into() };
        self.fields.iter().map(least).sum()
    }

    /// Writes the places of all fields of the record at the start of `data` and returns its
    /// length; `None` when the record is longer than that.
    pub fn measure(&self, data: &[u8], places: &mut Vec<Place>) -> Option<usize> {
        places.clear();
        let mut at = 0;
        for field in &self.fields {
            let mut length = usize::from(field.length);
            if field.length == VARIABLE {
                length = usize::from(*data.get(at)?);
                at += 1;
                if length == 255 {
                    length = usize::from(be16(data, at)?);
                    at += 2;
                }
            }
            places.push(Place { at, length });
            at += length;
        }
        (at <= data.len()).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_variable_fields_are_those_of_rfc_7011_section_7() {
        let field = |length| Field { id: 1, pen: 0, length };
        let fields = vec![field(2), field(VARIABLE), field(VARIABLE)];
        let template = Template { fields, ..Template::default() };
        let mut data = vec![9, 9, 3, b'a', b'b', b'c', 255, 1, 0];
        data.extend([0; 256]);
        let mut places = Vec::new();
        assert_eq!(template.measure(&data, &mut places), Some(data.len()));
        let place = |at, length| Place { at, length };
        assert_eq!(places, [place(0, 2), place(3, 3), place(9, 256)]);
        assert_eq!(template.measure(&data[..data.len() - 1], &mut places), None);
        assert_eq!(template.fixed_length(), None);
        assert_eq!(template.least_length(), 4);
    }
}
