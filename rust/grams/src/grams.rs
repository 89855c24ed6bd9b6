//! The grams of a sentence.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Buckets that each kind of grams is hashed into.
pub const BUCKETS: usize = 1 << 18;

const SHORTEST: usize = 3;
const LONGEST: usize = 5;
const MOST_CHARS: usize = 4_000;

/// How often each bucket occurs: words in the first [`BUCKETS`], runs behind them.
pub type Counts = HashMap<u32, u32>;

/// Lower case, compatibility forms made one, without accents; at most 4,000 characters.
fn folded(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .take(MOST_CHARS)
        .collect()
}

/// FNV-1a, 64 bits, folded to the number of buckets.
fn bucket(bytes: impl Iterator<Item = u8>) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    ((hash >> 32 ^ hash) as usize & (BUCKETS - 1)) as u32
}

/// Calls `each` with every gram and its bucket.
fn for_each(text: &str, mut each: impl FnMut(&str, u32)) {
    let text = folded(text);
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| word.chars().nth(1).is_some())
        .collect();
    let mut pair = String::new();
    for (place, word) in words.iter().enumerate() {
        each(word, bucket(word.bytes()));
        if let Some(next) = words.get(place + 1) {
            pair.clear();
            pair.push_str(word);
            pair.push(' ');
            pair.push_str(next);
            each(&pair, bucket(pair.bytes()));
        }
    }
    for word in text.split_whitespace() {
        runs(word, &mut each);
    }
}

/// Runs of characters of a word with a space at each end.
fn runs(word: &str, each: &mut impl FnMut(&str, u32)) {
    let padded = format!(" {word} ");
    let mut starts: Vec<usize> = padded.char_indices().map(|(at, _)| at).collect();
    starts.push(padded.len());
    let length = starts.len() - 1;
    for size in SHORTEST..=LONGEST.min(length) {
        for first in 0..=length - size {
            let run = &padded[starts[first]..starts[first + size]];
            each(run, BUCKETS as u32 + bucket(run.bytes()));
        }
    }
}

/// The buckets of a sentence and how often each occurs.
pub fn count(text: &str) -> Counts {
    let mut counts = Counts::new();
    for_each(text, |_, bucket| *counts.entry(bucket).or_default() += 1);
    counts
}

/// The grams themselves with their buckets, in the order of the text, for explanations.
pub fn words_and_runs(text: &str) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    for_each(text, |gram, bucket| found.push((gram.to_owned(), bucket)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(text: &str) -> Vec<String> {
        words_and_runs(text).into_iter().map(|(gram, _)| gram).collect()
    }

    #[test]
    fn words_pairs_and_runs() {
        // By hand: "ab" and "cde" are words, "x" is too short for one.
        let found = grams("Ab x CDE");
        let words = ["ab", "ab cde", "cde"];
        let runs = [" ab", "ab ", " ab ", " x ", " cd", "cde", "de ", " cde", "cde ", " cde "];
        assert_eq!(found, words.iter().chain(&runs).map(ToString::to_string).collect::<Vec<_>>());
    }

    #[test]
    fn accents_case_and_width_do_not_matter() {
        assert_eq!(count("Café ＰＯＷＥＲ"), count("cafe power"));
    }

    #[test]
    fn repetitions_are_counted_and_length_is_bounded() {
        assert_eq!(count("ab ab ab").values().max(), Some(&3));
        assert!(words_and_runs(&"x".repeat(1 << 20)).len() < 4 * MOST_CHARS);
        assert!(count("").is_empty());
    }
}
