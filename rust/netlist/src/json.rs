#![expect(clippy::missing_errors_doc, reason = "every error is: this is no JSON")]
//! JSON (RFC 8259), pulled token by token: enough for netlists of any size, without a tree.

/// How deep objects and arrays may nest.
const DEPTH: u32 = 64;

/// What made the text no JSON, as a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken(pub usize);

type Read<T> = Result<T, Broken>;

pub struct Json<'a> {
    pub text: &'a [u8],
    pub at: usize,
    depth: u32,
}

impl<'a> Json<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// The next byte that means something; 0 at the end.
    pub fn peek(&mut self) -> u8 {
        while self.text.get(self.at).is_some_and(|c| matches!(c, b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn broken<T>(&self) -> Read<T> {
        Err(Broken(self.at))
    }

    fn take(&mut self, sign: u8) -> bool {
        let found = self.peek() == sign;
        self.at += usize::from(found);
        found
    }

    fn want(&mut self, sign: u8) -> Read<()> {
        if self.take(sign) { Ok(()) } else { self.broken() }
    }

    /// Go through the members of an object; each is read (or skipped) by `each`.
    pub fn object(&mut self, mut each: impl FnMut(&mut Self, String) -> Read<()>) -> Read<()> {
        self.items(b'{', b'}', |json| {
            let key = json.string()?;
            json.want(b':')?;
            each(json, key)
        })
    }

    /// Go through the items of an array.
    pub fn array(&mut self, each: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.items(b'[', b']', each)
    }

    fn items(
        &mut self,
        open: u8,
        close: u8,
        mut each: impl FnMut(&mut Self) -> Read<()>,
    ) -> Read<()> {
        self.want(open)?;
        self.depth += 1;
        if self.depth > DEPTH {
            return self.broken();
        }
        if !self.take(close) {
            loop {
                each(self)?;
                if self.take(close) {
                    break;
                }
                self.want(b',')?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    pub fn string(&mut self) -> Read<String> {
        self.want(b'"')?;
        let from = self.at;
        let Some(end) = memchr::memchr2(b'"', b'\\', &self.text[from..]) else {
            return self.broken();
        };
        if self.text[from + end] == b'"' {
            self.at = from + end + 1;
            return Ok(String::from_utf8_lossy(&self.text[from..from + end]).into_owned());
        }
        let mut bytes = Vec::new();
        loop {
            let Some(&c) = self.text.get(self.at) else { return self.broken() };
            self.at += 1;
            match c {
                b'"' => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
                b'\\' => self.escaped(&mut bytes)?,
                _ => bytes.push(c),
            }
        }
    }

    fn escaped(&mut self, bytes: &mut Vec<u8>) -> Read<()> {
        let Some(&c) = self.text.get(self.at) else { return self.broken() };
        self.at += 1;
        let plain = match c {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
                let code =
                    std::str::from_utf8(digits).ok().and_then(|d| u32::from_str_radix(d, 16).ok());
                let Some(code) = code else { return self.broken() };
                self.at += 4;
                let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            other => other,
        };
        bytes.push(plain);
        Ok(())
    }

    /// A number, `true`, `false` or `null` as it is written.
    pub fn word(&mut self) -> Read<&'a [u8]> {
        self.peek();
        let from = self.at;
        while self
            .text
            .get(self.at)
            .is_some_and(|c| c.is_ascii_alphanumeric() || b"+-.".contains(c))
        {
            self.at += 1;
        }
        if from == self.at { self.broken() } else { Ok(&self.text[from..self.at]) }
    }

    pub fn skip(&mut self) -> Read<()> {
        match self.peek() {
            b'{' => self.object(|json, _| json.skip()),
            b'[' => self.array(Self::skip),
            b'"' => self.string().map(drop),
            _ => self.word().map(drop),
        }
    }
}
