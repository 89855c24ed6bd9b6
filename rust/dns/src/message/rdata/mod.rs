//! Record data in presentation form (RFC 1035, 5.1, and what defines each type).
//!
//! A type is a row of fields; data that does not fit them, and types that are not known,
//! are written as RFC 3597 says: `\# LENGTH HEX`. Names have no root dot, but for the root
//! itself.

mod cursor;
mod location;
mod parameters;
mod text;

use data_encoding::{BASE32_DNSSEC, BASE64, HEXLOWER};

use super::Record;
use super::mnemonic::write_type;
use super::name::Fault;
use cursor::Cursor;
use text::{push_bytes, push_number, push_quoted};

/// One field of record data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    U8,
    U16,
    U32,
    Name,
    V4,
    V6,
    /// A character string, quoted.
    Text,
    /// All character strings that are left.
    Texts,
    /// The bytes that are left, as one quoted string.
    Quoted,
    /// A character string without quotes (RFC 8659, 4.1.1).
    Word,
    Hex,
    Base64,
    /// Seconds since 1970 as `YYYYMMDDHHmmSS` (RFC 4034, 3.2).
    Time,
    Type,
    /// Types as a bit map (RFC 4034, 4.1.2).
    Types,
    /// Length and bytes in hexadecimal, `-` when empty (RFC 5155, 3.3).
    Salt,
    /// Length and bytes in base 32 (RFC 5155, 3.3).
    Hash,
    /// Bytes in hexadecimal with hyphens between them (RFC 7043).
    Dashed,
    /// 64 bits in four groups (RFC 6742, 2.1.2).
    Locator,
    /// The whole of a LOC record.
    Location,
    /// Parameters of a service binding (RFC 9460, 2.1).
    Parameters,
}

use Field as F;

const KEYS: &[Field] = &[F::U16, F::U8, F::U8, F::Base64];
const SIGNATURE: &[Field] =
    &[F::Type, F::U8, F::U8, F::U32, F::Time, F::Time, F::U16, F::Name, F::Base64];

/// The fields of a type, or `None` when they are not known.
fn fields(kind: u16) -> Option<&'static [Field]> {
    Some(match kind {
        1 => &[F::V4],
        2..=5 | 7..=9 | 12 | 23 | 39 => &[F::Name],
        6 => &[F::Name, F::Name, F::U32, F::U32, F::U32, F::U32, F::U32],
        13 => &[F::Text, F::Text],
        14 | 17 => &[F::Name, F::Name],
        15 | 18 | 21 | 36 | 107 => &[F::U16, F::Name],
        16 | 19 | 20 | 56 | 99 | 258 | 261 | 262 => &[F::Texts],
        24 | 46 => SIGNATURE,
        25 | 48 | 57 | 60 => KEYS,
        26 => &[F::U16, F::Name, F::Name],
        27 => &[F::Text, F::Text, F::Text],
        28 => &[F::V6],
        29 => &[F::Location],
        33 => &[F::U16, F::U16, F::U16, F::Name],
        35 => &[F::U16, F::U16, F::Text, F::Text, F::Text, F::Name],
        37 => &[F::U16, F::U16, F::U8, F::Base64],
        43 | 59 | 32768 | 32769 => &[F::U16, F::U8, F::U8, F::Hex],
        44 => &[F::U8, F::U8, F::Hex],
        47 => &[F::Name, F::Types],
        49 | 61 => &[F::Base64],
        50 => &[F::U8, F::U8, F::U16, F::Salt, F::Hash, F::Types],
        51 => &[F::U8, F::U8, F::U16, F::Salt],
        52 | 53 => &[F::U8, F::U8, F::U8, F::Hex],
        62 => &[F::U32, F::U16, F::Types],
        63 => &[F::U32, F::U8, F::U8, F::Hex],
        64 | 65 => &[F::U16, F::Name, F::Parameters],
        104 | 106 => &[F::U16, F::Locator],
        105 => &[F::U16, F::V4],
        108 | 109 => &[F::Dashed],
        256 => &[F::U16, F::U16, F::Quoted],
        257 => &[F::U8, F::Word, F::Quoted],
        _ => return None,
    })
}

