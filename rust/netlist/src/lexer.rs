//! Tokens of Verilog text (IEEE 1364-2005, clause 3): one pass over bytes, nothing copied.

/// Text by its place; places behind the text mean names that the reader made itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub at: u32,
    pub len: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A simple or escaped identifier, without the backslash.
    Name(Span),
    /// Digits, a based number, a real number.
    Number(Span),
    Text,
    Sign(u8),
    End,
}

const SPACE: u8 = 1;
const NAME: u8 = 2;

const CLASS: [u8; 256] = {
    let mut table = [0_u8; 256];
    let mut c = 0;
    while c < 256 {
        let byte = c as u8;
        if byte <= b' ' || byte == 0x7F {
            table[c] = SPACE;
        } else if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80 {
            table[c] = NAME;
        }
        c += 1;
    }
    table
};

#[derive(Clone)]
pub struct Lexer<'a> {
    pub text: &'a [u8],
    pub at: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// Go to the next byte that means something, and say which; 0 at the end.
    #[inline]
    pub fn peek(&mut self) -> u8 {
        loop {
            while self.at < self.text.len() && CLASS[usize::from(self.text[self.at])] == SPACE {
                self.at += 1;
            }
            let c = self.byte(self.at);
            if (c != b'/' && c != b'(') || !self.skipped(c) {
                return c;
            }
        }
    }

    /// Skip a comment or an attribute.
    fn skipped(&mut self, c: u8) -> bool {
        match (c, self.byte(self.at + 1)) {
            (b'/', b'/') => self.at = self.find(b"\n", self.at),
            (b'/', b'*') => self.at = self.find(b"*/", self.at + 2),
            (b'(', b'*') if self.byte(self.at + 2) != b')' => {
                self.at = self.find(b"*)", self.at + 2);
            }
            _ => return false,
        }
        true
    }

    /// The place behind the next `what`, or the end.
    fn find(&self, what: &[u8], from: usize) -> usize {
        let from = from.min(self.text.len());
        let found = memchr::memmem::find(&self.text[from..], what);
        found.map_or(self.text.len(), |at| from + at + what.len())
    }

    pub fn skip_line(&mut self) {
        loop {
            let end = self.find(b"\n", self.at);
            let line = self.text[self.at..end].trim_ascii_end();
            self.at = end;
            if line.last() != Some(&b'\\') || end == self.text.len() {
                return;
            }
        }
    }

    #[inline]
    pub fn token(&mut self) -> Token {
        let c = self.peek();
        let from = self.at;
        if self.at >= self.text.len() {
            return Token::End;
        }
        if CLASS[usize::from(c)] == NAME {
            if c.is_ascii_digit() {
                return self.number(from);
            }
            self.at += 1;
            while self.at < self.text.len() && CLASS[usize::from(self.text[self.at])] == NAME {
                self.at += 1;
            }
            return Token::Name(span(from, self.at));
        }
        self.at += 1;
        match c {
            b'\\' => {
                while self.at < self.text.len() && CLASS[usize::from(self.text[self.at])] != SPACE {
                    self.at += 1;
                }
                Token::Name(span(from + 1, self.at))
            }
            b'"' => {
                while self.at < self.text.len() {
                    let c = self.text[self.at];
                    self.at += 1 + usize::from(c == b'\\');
                    if c == b'"' || c == b'\n' {
                        break;
                    }
                }
                self.at = self.at.min(self.text.len());
                Token::Text
            }
            b'\'' => self.number(from),
            _ => Token::Sign(c),
        }
    }

    fn number(&mut self, from: usize) -> Token {
        self.at = from;
        self.digits();
        let here = self.at;
        if self.peek() == b'\'' {
            self.at += 1;
            if self.byte(self.at) | 0x20 == b's' {
                self.at += 1;
            }
            self.at += usize::from(self.byte(self.at).is_ascii_alphanumeric());
            self.peek();
            self.digits();
            let end = self.at;
            return Token::Number(span(from, end));
        }
        self.at = here;
        if self.byte(here) == b'.' && self.byte(here + 1).is_ascii_digit() {
            self.at += 1;
            self.digits();
        }
        Token::Number(span(from, self.at))
    }

    fn digits(&mut self) {
        while self.byte(self.at).is_ascii_alphanumeric()
            || matches!(self.byte(self.at), b'_' | b'?')
        {
            self.at += 1;
        }
    }

    /// Take `sign` if it comes next.
    #[inline]
    pub fn take(&mut self, sign: u8) -> bool {
        let found = self.peek() == sign && self.at < self.text.len();
        self.at += usize::from(found);
        found
    }
}

