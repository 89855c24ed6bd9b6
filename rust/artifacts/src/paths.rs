//! Registry keys, paths of files, mutexes, User-Agents.

use crate::context::{holds, left};
use crate::extract::{Role, Scan};
use crate::kind::Kind;
use crate::registry;

/// A registry key whose hive is the word between `start` and `end`.
pub fn registry_key(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    registry::hive(std::str::from_utf8(&text[start..end]).ok()?)?;
    let slash = if text.get(end) == Some(&b':') { end + 1 } else { end };
    if text.get(slash) != Some(&b'\\') {
        return None;
    }
    let stop = extent(text, start, slash);
    let shown = std::str::from_utf8(&text[start..stop]).ok()?;
    let value = registry::registry(shown)?;
    scan.keep(Kind::Registry, value, start, stop, Role::Indicator);
    Some(stop)
}

const WRITTEN: [&str; 22] = [
    "drop",
    "dropped",
    "drops",
    "writes",
    "written",
    "saved",
    "saves",
    "created",
    "creates",
    "copies",
    "copied",
    "file",
    "files",
    "path",
    "installed",
    "located",
    "作成",
    "保存",
    "生成",
    "ファイル",
    "設置",
    "コピー",
];

/// A path that begins with a drive: `C:\`.
pub fn drive_path(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let text = scan.text;
    if text.get(start + 1..start + 3) != Some(b":\\".as_slice()) {
        return None;
    }
    keep_path(scan, start, start + 2)
}

/// A path that begins with a variable: `%APPDATA%\`.
pub fn variable_path(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let text = scan.text;
    let name = text[start + 1..]
        .iter()
        .take(32)
        .take_while(|b| b.is_ascii_alphanumeric() || b"_()".contains(b))
        .count();
    let end = start + 1 + name;
    (name > 0 && text[end..].starts_with(b"%\\")).then(|| keep_path(scan, start, end + 1))?
}

fn keep_path(scan: &mut Scan<'_>, start: usize, slash: usize) -> Option<usize> {
    let text = scan.text;
    let end = extent(text, start, slash);
    let shown = std::str::from_utf8(&text[start..end]).ok()?;
    let named = shown.rsplit('\\').next().is_some_and(|name| name.len() > 1);
    let role =
        if named && holds(&left(text, start), &WRITTEN) { Role::Indicator } else { Role::Context };
    scan.keep(Kind::File, shown.to_owned(), start, end, role);
    Some(end)
}

/// The end of a path with backslashes. In quotes: the closing one. Else a blank belongs to
/// it when capitalised words lead to another backslash (`Windows NT\CurrentVersion`).
fn extent(text: &[u8], start: usize, slash: usize) -> usize {
    let quote = start.checked_sub(1).map(|at| text[at]).filter(|b| b"\"'`".contains(b));
    let mut at = slash;
    while at < text.len() {
        let byte = text[at];
        let stop =
            !(b' '..0x7F).contains(&byte) || Some(byte) == quote || b"\"<>|*?`;,".contains(&byte);
        if stop || byte == b' ' && quote.is_none() && !goes_on(text, at) {
            break;
        }
        at += 1;
    }
    while at > slash
        && b".:)' ]}\\".contains(&text[at - 1])
        && !(text[at - 1] == b'}' || Some(text[at - 1]) == quote)
    {
        at -= 1;
    }
    at
}

fn goes_on(text: &[u8], blank: usize) -> bool {
    let mut begins = true;
    for (count, byte) in text[blank + 1..].iter().take(48).enumerate() {
        match byte {
            b'\\' => return count > 0 && !is_hive(&text[blank + 1..blank + 1 + count]),
            b' ' if !begins => begins = true,
            b'A'..=b'Z' | b'0'..=b'9' | b'(' if begins => begins = false,
            // "Windows x64"
            b'x' if begins && text.get(blank + 2 + count).is_some_and(u8::is_ascii_digit) => {
                begins = false;
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'(' | b')'
                if !begins => {}
            _ => return false,
        }
    }
    false
}

fn is_hive(words: &[u8]) -> bool {
    let last = words.rsplit(|b| *b == b' ').next().unwrap_or_default();
    std::str::from_utf8(last).is_ok_and(|word| registry::hive(word).is_some())
}

/// The name of a mutex behind the word for it, which ends at `end`.
pub fn mutex(scan: &mut Scan<'_>, end: usize) -> Option<usize> {
    const FILLERS: [&str; 14] = [
        "named",
        "called",
        "name",
        "names",
        "is",
        "with",
        "the",
        "object",
        "string",
        "名",
        "は",
        "として",
        "の",
        "「",
    ];
    let text = scan.text;
    let mut at = end;
    let mut said = false;
    loop {
        let before = at;
        while text.get(at).is_some_and(|b| *b == b' ' || *b == b':' || *b == b'=' || *b == b'(') {
            said |= matches!(text[at], b':' | b'=');
            at += 1;
        }
        for filler in FILLERS {
            let rest = &text[at.min(text.len())..];
            let whole = !rest.get(filler.len()).is_some_and(u8::is_ascii_alphanumeric)
                || !filler.is_ascii();
            if rest.starts_with(filler.as_bytes()) && whole {
                said = true;
                at += filler.len();
            }
        }
        if at == before || at - end > 60 {
            break;
        }
    }
    let quote = text.get(at).copied().filter(|b| b"\"'`".contains(b));
    let start = at + usize::from(quote.is_some());
    let inside = |b: &u8| match quote {
        Some(quote) => *b != quote && *b >= b' ',
        None => b.is_ascii_alphanumeric() || b"_-\\{}.!@#$%".contains(b),
    };
    let length = text.get(start..)?.iter().take(128).take_while(|b| inside(b)).count();
    let stop = start + text[start..start + length].iter().rposition(|b| *b != b'.')? + 1;
    let value = std::str::from_utf8(&text[start..stop]).ok()?;
    let odd = value.bytes().any(|b| b.is_ascii_digit() || b"_\\{-".contains(&b));
    let whole = quote.is_none() || text.get(start + length) == quote.as_ref();
    if value.len() < 4 || !whole || !(odd || quote.is_some()) || !(said || quote.is_some()) {
        return None;
    }
    scan.keep(Kind::Mutex, value.to_owned(), start, stop, Role::Indicator);
    Some(stop)
}

/// A User-Agent: what a browser calls itself, at `start`, to the end of the line or quote.
pub fn agent(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let text = scan.text;
    let quote = start.checked_sub(1).map(|at| text[at]).filter(|b| b"\"'`".contains(b));
    let inside = |b: &u8| *b >= b' ' && *b < 0x7F && Some(*b) != quote && !b"\"`|".contains(b);
    let length = text[start..].iter().take(512).take_while(|b| inside(b)).count();
    let shown =
        std::str::from_utf8(&text[start..start + length]).ok()?.trim_end_matches([' ', '.', ',']);
    if shown.len() < 8 {
        return None;
    }
    scan.keep(Kind::Agent, shown.to_owned(), start, start + shown.len(), Role::Indicator);
    Some(start + shown.len())
}

/// Where the value begins behind `User-Agent:`, which begins at `start`.
pub fn agent_value(text: &[u8], start: usize) -> Option<usize> {
    const NAME: &[u8] = b"user-agent";
    let head = text.get(start..start + NAME.len())?;
    if !head.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let mut at = start + NAME.len();
    if text.get(at) != Some(&b':') {
        return None;
    }
    at += 1;
    while text.get(at).is_some_and(|b| b" \"'`".contains(b)) {
        at += 1;
    }
    Some(at)
}
