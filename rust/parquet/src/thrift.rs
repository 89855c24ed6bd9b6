//! The part of Thrift's compact protocol that Parquet metadata needs, writing only.

/// Types of fields and of list elements.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Kind {
    True = 1,
    False = 2,
    Byte = 3,
    I16 = 4,
    I32 = 5,
    I64 = 6,
    Binary = 8,
    List = 9,
    Struct = 12,
}

/// Writes structures; fields have to come in the order of their numbers.
#[derive(Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
    /// Number of the last field of every open structure.
    last: Vec<i16>,
}

impl Writer {
    /// A structure on its own, or as an element of a list.
    pub fn structure(&mut self, body: impl FnOnce(&mut Self)) {
        self.last.push(0);
        body(self);
        self.last.pop();
        self.bytes.push(0);
    }

    pub fn field_structure(&mut self, id: i16, body: impl FnOnce(&mut Self)) {
        self.head(id, Kind::Struct);
        self.structure(body);
    }

    pub fn field_bool(&mut self, id: i16, value: bool) {
        self.head(id, if value { Kind::True } else { Kind::False });
    }

    pub fn field_byte(&mut self, id: i16, value: i8) {
        self.head(id, Kind::Byte);
        self.bytes.push(value.cast_unsigned());
    }

    pub fn field_i16(&mut self, id: i16, value: i16) {
        self.head(id, Kind::I16);
        self.varint(zigzag(value.into()));
    }

    pub fn field_i32(&mut self, id: i16, value: i32) {
        self.head(id, Kind::I32);
        self.varint(zigzag(value.into()));
    }

    pub fn field_i64(&mut self, id: i16, value: i64) {
        self.head(id, Kind::I64);
        self.varint(zigzag(value));
    }

    pub fn field_binary(&mut self, id: i16, value: &[u8]) {
        self.head(id, Kind::Binary);
        self.binary(value);
    }

    /// A list; `element` writes each of its `items`.
    pub fn field_list<T>(
        &mut self,
        id: i16,
        kind: Kind,
        items: &[T],
        mut element: impl FnMut(&mut Self, &T),
    ) {
        self.head(id, Kind::List);
        if items.len() < 15 {
            self.bytes.push((items.len() as u8) << 4 | kind as u8);
        } else {
            self.bytes.push(0xf0 | kind as u8);
            self.varint(items.len() as u64);
        }
        for item in items {
            element(self, item);
        }
    }

    /// An element of a list of numbers.
    pub fn i32(&mut self, value: i32) {
        self.varint(zigzag(value.into()));
    }

    /// An element of a list of strings.
    pub fn binary(&mut self, value: &[u8]) {
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    fn head(&mut self, id: i16, kind: Kind) {
        let last = self.last.last_mut().expect("a field stands in a structure");
        let step = id - *last;
        debug_assert!((1..=15).contains(&step), "fields ascend");
        *last = id;
        self.bytes.push((step as u8) << 4 | kind as u8);
    }

    fn varint(&mut self, value: u64) {
        crate::bytes::put_varint(&mut self.bytes, value);
    }
}

fn zigzag(value: i64) -> u64 {
    crate::bytes::zigzag(value)
}
