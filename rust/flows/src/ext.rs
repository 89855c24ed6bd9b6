//! Fields that have no column, as JSON: what enterprises add, translated addresses, users.
//!
//! A field that says nothing (all zero, empty) is left out.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::element::{self as ie};
use crate::records::Records;
use crate::template::{Field, Template};
use crate::wire::number;

/// Longer texts of a record are cut.
const MOST_TEXT: usize = 2048;
/// Bytes of one value.
const MOST_VALUE: usize = 256;

/// The fields `kept` of a record as a JSON object; `None` when none says anything.
pub fn json(template: &Template, kept: &[usize], record: &Records) -> Option<String> {
    let mut text = String::new();
    for index in kept {
        let (field, value) = (template.fields[*index], record.first(*index));
        if value.iter().all(|byte| *byte == 0) || text.len() > MOST_TEXT {
            continue;
        }
        text.push(if text.is_empty() { '{' } else { ',' });
        put_name(&mut text, field);
        text.push(':');
        put_value(&mut text, field, value);
    }
    (!text.is_empty()).then(|| text + "}")
}

fn put_name(text: &mut String, field: Field) {
    // Writing to a string cannot fail.
    let _ = match (field.pen, ie::name_of(field.id)) {
        (0, Some(name)) => write!(text, "\"{name}\""),
        (pen, _) => write!(text, "\"{pen}.{}\"", field.id),
    };
}

fn put_value(text: &mut String, field: Field, value: &[u8]) {
    let known = field.pen == 0;
    let _ = match value.len() {
        4 if known && ie::IPV4_VALUED.contains(&field.id) => {
            write!(text, "\"{}\"", Ipv4Addr::from(number(value) as u32))
        }
        16 if known && matches!(field.id, 281 | 282) => {
            let bytes: [u8; 16] = value.try_into().unwrap_or_default();
            write!(text, "\"{}\"", Ipv6Addr::from(bytes))
        }
        _ if is_text(field, value) => put_text(text, value),
        1..=8 => write!(text, "{}", number(value)),
        _ => put_hex(text, &value[..value.len().min(MOST_VALUE)]),
    };
}

/// Whether a value is a text: by its element, or, of an enterprise, by its looks.
fn is_text(field: Field, value: &[u8]) -> bool {
    if field.pen == 0 && ie::TEXT_VALUED.contains(&field.id) {
        return true;
    }
    let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let printable = value[..end].iter().all(|byte| (0x20..0x7f).contains(byte));
    !matches!(value.len(), 1 | 2 | 4 | 8) && printable
}

/// A text up to its padding; what is not UTF-8 is escaped.
fn put_text(text: &mut String, value: &[u8]) -> std::fmt::Result {
    let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    text.push('"');
    for chunk in value[..end.min(MOST_VALUE)].utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '"' | '\\' => write!(text, "\\{letter}")?,
                letter if letter.is_control() => write!(text, "\\u{:04x}", u32::from(letter))?,
                letter => text.push(letter),
            }
        }
        for byte in chunk.invalid() {
            write!(text, "\\\\x{byte:02x}")?;
        }
    }
    text.push('"');
    Ok(())
}

fn put_hex(text: &mut String, value: &[u8]) -> std::fmt::Result {
    text.push('"');
    value.iter().try_for_each(|byte| write!(text, "{byte:02x}"))?;
    text.push('"');
    Ok(())
}

/// A name out of a field: UTF-8 up to its padding.
pub fn name(value: &[u8]) -> String {
    let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
    String::from_utf8_lossy(&value[..end.min(MOST_VALUE)]).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::template::Family;

    #[test]
    fn values_are_told_by_element_and_by_looks() {
        let field = |id, pen, length| Field { id, pen, length };
        let fields = vec![
            field(225, 0, 4),
            field(371, 0, 6),
            field(9, 9999, 2),
            field(10, 9999, 5),
            field(11, 9999, 3),
            field(12, 9999, 4),
        ];
        let plan = Plan::new(Template { fields, scopes: 0, family: Family::Ipfix });
        let body =
            [[192, 0, 2, 1].as_slice(), b"a\"\xff\0\0\0", &[1, 2], b"tls\0\0", &[1, 2, 3], &[0; 4]]
                .concat();
        let stride = body.len();
        let records = Records { body: &body, stride, count: 1, places: &plan.places, at: 0 };
        let expected = concat!(
            r#"{"postNATSourceIPv4Address":"192.0.2.1","userName":"a\"\\xff","9999.9":258,"#,
            r#""9999.10":"tls","9999.11":66051}"#
        );
        assert_eq!(json(&plan.template, &plan.uses.ext, &records).as_deref(), Some(expected));
    }
}
