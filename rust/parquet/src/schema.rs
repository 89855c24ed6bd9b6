//! From an Arrow schema to the schema of a Parquet file.

use arrow_schema::{DataType, Field, Schema, TimeUnit};

use crate::thrift::{Kind, Writer};

/// A column whose type the lake does not have.
#[derive(Debug)]
pub struct Unsupported {
    pub column: String,
    pub kind: DataType,
}

/// Stored types.
pub mod physical {
    pub const BOOLEAN: i32 = 0;
    pub const INT32: i32 = 1;
    pub const INT64: i32 = 2;
    pub const DOUBLE: i32 = 5;
    pub const BYTE_ARRAY: i32 = 6;
}

/// How a column is stored.
#[derive(Clone, Debug)]
pub struct Leaf {
    pub name: String,
    pub path: Vec<String>,
    pub physical: i32,
    /// Bytes of a number; 0 when values have no fixed width.
    pub width: usize,
    pub nullable: bool,
    pub list: bool,
    meaning: Meaning,
}

#[derive(Clone, Copy, Debug)]
enum Meaning {
    Plain,
    Short,
    Text,
    MicrosUtc,
    MicrosLocal,
}

/// The columns of a schema.
pub fn leaves(schema: &Schema) -> Result<Vec<Leaf>, Unsupported> {
    schema.fields().iter().map(|field| leaf(field)).collect()
}

fn leaf(field: &Field) -> Result<Leaf, Unsupported> {
    let name = field.name().clone();
    let unsupported = || Unsupported { column: name.clone(), kind: field.data_type().clone() };
    let (element, list) = match field.data_type() {
        DataType::List(item) => (item.data_type(), true),
        other => (other, false),
    };
    let (physical, width, meaning) = stored(element).ok_or_else(unsupported)?;
    let mut path = vec![name.clone()];
    if list {
        path.extend(["list".to_owned(), "element".to_owned()]);
    }
    Ok(Leaf { nullable: field.is_nullable(), name, path, physical, width, list, meaning })
}

fn stored(kind: &DataType) -> Option<(i32, usize, Meaning)> {
    Some(match kind {
        DataType::Boolean => (physical::BOOLEAN, 0, Meaning::Plain),
        DataType::Int16 => (physical::INT32, 4, Meaning::Short),
        DataType::Int32 => (physical::INT32, 4, Meaning::Plain),
        DataType::Int64 => (physical::INT64, 8, Meaning::Plain),
        DataType::Float64 => (physical::DOUBLE, 8, Meaning::Plain),
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
            (physical::INT64, 8, Meaning::MicrosUtc)
        }
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            (physical::INT64, 8, Meaning::MicrosLocal)
        }
        DataType::Utf8 => (physical::BYTE_ARRAY, 0, Meaning::Text),
        DataType::Binary => (physical::BYTE_ARRAY, 0, Meaning::Plain),
        DataType::Dictionary(key, value)
            if matches!(**key, DataType::Int8 | DataType::Int32) && **value == DataType::Utf8 =>
        {
            (physical::BYTE_ARRAY, 0, Meaning::Text)
        }
        _ => return None,
    })
}

const REQUIRED: i32 = 0;
const OPTIONAL: i32 = 1;
const REPEATED: i32 = 2;

/// The elements of the file's schema, depth first.
pub fn write(leaves: &[Leaf], out: &mut Writer) {
    let mut elements: Vec<Writer> = vec![element(|root| {
        root.field_binary(4, b"schema");
        root.field_i32(5, leaves.len() as i32);
    })];
    for leaf in leaves {
        let outer = if leaf.nullable { OPTIONAL } else { REQUIRED };
        if leaf.list {
            elements.push(group(&leaf.name, outer, true));
            elements.push(group("list", REPEATED, false));
            elements.push(value(leaf, "element", OPTIONAL));
        } else {
            elements.push(value(leaf, &leaf.name, outer));
        }
    }
    out.field_list(2, Kind::Struct, &elements, |list, one| {
        list.bytes.extend_from_slice(&one.bytes);
    });
}

fn element(body: impl FnOnce(&mut Writer)) -> Writer {
    let mut writer = Writer::default();
    writer.structure(body);
    writer
}

fn group(name: &str, repetition: i32, list: bool) -> Writer {
    element(|out| {
        out.field_i32(3, repetition);
        out.field_binary(4, name.as_bytes());
        out.field_i32(5, 1);
        if list {
            out.field_i32(6, 3);
            out.field_structure(10, |logical| logical.field_structure(3, |_| {}));
        }
    })
}

fn value(leaf: &Leaf, name: &str, repetition: i32) -> Writer {
    element(|out| {
        out.field_i32(1, leaf.physical);
        out.field_i32(3, repetition);
        out.field_binary(4, name.as_bytes());
        match leaf.meaning {
            Meaning::Plain => {}
            Meaning::Short => {
                out.field_i32(6, 16);
                out.field_structure(10, |logical| {
                    logical.field_structure(10, |integer| {
                        integer.field_byte(1, 16);
                        integer.field_bool(2, true);
                    });
                });
            }
            Meaning::Text => {
                out.field_i32(6, 0);
                out.field_structure(10, |logical| logical.field_structure(1, |_| {}));
            }
            Meaning::MicrosUtc => {
                out.field_i32(6, 10);
                out.field_structure(10, |logical| timestamp(logical, true));
            }
            Meaning::MicrosLocal => {
                out.field_structure(10, |logical| timestamp(logical, false));
            }
        }
    })
}

fn timestamp(logical: &mut Writer, utc: bool) {
    logical.field_structure(8, |out| {
        out.field_bool(1, utc);
        out.field_structure(2, |unit| unit.field_structure(2, |_| {}));
    });
}
