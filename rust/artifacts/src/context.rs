//! What stands before and behind a place of a text.

/// How far is looked, in bytes.
const WINDOW: usize = 64;

/// The end of the line before `at`, at most [`WINDOW`] bytes, in lower case (ASCII).
pub fn left(text: &[u8], at: usize) -> Vec<u8> {
    let from = at.saturating_sub(WINDOW);
    let line = text[from..at].iter().rposition(|b| *b == b'\n').map_or(from, |p| from + p + 1);
    text[line..at].to_ascii_lowercase()
}

/// The beginning of the line from `at` on, in lower case (ASCII).
pub fn right(text: &[u8], at: usize) -> Vec<u8> {
    let to = (at + WINDOW).min(text.len());
    let line = text[at..to].iter().position(|b| *b == b'\n').map_or(to, |p| at + p);
    text[at..line].to_ascii_lowercase()
}

/// `left` without the signs that join a word to its value.
pub fn without_joints(left: &[u8]) -> &[u8] {
    let mut left = left;
    loop {
        let before = left.len();
        left = left.trim_ascii_end();
        for joint in JOINTS {
            left = left.strip_suffix(joint.as_bytes()).unwrap_or(left);
        }
        if left.len() == before {
            return left;
        }
    }
}

const JOINTS: [&str; 20] = [
    ":", "=", "\"", "'", "`", "(", "|", "<", "「", "『", "（", "：", "は", "が", "の", "、", "=>",
    "->", " is", "値",
];

/// Whether `left` ends in a word of the list, at the beginning of a word.
pub fn ends_in(left: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| {
        left.strip_suffix(word.as_bytes()).is_some_and(|before| {
            let joined = before.last().is_some_and(u8::is_ascii_alphanumeric);
            !joined || !word.as_bytes()[0].is_ascii_alphanumeric()
        })
    })
}

/// Whether a word of the list stands anywhere in `text`, at the beginning of a word.
pub fn holds(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| last_place(text, word).is_some())
}

/// Where a word begins for the last time.
pub fn last_place(text: &[u8], word: &str) -> Option<usize> {
    let word = word.as_bytes();
    let last = text.len().checked_sub(word.len())?;
    (0..=last).rev().filter(|at| text[*at] == word[0]).find(|at| {
        let begins =
            *at == 0 || !text[at - 1].is_ascii_alphanumeric() || !word[0].is_ascii_alphanumeric();
        begins && text[*at..].starts_with(word)
    })
}

/// Words behind which a number with three dots is a version, a section, an object identifier.
pub fn is_numbered(text: &[u8], start: usize, end: usize) -> bool {
    let left = left(text, start);
    let bare = without_joints(&left);
    if ends_in(bare, &VERSION_WORDS) || ends_in(bare, &PRODUCTS) || ends_in(bare, &PHRASES) {
        return true;
    }
    let right = right(text, end);
    let right = right.trim_ascii_start();
    LATER.iter().any(|word| right.starts_with(word.as_bytes()))
}

/// Whether only a comma, a dash or the like stands between two numbers of a list.
pub fn is_listed(text: &[u8], from: usize, to: usize) -> bool {
    let Some(between) = text.get(from..to).filter(|between| between.len() <= 16) else {
        return false;
    };
    let lower = between.to_ascii_lowercase();
    let plain = lower.trim_ascii();
    [
        "",
        ",",
        "-",
        "to",
        "and",
        "or",
        "through",
        ", and",
        ", or",
        "/",
        "、",
        "および",
        "及び",
        "や",
        "から",
        "～",
        "〜",
        "または",
        "と",
    ]
    .iter()
    .any(|word| plain == word.as_bytes())
}

const VERSION_WORDS: [&str; 50] = [
    "version",
    "versions",
    "ver",
    "ver.",
    "v",
    "v.",
    "release",
    "releases",
    "build",
    "rev",
    "rev.",
    "revision",
    "firmware",
    "patch",
    "hotfix",
    "update",
    "バージョン",
    "ビルド",
    "リリース",
    "ファームウェア",
    "版",
    "rel",
    "section",
    "sections",
    "sec",
    "sec.",
    "§",
    "chapter",
    "paragraph",
    "clause",
    "figure",
    "fig",
    "fig.",
    "table",
    "appendix",
    "annex",
    "rule",
    "step",
    "oid",
    "セクション",
    "節",
    "章",
    "項",
    "第",
    "図",
    "表",
    "付録",
    "条",
    "項番",
    "software version",
];

const PRODUCTS: [&str; 75] = [
    "chrome",
    "chromium",
    "firefox",
    "edge",
    "safari",
    "opera",
    "windows",
    "openssl",
    "openssh",
    "nginx",
    "apache",
    "httpd",
    "tomcat",
    "android",
    "ios",
    "macos",
    "os x",
    "java",
    "jre",
    "jdk",
    "acrobat",
    "reader",
    "office",
    "flash",
    "flash player",
    "php",
    "python",
    "perl",
    "ruby",
    "node.js",
    "kernel",
    "linux",
    "exchange",
    "sharepoint",
    "outlook",
    "word",
    "excel",
    "internet explorer",
    "fortios",
    "pan-os",
    "junos",
    "esxi",
    "vcenter",
    "vmware",
    "citrix",
    "netscaler",
    "wordpress",
    "drupal",
    "joomla",
    "struts",
    "log4j",
    "spring",
    "jenkins",
    "gitlab",
    "confluence",
    "jira",
    "mysql",
    "mariadb",
    "postgresql",
    "redis",
    "docker",
    "kubernetes",
    "teamviewer",
    "anydesk",
    "winrar",
    "7-zip",
    "zoom",
    "teams",
    "webex",
    "moveit",
    "weblogic",
    "websphere",
    "coldfusion",
    "samba",
    "bind",
];

const PHRASES: [&str; 15] = [
    "fixed in",
    "patched in",
    "resolved in",
    "addressed in",
    "introduced in",
    "upgrade to",
    "upgraded to",
    "update to",
    "updated to",
    "downgrade to",
    "prior to",
    "earlier than",
    "older than",
    "修正版",
    "アップデート",
];

const LATER: [&str; 20] = [
    "or later",
    "or earlier",
    "or newer",
    "or older",
    "or above",
    "or below",
    "or prior",
    "and later",
    "and earlier",
    "and newer",
    "and older",
    "and above",
    "and below",
    "and prior",
    "以降",
    "以前",
    "未満",
    "より前",
    "より古い",
    "(build",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(text: &str, value: &str) -> bool {
        let start = text.find(value).unwrap_or(0);
        is_numbered(text.as_bytes(), start, start + value.len())
    }

    #[test]
    fn numbers_that_are_no_addresses() {
        assert!(numbered("The implant (version 10.0.1.3) writes", "10.0.1.3"));
        assert!(numbered("バージョン10.2.3.4以降", "10.2.3.4"));
        assert!(numbered("nginx 1.25.3.1", "1.25.3.1"));
        assert!(numbered("10.2.3.4 and earlier", "10.2.3.4"));
        assert!(!numbered("connects to 10.2.3.4 and", "10.2.3.4"));
        assert!(!numbered("conversion 10.2.3.4", "10.2.3.4"));
    }
}
