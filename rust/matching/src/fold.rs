//! The spelling in which texts are compared.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfkc};

/// The text in compatibility form (NFKC) and lower case.
///
/// Full-width letters meet their usual forms, and a text that is so already is not copied.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    if is_nfkc(text) && !text.chars().any(char::is_uppercase) {
        return Cow::Borrowed(text);
    }
    // Lower case of a compatibility form may have a compatibility form of its own.
    let lower = text.nfkc().collect::<String>().to_lowercase();
    Cow::Owned(lower.nfkc().collect())
}

fn fold_ascii(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_letters_meet_their_usual_forms() {
        assert_eq!(fold("ＥＸＡＭＰＬＥ．ＣＯＭ"), "example.com");
        assert_eq!(fold("ﾗﾝｻﾑｳｪｱ"), "ランサムウェア");
    }

    #[test]
    fn what_is_folded_already_is_not_copied() {
        assert!(matches!(fold("example.com"), Cow::Borrowed(_)));
        assert!(matches!(fold("例え.jp"), Cow::Borrowed(_)));
        assert_eq!(fold("ABC"), "abc");
        assert_eq!(fold("ÉCOLE"), "école");
    }
}
