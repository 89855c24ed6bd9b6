//! Observations as MessagePack maps, read without copying; evidence written the same way.
//!
//! Only what the format needs: unknown keys are stepped over, nesting is limited, and a
//! length that reaches past the end is an error before anything is made of it.

const DEEPEST: usize = 64;

/// Why bytes are no observation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WireError {
    /// They end in the middle.
    Short,
    /// Something else stands where a value of a certain type should.
    Type,
    /// Nested too deep.
    Deep,
    /// A text that is not UTF-8.
    Utf8,
    /// An identifier, a source or a kind is missing.
    Missing,
}

/// An artifact that an observation mentions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mention<'a> {
    pub kind: &'a str,
    pub value: &'a str,
    pub role: &'a str,
}

/// An observation as its bytes say it. Equal ones say the same, whenever they came.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct View<'a> {
    pub id: &'a str,
    pub source: &'a str,
    pub kind: &'a str,
    pub at: i64,
    pub mentions: Vec<Mention<'a>>,
    pub tlp: &'a str,
    pub org: &'a str,
    pub groups: Vec<&'a str>,
    pub pap: &'a str,
    pub weight: f64,
    pub behaviours: Vec<&'a str>,
    pub finding: &'a str,
    pub body: &'a [u8],
}

impl<'a> View<'a> {
    /// Read one observation that takes all of ``bytes``.
    ///
    /// # Errors
    /// They are no observation.
    pub fn read(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let view = reader.observation()?;
        if reader.rest().is_empty() { Ok(view) } else { Err(WireError::Type) }
    }
}

/// The bytes of each element of an array.
///
/// # Errors
/// They are no array.
pub fn elements(bytes: &[u8]) -> Result<Vec<&[u8]>, WireError> {
    let mut reader = Reader::new(bytes);
    let count = reader.array()?;
    let mut found = Vec::with_capacity(count.min(bytes.len()));
    for _ in 0..count {
        found.push(reader.raw()?);
    }
    if reader.rest().is_empty() { Ok(found) } else { Err(WireError::Type) }
}

