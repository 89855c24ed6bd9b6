//! What could not be read, by place: told and counted, and the rest is read on.

/// As many are kept; all are counted.
const KEPT: usize = 1_000;

/// Something that could not be read; `line` is 0 where it is about the whole design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub line: u32,
    pub column: u32,
    pub code: &'static str,
    pub text: String,
}

#[derive(Clone, Debug, Default)]
pub struct Problems {
    /// Places in the text, codes, and what stands there.
    found: Vec<(u32, &'static str, String)>,
    pub count: u64,
    general: Vec<Problem>,
}

impl Problems {
    pub fn add(&mut self, at: usize, code: &'static str, text: &[u8]) {
        self.count += 1;
        if self.found.len() < KEPT {
            self.found.push((at as u32, code, excerpt(text)));
        }
    }

    /// About the whole design, not about a place.
    pub fn general(&mut self, code: &'static str, text: &str) {
        self.count += 1;
        if self.general.len() < KEPT {
            self.general.push(Problem { line: 0, column: 0, code, text: excerpt(text.as_bytes()) });
        }
    }

    /// With lines and columns, both from 1; a column counts characters.
    pub fn placed(mut self, text: &[u8]) -> Vec<Problem> {
        self.found.sort_by_key(|(at, ..)| *at);
        let (mut line, mut start, mut seen) = (1, 0, 0);
        let mut placed = Vec::with_capacity(self.found.len() + self.general.len());
        for (at, code, excerpt) in self.found {
            let at = (at as usize).min(text.len());
            for end in memchr::memchr_iter(b'\n', &text[seen..at]) {
                line += 1;
                start = seen + end + 1;
            }
            seen = at;
            let column = String::from_utf8_lossy(&text[start..at]).chars().count() as u32 + 1;
            placed.push(Problem { line, column, code, text: excerpt });
        }
        placed.append(&mut self.general);
        placed
    }
}

/// The first 60 characters of the first line.
fn excerpt(text: &[u8]) -> String {
    let line = text.split(|&c| c == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(&line[..line.len().min(240)]).trim().chars().take(60).collect()
}
