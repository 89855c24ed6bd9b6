//! Fields of a protobuf message (protobuf.dev, "Encoding"), one after the other.

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// A field number and its value.
pub type Field<'a> = (u64, Value<'a>);

/// Walks over the fields of a message.
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    #[inline]
    pub fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The next field; `Ok(None)` at the end, an error where there is none.
    #[inline]
    pub fn next(&mut self) -> Result<Option<Field<'a>>, ()> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let tag = self.varint().ok_or(())?;
        let value = match tag & 7 {
            0 => self.varint().map(Value::Number),
            1 => self.take(8).map(|bytes| Value::Number(little(bytes))),
            2 => self.varint().and_then(|length| self.take(length)).map(Value::Bytes),
            5 => self.take(4).map(|bytes| Value::Number(little(bytes))),
            _ => None,
        };
        match (tag >> 3, value) {
            (number @ 1.., Some(value)) => Ok(Some((number, value))),
            _ => Err(()),
        }
    }

    #[inline]
    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        if let [byte @ ..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Some(u64::from(*byte));
        }
        let mut value = 0;
        for (place, byte) in self.rest.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7F) << (7 * place);
            if byte & 0x80 == 0 {
                self.rest = &self.rest[place + 1..];
                return Some(value);
            }
        }
        None
    }
}

#[inline]
fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}