/// The texts of an array of texts.
///
/// # Errors
/// They are no array of texts.
pub fn texts(bytes: &[u8]) -> Result<Vec<&str>, WireError> {
    let mut reader = Reader::new(bytes);
    let found = reader.texts()?;
    if reader.rest().is_empty() { Ok(found) } else { Err(WireError::Type) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let end = self.at.checked_add(length).ok_or(WireError::Short)?;
        let found = self.bytes.get(self.at..end).ok_or(WireError::Short)?;
        self.at = end;
        Ok(found)
    }

    fn byte(&mut self) -> Result<u8, WireError> {
        Ok(self.take(1)?[0])
    }

    /// A big-endian number of ``width`` bytes.
    fn number(&mut self, width: usize) -> Result<u64, WireError> {
        Ok(self.take(width)?.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    fn length(&mut self, width: usize) -> Result<usize, WireError> {
        Ok(self.number(width)? as usize)
    }

    fn array(&mut self) -> Result<usize, WireError> {
        match self.byte()? {
            head @ 0x90..=0x9f => Ok(usize::from(head & 0x0f)),
            0xdc => self.length(2),
            0xdd => self.length(4),
            _ => Err(WireError::Type),
        }
    }

    fn map(&mut self) -> Result<usize, WireError> {
        match self.byte()? {
            head @ 0x80..=0x8f => Ok(usize::from(head & 0x0f)),
            0xde => self.length(2),
            0xdf => self.length(4),
            _ => Err(WireError::Type),
        }
    }

    fn text(&mut self) -> Result<&'a str, WireError> {
        let length = match self.byte()? {
            head @ 0xa0..=0xbf => usize::from(head & 0x1f),
            0xd9 => self.length(1)?,
            0xda => self.length(2)?,
            0xdb => self.length(4)?,
            _ => return Err(WireError::Type),
        };
        std::str::from_utf8(self.take(length)?).map_err(|_| WireError::Utf8)
    }

    fn texts(&mut self) -> Result<Vec<&'a str>, WireError> {
        let count = self.array()?;
        let mut found = Vec::with_capacity(count.min(self.rest().len()));
        for _ in 0..count {
            found.push(self.text()?);
        }
        Ok(found)
    }

    fn integer(&mut self) -> Result<i64, WireError> {
        match self.byte()? {
            head @ 0x00..=0x7f => Ok(i64::from(head)),
            head @ 0xe0..=0xff => Ok(i64::from(head as i8)),
            head @ 0xcc..=0xcf => {
                let value = self.number(1 << (head - 0xcc))?;
                i64::try_from(value).map_err(|_| WireError::Type)
            }
            head @ 0xd0..=0xd3 => {
                let width = 1_usize << (head - 0xd0);
                let shift = 64 - 8 * width;
                Ok((self.number(width)? << shift) as i64 >> shift)
            }
            _ => Err(WireError::Type),
        }
    }

    /// A number, whole or not.
    #[expect(clippy::cast_precision_loss, reason = "weights are small")]
    fn float(&mut self) -> Result<f64, WireError> {
        match self.rest().first() {
            Some(0xca) => {
                self.at += 1;
                Ok(f64::from(f32::from_bits(self.number(4)? as u32)))
            }
            Some(0xcb) => {
                self.at += 1;
                Ok(f64::from_bits(self.number(8)?))
            }
            _ => Ok(self.integer()? as f64),
        }
    }

    /// The bytes of one value of any type.
    fn raw(&mut self) -> Result<&'a [u8], WireError> {
        let from = self.at;
        self.skip(0)?;
        Ok(&self.bytes[from..self.at])
    }

    fn skip(&mut self, depth: usize) -> Result<(), WireError> {
        if depth > DEEPEST {
            return Err(WireError::Deep);
        }
        let from = self.at;
        let head = self.byte()?;
        if let Some(length) = self.plain(head)? {
            self.take(length)?;
            return Ok(());
        }
        self.at = from;
        let values = match head {
            0x80..=0x8f | 0xde | 0xdf => self.map()?.saturating_mul(2),
            _ => self.array()?,
        };
        for _ in 0..values {
            self.skip(depth + 1)?;
        }
        Ok(())
    }

    /// How many bytes a value without parts takes after its head; none of maps and arrays.
    fn plain(&mut self, head: u8) -> Result<Option<usize>, WireError> {
        Ok(Some(match head {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 0,
            0xa0..=0xbf => usize::from(head & 0x1f),
            0xc4 | 0xd9 => self.length(1)?,
            0xc5 | 0xda => self.length(2)?,
            0xc6 | 0xdb => self.length(4)?,
            0xc7 => self.length(1)?.saturating_add(1),
            0xc8 => self.length(2)?.saturating_add(1),
            0xc9 => self.length(4)?.saturating_add(1),
            0xca => 4,
            0xcb => 8,
            0xcc..=0xcf => 1 << (head - 0xcc),
            0xd0..=0xd3 => 1 << (head - 0xd0),
            0xd4..=0xd8 => (1 << (head - 0xd4)) + 1,
            0x80..=0x9f | 0xdc..=0xdf => return Ok(None),
            0xc1 => return Err(WireError::Type),
        }))
    }

    fn observation(&mut self) -> Result<View<'a>, WireError> {
        let mut view = View { weight: 1.0, ..View::default() };
        for _ in 0..self.map()? {
            match self.text()? {
                "id" => view.id = self.text()?,
                "source" => view.source = self.text()?,
                "kind" => view.kind = self.text()?,
                "at" => view.at = self.integer()?,
                "mentions" => view.mentions = self.mentions()?,
                "tlp" => view.tlp = self.text()?,
                "org" => view.org = self.text()?,
                "groups" => view.groups = self.texts()?,
                "pap" => view.pap = self.text()?,
                "weight" => view.weight = self.float()?,
                "behaviours" => view.behaviours = self.texts()?,
                "finding" => view.finding = self.text()?,
                "body" => view.body = self.raw()?,
                _ => self.skip(0)?,
            }
        }
        let whole = !view.id.is_empty() && !view.source.is_empty() && !view.kind.is_empty();
        if whole { Ok(view) } else { Err(WireError::Missing) }
    }

    fn mentions(&mut self) -> Result<Vec<Mention<'a>>, WireError> {
        let count = self.array()?;
        let mut found = Vec::with_capacity(count.min(self.rest().len()));
        for _ in 0..count {
            found.push(self.mention()?);
        }
        Ok(found)
    }

    fn mention(&mut self) -> Result<Mention<'a>, WireError> {
        let mut mention = Mention::default();
        for _ in 0..self.map()? {
            match self.text()? {
                "kind" => mention.kind = self.text()?,
                "value" => mention.value = self.text()?,
                "role" => mention.role = self.text()?,
                _ => self.skip(0)?,
            }
        }
        if mention.kind.is_empty() { Err(WireError::Missing) } else { Ok(mention) }
    }
}

/// Writes MessagePack.
#[derive(Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    /// Head of an array.
    pub fn array(&mut self, count: usize) {
        self.bytes.push(0xdd);
        self.bytes.extend((count as u32).to_be_bytes());
    }

    /// Head of a map.
    pub fn map(&mut self, count: usize) {
        self.bytes.push(0xdf);
        self.bytes.extend((count as u32).to_be_bytes());
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        match text.len() {
            length @ 0..=31 => self.bytes.push(0xa0 | length as u8),
            length => {
                self.bytes.push(0xdb);
                self.bytes.extend((length as u32).to_be_bytes());
            }
        }
        self.bytes.extend(text.as_bytes());
    }

    /// An array of texts.
    pub fn texts<'a>(&mut self, texts: impl ExactSizeIterator<Item = &'a str>) {
        self.array(texts.len());
        texts.for_each(|text| self.text(text));
    }

    /// A whole number.
    pub fn integer(&mut self, value: i64) {
        self.bytes.push(0xd3);
        self.bytes.extend(value.to_be_bytes());
    }

    /// A number.
    pub fn float(&mut self, value: f64) {
        self.bytes.push(0xcb);
        self.bytes.extend(value.to_be_bytes());
    }
}
