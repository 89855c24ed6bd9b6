//! AS paths: segments, the merge with AS4_PATH, and the text that bgpdump writes.

use std::fmt::Write;

use crate::wire::Cursor;

const SET: u8 = 1;
const SEQUENCE: u8 = 2;
const CONFED_SEQUENCE: u8 = 3;
const CONFED_SET: u8 = 4;

/// Part of a path: its type (RFC 4271, section 4.3; RFC 5065, section 3) and its ASes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Segment {
    kind: u8,
    ases: Vec<u32>,
}

/// An AS path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    segments: Vec<Segment>,
}

impl Path {
    /// The path of an attribute; some speakers write the other width than the record says,
    /// which shows because the segments do not end where the attribute does.
    pub fn read(data: &[u8], wide: bool) -> Option<Self> {
        Self::read_as(data, wide).or_else(|| Self::read_as(data, !wide))
    }

    fn read_as(data: &[u8], wide: bool) -> Option<Self> {
        let mut data = Cursor::new(data);
        let mut segments = Vec::new();
        while !data.is_empty() {
            let (kind, many) = (data.u8()?, data.u8()?);
            if !(SET..=CONFED_SET).contains(&kind) {
                return None;
            }
            let ases = (0..many).map(|_| data.asn(wide)).collect::<Option<_>>()?;
            segments.push(Segment { kind, ases });
        }
        Some(Self { segments })
    }

    /// Length as routes are compared by (RFC 4271, 9.1.2.2; RFC 5065, 5.3): a set counts as
    /// one, confederations as nothing.
    pub fn length(&self) -> usize {
        let of = |segment: &Segment| match segment.kind {
            SEQUENCE => segment.ases.len(),
            SET => 1,
            _ => 0,
        };
        self.segments.iter().map(of).sum()
    }

    /// The AS that the route comes from; none when the path is empty or ends in a set of
    /// several (RFC 6811, section 2).
    pub fn origin(&self) -> Option<u32> {
        let last = self.segments.last()?;
        match (last.kind, last.ases.as_slice()) {
            (SEQUENCE | CONFED_SEQUENCE, ases) => ases.last().copied(),
            (_, [only]) => Some(*only),
            _ => None,
        }
    }

    /// The path with the four-octet numbers of AS4_PATH (RFC 6793, section 4.2.3).
    pub fn merged(mut self, four: Self) -> Self {
        let Some(mut kept) = self.length().checked_sub(four.length()) else { return self };
        let mut front = Vec::new();
        for mut segment in self.segments.drain(..) {
            match segment.kind {
                _ if kept == 0 => break,
                SEQUENCE => {
                    segment.ases.truncate(kept);
                    kept -= segment.ases.len();
                }
                SET => kept -= 1,
                _ => {}
            }
            front.push(segment);
        }
        front.extend(four.segments);
        join(&mut front);
        Self { segments: front }
    }

    /// Writes the path as bgpdump does: `1 2 {3,4} (5 6) [7,8]`.
    pub fn write(&self, out: &mut String) {
        for segment in &self.segments {
            if !out.is_empty() {
                out.push(' ');
            }
            let (open, between, close) = match segment.kind {
                SET => ("{", ',', "}"),
                CONFED_SEQUENCE => ("(", ' ', ")"),
                CONFED_SET => ("[", ',', "]"),
                _ => ("", ' ', ""),
            };
            out.push_str(open);
            for (place, asn) in segment.ases.iter().enumerate() {
                if place > 0 {
                    out.push(between);
                }
                // Writing to a string does not fail.
                let _ = write!(out, "{asn}");
            }
            out.push_str(close);
        }
    }
}

/// Puts sequences that stand side by side together.
fn join(segments: &mut Vec<Segment>) {
    segments.dedup_by(|next, before| {
        let both = before.kind == SEQUENCE && next.kind == SEQUENCE;
        if both {
            before.ases.append(&mut next.ases);
        }
        both
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(segments: &[(u8, &[u32])]) -> Path {
        let segments = segments.iter();
        Path {
            segments: segments
                .map(|(kind, ases)| Segment { kind: *kind, ases: ases.to_vec() })
                .collect(),
        }
    }

    fn text(path: &Path) -> String {
        let mut out = String::new();
        path.write(&mut out);
        out
    }

    #[test]
    fn four_octet_numbers_replace_the_tail() {
        // RFC 6793, section 4.2.3: the leading ASes of AS_PATH, then AS4_PATH.
        let old = path(&[(SEQUENCE, &[64500, 23456, 23456])]);
        let merged = old.merged(path(&[(SEQUENCE, &[196_608, 196_609])]));
        assert_eq!(text(&merged), "64500 196608 196609");
    }

    #[test]
    fn a_longer_as4_path_is_ignored() {
        let old = path(&[(SEQUENCE, &[64500])]);
        assert_eq!(text(&old.merged(path(&[(SEQUENCE, &[1, 2])]))), "64500");
    }

    #[test]
    fn sets_count_as_one() {
        let whole = path(&[(SEQUENCE, &[1, 2]), (SET, &[3, 4]), (CONFED_SEQUENCE, &[5])]);
        assert_eq!(whole.length(), 3);
        assert_eq!(text(&whole), "1 2 {3,4} (5)");
    }

    #[test]
    fn a_set_of_several_has_no_origin() {
        assert_eq!(path(&[(SEQUENCE, &[1]), (SET, &[3, 4])]).origin(), None);
        assert_eq!(path(&[(SEQUENCE, &[1]), (SET, &[3])]).origin(), Some(3));
        assert_eq!(path(&[]).origin(), None);
    }

    #[test]
    fn the_other_width_is_tried() {
        let wide = [2, 2, 0, 3, 0, 0, 0, 0, 0, 7];
        assert_eq!(text(&Path::read(&wide, false).unwrap()), "196608 7");
    }
}