/// Appends the data of `record`, which stands in `message`.
#[inline]
pub fn write(message: &[u8], record: &Record, text: &mut Vec<u8>) {
    let begin = text.len();
    let known = fields(record.kind);
    if known.is_none_or(|fields| write_fields(message, record, fields, text).is_err()) {
        text.truncate(begin);
        write_generic(record.data, text);
    }
}

/// RFC 3597, 5
fn write_generic(data: &[u8], text: &mut Vec<u8>) {
    text.extend_from_slice(b"\\# ");
    push_number(data.len() as u32, text);
    if !data.is_empty() {
        text.push(b' ');
        text.extend_from_slice(HEXLOWER.encode(data).as_bytes());
    }
}

#[inline]
fn write_fields(
    message: &[u8],
    record: &Record,
    fields: &[Field],
    text: &mut Vec<u8>,
) -> Result<(), Fault> {
    let mut cursor = Cursor::new(message, record.data_at, record.data.len());
    for (number, field) in fields.iter().enumerate() {
        // Some fields may be empty; the last blank then goes again.
        if number > 0 {
            text.push(b' ');
        }
        let before = text.len();
        write_field(*field, &mut cursor, text)?;
        if number > 0 && text.len() == before {
            text.pop();
        }
    }
    if cursor.is_done() { Ok(()) } else { Err(Fault::Data) }
}

fn write_field(field: Field, from: &mut Cursor, text: &mut Vec<u8>) -> Result<(), Fault> {
    match field {
        F::U8 => push_number(u32::from(from.u8()?), text),
        F::U16 => push_number(u32::from(from.u16()?), text),
        F::U32 => push_number(from.u32()?, text),
        F::V4 => text::push_v4(from.array()?, text),
        F::V6 => text::push_v6(from.array()?, text),
        F::Name => from.name(text)?,
        F::Time => text::push_time(from.u32()?, text),
        F::Type => write_type(from.u16()?, text),
        F::Location => location::write(from.array()?, text)?,
        F::Locator => text::push_groups(from.array()?, text),
        _ => write_bytes(field, from, text)?,
    }
    Ok(())
}

/// Fields of any length.
fn write_bytes(field: Field, from: &mut Cursor, text: &mut Vec<u8>) -> Result<(), Fault> {
    let push = |encoded: String, text: &mut Vec<u8>| text.extend_from_slice(encoded.as_bytes());
    match field {
        F::Text => push_quoted(from.string()?, text),
        F::Texts => write_texts(from, text)?,
        F::Quoted => push_quoted(from.rest(), text),
        F::Word => push_bytes(from.string()?, text),
        F::Hex => push(HEXLOWER.encode(from.rest()), text),
        F::Base64 => push(BASE64.encode(from.rest()), text),
        F::Types => write_types(from, text)?,
        F::Salt => match from.string()? {
            [] => text.push(b'-'),
            salt => push(HEXLOWER.encode(salt), text),
        },
        F::Hash => push(BASE32_DNSSEC.encode(from.string()?), text),
        F::Dashed => text::push_dashed(from.rest(), text),
        _ => parameters::write(from, text)?,
    }
    Ok(())
}

fn write_texts(from: &mut Cursor, text: &mut Vec<u8>) -> Result<(), Fault> {
    push_quoted(from.string()?, text);
    while !from.is_done() {
        text.push(b' ');
        push_quoted(from.string()?, text);
    }
    Ok(())
}

fn write_types(from: &mut Cursor, text: &mut Vec<u8>) -> Result<(), Fault> {
    let mut first = true;
    while !from.is_done() {
        let window = u16::from(from.u8()?);
        let bits = from.string()?;
        for (place, byte) in (0u16..32).zip(bits) {
            for bit in (0..8).filter(|bit| byte & (0x80 >> bit) != 0) {
                if !first {
                    text.push(b' ');
                }
                first = false;
                write_type(window << 8 | place << 3 | bit, text);
            }
        }
    }
    Ok(())
}
