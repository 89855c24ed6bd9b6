//! The matcher: what all rules say about a value.

use hashbrown::HashMap;

use crate::domains::Domains;
use crate::expressions::Expressions;
use crate::networks::{Network, Networks};
use crate::owners::Owners;
use crate::phrases::Phrases;
use crate::subject::Subject;
use crate::texts::Texts;

/// Kinds that any rule with such entries is for; an engine none is for is not asked.
#[derive(Clone, Copy, Default)]
pub struct Reach {
    pub exact: u32,
    pub domains: u32,
    pub networks: u32,
    pub phrases: u32,
    pub expressions: u32,
}

/// One structure for each sort of entry.
pub struct Engines {
    pub owners: Owners,
    pub exact: Texts,
    pub domains: Domains,
    pub four: Networks<u32>,
    pub six: Networks<u128>,
    pub phrases: Phrases,
    pub expressions: Expressions,
}

/// A rule that a value met, and the entry by which it did.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    pub rule: u32,
    pub entry: String,
}

/// The entry of a hit, not yet written out.
enum Entry<'a> {
    Text(&'a str),
    Network(Network),
}

impl Entry<'_> {
    fn written(&self) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Network(network) => network.to_string(),
        }
    }
}

/// Many rules; never changes.
pub struct Matcher {
    masks: Vec<u32>,
    reach: Reach,
    engines: Engines,
}

impl Matcher {
    pub(crate) fn new(masks: Vec<u32>, reach: Reach, engines: Engines) -> Self {
        Self { masks, reach, engines }
    }

    /// The number of rules.
    pub fn rules(&self) -> usize {
        self.masks.len()
    }

    /// The number of different entries.
    pub fn entries(&self) -> usize {
        let all = &self.engines;
        let texts = all.exact.len() + all.domains.len() + all.phrases.len();
        texts + all.four.len() + all.six.len() + all.expressions.len()
    }

    /// Bytes held, expressions not counted.
    pub fn bytes(&self) -> usize {
        let all = &self.engines;
        let texts = all.exact.bytes() + all.domains.bytes() + all.phrases.bytes();
        texts + all.four.bytes() + all.six.bytes() + all.owners.bytes() + self.masks.capacity() * 4
    }

    /// What the value meets: by rule, then in the order in which entries were met (the most
    /// specific domain or network first).
    pub fn find(&self, subject: &Subject<'_>) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        self.each(subject, &mut |rule, entry| {
            let hit = Hit { rule, entry: entry.written() };
            if !hits.contains(&hit) {
                hits.push(hit);
            }
        });
        hits.sort_by_key(|hit| hit.rule);
        hits
    }

    /// The rules that the value meets, ascending, each once; `rules` is emptied before.
    pub fn rules_of(&self, subject: &Subject<'_>, rules: &mut Vec<u32>) {
        rules.clear();
        self.each(subject, &mut |rule, _| rules.push(rule));
        rules.sort_unstable();
        rules.dedup();
    }

    fn each(&self, subject: &Subject<'_>, tell: &mut dyn FnMut(u32, Entry<'_>)) {
        let mut tell = |rule: u32, entry: Entry<'_>| {
            if self.masks[rule as usize] & subject.kinds != 0 {
                tell(rule, entry);
            }
        };
        let kinds = subject.kinds;
        if self.reach.networks & kinds != 0 {
            self.networks(subject, &mut tell);
        }
        if self.reach.domains & kinds != 0 {
            self.domains(subject, &mut tell);
        }
        if (self.reach.exact | self.reach.phrases) & kinds != 0 {
            self.texts(subject, &mut tell);
        }
        if self.reach.expressions & kinds != 0 {
            for (expression, rule) in self.engines.expressions.matching(subject.text) {
                tell(rule, Entry::Text(expression));
            }
        }
    }

    fn networks(&self, subject: &Subject<'_>, tell: &mut impl FnMut(u32, Entry<'_>)) {
        let all = &self.engines;
        let mut told = |head: u32, network: Network| {
            for rule in all.owners.of(head) {
                tell(rule, Entry::Network(network));
            }
        };
        match subject.network() {
            Some(Network::V4(first, length)) => {
                for (first, length, head) in all.four.holding(first, length) {
                    told(head, Network::V4(first, length));
                }
            }
            Some(Network::V6(first, length)) => {
                for (first, length, head) in all.six.holding(first, length) {
                    told(head, Network::V6(first, length));
                }
            }
            None => {}
        }
    }

    fn domains(&self, subject: &Subject<'_>, tell: &mut impl FnMut(u32, Entry<'_>)) {
        let name = subject.name();
        for (domain, head, whole) in self.engines.domains.around(&name) {
            for owner in self.engines.owners.of(head) {
                let below_only = owner & 1 == 1;
                if !(whole && below_only) {
                    tell(owner >> 1, Entry::Text(domain));
                }
            }
        }
    }

    fn texts(&self, subject: &Subject<'_>, tell: &mut impl FnMut(u32, Entry<'_>)) {
        let all = &self.engines;
        let folded = subject.folded();
        if let Some(head) = all.exact.owners(&folded) {
            for rule in all.owners.of(head) {
                tell(rule, Entry::Text(&folded));
            }
        }
        if self.reach.phrases & subject.kinds == 0 {
            return;
        }
        for (phrase, head) in all.phrases.within(&folded) {
            for rule in all.owners.of(head) {
                tell(rule, Entry::Text(phrase));
            }
        }
    }
}