/// The text from one place to another.
pub fn span(from: usize, to: usize) -> Span {
    Span { at: from as u32, len: (to - from) as u32 }
}

/// The bits of a number, lowest first: `None` for x and z; nothing where it is no number.
pub fn bits(text: &[u8]) -> Option<Vec<Option<bool>>> {
    let text: Vec<u8> =
        text.iter().filter(|c| !c.is_ascii_whitespace() && **c != b'_').copied().collect();
    let Some(tick) = text.iter().position(|&c| c == b'\'') else {
        let value: u128 = std::str::from_utf8(&text).ok()?.parse().ok()?;
        return Some(numeral(value, 32));
    };
    let size = match &text[..tick] {
        b"" => 32,
        size => std::str::from_utf8(size)
            .ok()?
            .parse::<usize>()
            .ok()
            .filter(|n| (1..=65_536).contains(n))?,
    };
    let mut rest = &text[tick + 1..];
    if rest.first().is_some_and(|c| c | 0x20 == b's') {
        rest = &rest[1..];
    }
    let (base, digits) = rest.split_first()?;
    let each = match base | 0x20 {
        b'b' => 1,
        b'o' => 3,
        b'h' => 4,
        b'd' => {
            let value: u128 = std::str::from_utf8(digits).ok()?.parse().ok()?;
            return Some(numeral(value, size));
        }
        _ => return None,
    };
    let mut found = Vec::new();
    for &digit in digits.iter().rev() {
        match digit | 0x20 {
            b'x' | b'z' | b'?' => found.extend(std::iter::repeat_n(None, each)),
            digit => {
                let value = char::from(digit).to_digit(1 << each)?;
                found.extend((0..each).map(|at| Some(value >> at & 1 == 1)));
            }
        }
    }
    let last = found.last().copied()?;
    let fill = if last.is_none() { None } else { Some(false) };
    found.resize(size, fill);
    Some(found)
}

/// A number without x and z that fits; none else.
pub fn number(text: &[u8]) -> Option<i64> {
    let found = bits(text)?;
    let used = found.iter().rposition(|bit| *bit == Some(true)).map_or(0, |at| at + 1);
    (used < 63 && found.iter().all(Option::is_some))
        .then(|| (0..used).fold(0, |sum, at| sum | i64::from(found[at] == Some(true)) << at))
}

fn numeral(value: u128, size: usize) -> Vec<Option<bool>> {
    (0..size).map(|at| Some(at < 128 && value >> at & 1 == 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut lexer = Lexer::new(text.as_bytes());
        let mut found = Vec::new();
        loop {
            match lexer.token() {
                Token::End => return found,
                Token::Name(span) | Token::Number(span) => {
                    let from = span.at as usize;
                    found.push(text[from..from + span.len as usize].to_owned());
                }
                Token::Text => found.push("\"\"".to_owned()),
                Token::Sign(c) => found.push(char::from(c).to_string()),
            }
        }
    }

    #[test]
    fn names_comments_and_attributes() {
        assert_eq!(tokens("a /* ; */ b // ;\n(* keep = \"x\" *) c"), ["a", "b", "c"]);
        assert_eq!(tokens(r"\a[3]/b;c  x;"), ["a[3]/b;c", "x", ";"]);
        assert_eq!(tokens("@(*) x"), ["@", "(", "*", ")", "x"]);
        assert_eq!(tokens("\"a;\\\"b\" y"), ["\"\"", "y"]);
        assert_eq!(tokens("4'hA 1'b0 12 1.5 8 'd 7"), ["4'hA", "1'b0", "12", "1.5", "8 'd 7"]);
        assert_eq!(tokens("a /* never closed"), ["a"]);
        assert_eq!(tokens("\\"), [""]);
    }

    #[test]
    fn numbers() {
        let (zero, one) = (Some(false), Some(true));
        assert_eq!(bits(b"4'hA"), Some(vec![zero, one, zero, one]));
        assert_eq!(bits(b"1'b1"), Some(vec![one]));
        assert_eq!(bits(b"3'bx"), Some(vec![None, None, None]));
        assert_eq!(bits(b"2'd3"), Some(vec![one, one]));
        assert_eq!(bits(b"0").map(|bits| bits.len()), Some(32));
        for bad in ["99999999999'b0", "'", "4'", "4'hZZQ", "0'b0", "4'q1", "12ab"] {
            assert_eq!(bits(bad.as_bytes()), None, "{bad}");
        }
    }
}
