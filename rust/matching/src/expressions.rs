//! Regular expressions of strangers, all tried in one pass.
//!
//! The engine takes time linear in the text, whatever the expression; what an expression
//! may grow to is limited, so that `(a{1000}){1000}` is refused when it is compiled.

use regex::{RegexBuilder, RegexSet, RegexSetBuilder};

use crate::builder::Reason;

/// Longest expression, in bytes.
const LONGEST: usize = 2_000;
/// What one expression may compile to, in bytes.
const COMPILED: usize = 1 << 20;
/// What all may compile to together before they are tried in two halves.
const TOGETHER: usize = 8 << 20;
const NESTING: u32 = 50;

/// Expressions under construction: (expression, rule).
#[derive(Default)]
pub struct ExpressionsBuilder {
    given: Vec<(String, u32)>,
}

impl ExpressionsBuilder {
    /// Takes an expression: as it is, or between slashes with flags behind (`/x/i`).
    pub fn add(&mut self, text: &str, rule: u32) -> Result<(), Reason> {
        let expression = unquoted(text).ok_or(Reason::Flags)?;
        if expression.len() > LONGEST {
            return Err(Reason::Large);
        }
        let mut builder = RegexBuilder::new(&expression);
        match builder.size_limit(COMPILED).nest_limit(NESTING).build() {
            Ok(_) => self.given.push((expression, rule)),
            Err(regex::Error::CompiledTooBig(_)) => return Err(Reason::Large),
            Err(_) => return Err(Reason::Expression),
        }
        Ok(())
    }

    pub fn build(self) -> Expressions {
        let mut sets = Vec::new();
        compile(&self.given, &mut sets);
        Expressions { sets }
    }
}

/// Compiles them together, or in halves where they are too large together.
fn compile(given: &[(String, u32)], sets: &mut Vec<Set>) {
    if given.is_empty() {
        return;
    }
    let mut builder = RegexSetBuilder::new(given.iter().map(|(expression, _)| expression));
    builder.size_limit(TOGETHER).dfa_size_limit(TOGETHER).nest_limit(NESTING);
    match builder.build() {
        Ok(set) => sets.push(Set { set, rules: given.iter().map(|(_, rule)| *rule).collect() }),
        // One alone always fits: it was compiled with a smaller limit before.
        Err(_) if given.len() == 1 => {}
        Err(_) => {
            let (left, right) = given.split_at(given.len() / 2);
            compile(left, sets);
            compile(right, sets);
        }
    }
}

/// `/expression/flags` as an expression with its flags inside; None for an unknown flag.
fn unquoted(text: &str) -> Option<String> {
    let quoted = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    let Some((expression, flags)) = quoted else { return Some(text.to_owned()) };
    let mut kept = String::new();
    for flag in flags.chars() {
        match flag {
            'i' | 'm' | 's' | 'x' => kept.push(flag),
            'g' | 'u' | 'D' => {} // all of them, Unicode, end means end: so it is here anyway
            _ => return None,
        }
    }
    // A slash must be escaped between slashes, and must not be elsewhere.
    let expression = expression.replace("\\/", "/");
    Some(if kept.is_empty() { expression } else { format!("(?{kept}){expression}") })
}

struct Set {
    set: RegexSet,
    rules: Vec<u32>,
}

/// Expressions of all rules.
pub struct Expressions {
    sets: Vec<Set>,
}

impl Expressions {
    /// (expression, rule) of all that match somewhere in the text.
    pub fn matching<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (&'a str, u32)> + 'a {
        self.sets.iter().flat_map(move |Set { set, rules }| {
            let met = set.matches(text);
            (0..rules.len())
                .filter(move |place| met.matched(*place))
                .map(|place| (&*set.patterns()[place], rules[place]))
        })
    }

    pub fn len(&self) -> usize {
        self.sets.iter().map(|set| set.rules.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matching(expressions: &[&str], text: &str) -> Vec<u32> {
        let mut builder = ExpressionsBuilder::default();
        for (rule, expression) in expressions.iter().enumerate() {
            builder.add(expression, rule as u32).unwrap();
        }
        builder.build().matching(text).map(|(_, rule)| rule).collect()
    }

    #[test]
    fn slashes_and_flags_are_understood() {
        let list = [r"/^(noc|abuse)\@.*\..*$/i", "^soc@", r"/a\/b/g"];
        assert_eq!(matching(&list, "ABUSE@example.com"), [0]);
        assert_eq!(matching(&list, "soc@example.com"), [1]);
        assert_eq!(matching(&list, "xa/by"), [2]);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_reason() {
        let mut builder = ExpressionsBuilder::default();
        assert_eq!(builder.add("(", 0), Err(Reason::Expression));
        assert_eq!(builder.add("(?<=a)b", 0), Err(Reason::Expression));
        assert_eq!(builder.add("(a{1000}){1000}", 0), Err(Reason::Large));
        assert_eq!(builder.add(&"a".repeat(3_000), 0), Err(Reason::Large));
        assert_eq!(builder.add("/a/e", 0), Err(Reason::Flags));
        assert_eq!(builder.build().len(), 0);
    }

    #[test]
    fn too_many_for_one_automaton_are_tried_in_parts() {
        let list: Vec<String> = (0..160).map(|n| format!(r"^\w{{6}}{n}$")).collect();
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        assert_eq!(matching(&list, "abcdef127"), [127]);
    }

    #[test]
    fn the_classic_explosion_takes_linear_time() {
        let text = "a".repeat(100_000) + "!";
        assert!(matching(&["^(a+)+$", "^(a|aa)+$"], &text).is_empty());
    }
}
