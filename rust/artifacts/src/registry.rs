//! Registry keys: the hive in full, single backslashes, the rest as it is.

const HIVES: [(&str, &str); 5] = [
    ("HKLM", "HKEY_LOCAL_MACHINE"),
    ("HKCU", "HKEY_CURRENT_USER"),
    ("HKCR", "HKEY_CLASSES_ROOT"),
    ("HKCC", "HKEY_CURRENT_CONFIG"),
    ("HKU", "HKEY_USERS"),
];

/// How the kernel calls two of them.
const KERNEL: [(&str, &str); 2] = [("MACHINE", "HKEY_LOCAL_MACHINE"), ("USER", "HKEY_USERS")];

/// A key or value of the registry.
pub fn registry(text: &str) -> Option<String> {
    let mut parts = text.split(['\\', '/']).filter(|part| !part.is_empty()).peekable();
    if parts.peek().is_some_and(|part| part.eq_ignore_ascii_case("computer")) {
        parts.next();
    }
    let first = parts.next()?;
    let hive = if first.eq_ignore_ascii_case("registry") && text.starts_with('\\') {
        known(&KERNEL, parts.next()?)?
    } else {
        hive(first)?
    };
    let rest: Vec<&str> = if text.contains('\\') {
        text_after(text, first).split('\\').filter(|part| !part.is_empty()).collect()
    } else {
        parts.collect()
    };
    let skip = usize::from(first.eq_ignore_ascii_case("registry"));
    let path: String =
        rest.into_iter().skip(skip).fold(String::new(), |path, part| path + "\\" + part);
    Some(hive.to_owned() + &path)
}

/// The hive that a word names, as in `HKLM`, `HKEY_LOCAL_MACHINE`, `HKLM:`.
pub fn hive(word: &str) -> Option<&'static str> {
    let word = word.strip_suffix(':').unwrap_or(word);
    let whole = HIVES.iter().find(|(_, name)| name.eq_ignore_ascii_case(word));
    whole.map(|(_, name)| *name).or_else(|| known(&HIVES, word))
}

fn known(table: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(short, _)| short.eq_ignore_ascii_case(word)).map(|(_, name)| *name)
}

fn text_after<'t>(text: &'t str, word: &str) -> &'t str {
    text.find(word).map_or("", |at| &text[at + word.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hives_are_written_out() {
        for (text, shown) in [
            (r"HKLM\Software\X", r"HKEY_LOCAL_MACHINE\Software\X"),
            (r"hkcu\Software\X\", r"HKEY_CURRENT_USER\Software\X"),
            (r"HKLM:\\Software\\X", r"HKEY_LOCAL_MACHINE\Software\X"),
            (r"Computer\HKEY_CLASSES_ROOT\.txt", r"HKEY_CLASSES_ROOT\.txt"),
            (r"\REGISTRY\MACHINE\SYSTEM\Select", r"HKEY_LOCAL_MACHINE\SYSTEM\Select"),
            (r"\Registry\User\S-1-5-18", r"HKEY_USERS\S-1-5-18"),
            ("HKLM/Software/X", r"HKEY_LOCAL_MACHINE\Software\X"),
            (r"HKLM\Software\a/b", r"HKEY_LOCAL_MACHINE\Software\a/b"),
            ("HKEY_USERS", "HKEY_USERS"),
        ] {
            assert_eq!(registry(text).as_deref(), Some(shown), "{text}");
        }
        for text in ["", r"C:\Windows", "HKXX\\a", r"\REGISTRY\A"] {
            assert_eq!(registry(text), None, "{text}");
        }
    }
}
