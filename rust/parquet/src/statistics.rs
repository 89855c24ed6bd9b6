//! Least and greatest value and the number of nulls of a column chunk.

use crate::dictionary::bounds;
use crate::leaf::Number;
use crate::thrift::Writer;

/// Strings longer than this have no bounds in the statistics.
const LONGEST: usize = 64;

#[derive(Default)]
pub struct Statistics {
    pub nulls: u64,
    numbers: Option<(i64, i64)>,
    bytes: Option<(Vec<u8>, Vec<u8>)>,
    /// A string was too long, or the type has no order that all readers agree on.
    unknown: bool,
}

impl Statistics {
    pub fn add_numbers<T: Number>(&mut self, values: &[T]) {
        let Some(first) = values.first() else { return };
        let (least, most) = bounds(values, *first);
        let (least, most) = (least.signed(), most.signed());
        self.numbers = Some(match self.numbers {
            Some((low, high)) => (low.min(least), high.max(most)),
            None => (least, most),
        });
    }

    pub fn add_bytes(&mut self, value: &[u8]) {
        if value.len() > LONGEST {
            self.unknown = true;
            return;
        }
        match &mut self.bytes {
            None => self.bytes = Some((value.to_vec(), value.to_vec())),
            Some((least, _)) if value < least.as_slice() => *least = value.to_vec(),
            Some((_, most)) if value > most.as_slice() => *most = value.to_vec(),
            Some(_) => {}
        }
    }

    pub fn forget(&mut self) {
        self.unknown = true;
    }

    /// Writes the structure; numbers are `width` bytes wide.
    pub fn write(&self, width: usize, out: &mut Writer) {
        out.field_i64(3, self.nulls.cast_signed());
        if self.unknown {
            return;
        }
        if let Some((least, most)) = self.numbers {
            out.field_binary(5, &most.to_le_bytes()[..width]);
            out.field_binary(6, &least.to_le_bytes()[..width]);
        } else if let Some((least, most)) = &self.bytes {
            out.field_binary(5, most);
            out.field_binary(6, least);
        }
    }
}