/// The different sets of rules that many values met, numbered as they were met first.
///
/// Few sets are met by many values, so that a number each says it all. Set 0 is empty.
pub struct Sets {
    numbers: HashMap<Vec<u32>, u32>,
    scratch: Vec<u32>,
}

impl Default for Sets {
    fn default() -> Self {
        Self { numbers: HashMap::from([(Vec::new(), 0)]), scratch: Vec::new() }
    }
}

impl Sets {
    /// The number of the set of rules that the value meets.
    pub fn of(&mut self, matcher: &Matcher, subject: &Subject<'_>) -> u32 {
        matcher.rules_of(subject, &mut self.scratch);
        let next = self.numbers.len() as u32;
        if self.scratch.is_empty() {
            return 0;
        }
        *self.numbers.entry_ref(&self.scratch[..]).or_insert(next)
    }

    /// All sets, by their numbers.
    pub fn all(self) -> Vec<Vec<u32>> {
        let mut all: Vec<(Vec<u32>, u32)> = self.numbers.into_iter().collect();
        all.sort_unstable_by_key(|(_, number)| *number);
        all.into_iter().map(|(rules, _)| rules).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, EVERY_KIND, Reason, Shape};

    const IP: u32 = 1;
    const URL: u32 = 2;

    /// Rule 0: networks for addresses; 1: domains; 2: exact; 3: phrases; 4: expressions.
    fn matcher() -> Matcher {
        let mut builder = Builder::default();
        builder.rule(IP);
        builder.network("10.0.0.0/8");
        builder.network("10.9.0.0/16");
        builder.network("2001:db8::/32");
        builder.rule(EVERY_KIND);
        builder.domain("example.com");
        builder.domain(".example.net");
        builder.rule(EVERY_KIND);
        builder.exact("D41D8CD98F00B204E9800998ECF8427E");
        builder.rule(EVERY_KIND);
        builder.phrase("PayPal");
        builder.rule(EVERY_KIND);
        builder.expression(r"^x\d+$");
        let (matcher, faults) = builder.build();
        assert_eq!(faults, []);
        matcher
    }

    fn rules(subject: &Subject<'_>) -> Vec<u32> {
        let mut rules = Vec::new();
        matcher().rules_of(subject, &mut rules);
        rules
    }

    #[test]
    fn each_sort_of_entry_is_met() {
        for (text, met) in [
            ("10.9.1.1", Some(0)),
            ("2001:db8::7", Some(0)),
            ("::ffff:10.0.0.1", Some(0)),
            ("10.0.0.0/9", Some(0)),
            ("11.0.0.1", None),
            ("https://WWW.example.com/", Some(1)),
            ("example.com", Some(1)),
            ("www.example.net", Some(1)),
            ("example.net", None),
            ("notexample.com", None),
            ("d41d8cd98f00b204e9800998ecf8427e", Some(2)),
            ("http://login.ｐａｙｐａｌ.test/", Some(3)),
            ("x12", Some(4)),
            ("x12y", None),
            ("", None),
        ] {
            assert_eq!(rules(&Subject::plain(text)), met.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn a_rule_is_asked_about_its_kinds_only() {
        let text = "http://10.0.0.1/";
        assert!(rules(&Subject { text, kinds: URL, shape: Shape::Url }).is_empty());
        assert_eq!(rules(&Subject { text, kinds: URL | IP, shape: Shape::Url }), [0]);
    }

    #[test]
    fn entries_are_told_the_most_specific_first() {
        let found = matcher().find(&Subject::plain("10.9.0.1"));
        let entries: Vec<&str> = found.iter().map(|hit| &*hit.entry).collect();
        assert_eq!(entries, ["10.9.0.0/16", "10.0.0.0/8"]);
    }

    #[test]
    fn sets_are_numbered_as_they_are_met() {
        let (matcher, mut sets) = (matcher(), Sets::default());
        let texts = ["none", "example.com", "paypal.example.com", "a.example.com", "x"];
        let numbers: Vec<u32> =
            texts.iter().map(|text| sets.of(&matcher, &Subject::plain(text))).collect();
        assert_eq!(numbers, [0, 1, 2, 1, 0]);
        assert_eq!(sets.all(), [vec![], vec![1], vec![1, 3]]);
    }

    #[test]
    fn faults_name_the_rule_and_the_entry() {
        let mut builder = Builder::default();
        builder.exact("before any rule");
        builder.rule(EVERY_KIND);
        builder.network("10.0.0.1/8");
        builder.expression("(");
        builder.phrase("");
        let (matcher, faults) = builder.build();
        let told: Vec<_> = faults.iter().map(|f| (f.rule, &*f.entry, f.reason)).collect();
        assert_eq!(
            told,
            [
                (0, "10.0.0.1/8", Reason::Network),
                (0, "(", Reason::Expression),
                (0, "", Reason::Empty)
            ]
        );
        assert_eq!((matcher.rules(), matcher.entries()), (1, 0));
    }
}
