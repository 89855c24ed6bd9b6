//! Rules under construction.

use crate::domains::Domains;
use crate::expressions::ExpressionsBuilder;
use crate::fold::fold;
use crate::matcher::{Engines, Matcher, Reach};
use crate::networks::{Network, NetworksBuilder, networks_of};
use crate::owners::OwnersBuilder;
use crate::phrases::{Phrases, PhrasesBuilder};
use crate::texts::Texts;

/// The greatest number of rules: domains keep one bit for themselves.
const MOST_RULES: u32 = 1 << 31;

/// Why an entry was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is in it.
    Empty,
    /// Neither an address nor a prefix nor a range.
    Network,
    /// Not an expression, or one that cannot be tried in linear time.
    Expression,
    /// A flag behind an expression that is not known.
    Flags,
    /// More than the limits allow.
    Large,
}

impl Reason {
    /// The reason as a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Network => "network",
            Self::Expression => "expression",
            Self::Flags => "flags",
            Self::Large => "large",
        }
    }
}

/// An entry that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub rule: u32,
    pub entry: String,
    pub reason: Reason,
}

/// Takes rules one after the other, each with its entries.
#[derive(Default)]
pub struct Builder {
    masks: Vec<u32>,
    faults: Vec<Fault>,
    owners: OwnersBuilder,
    exact: Texts,
    domains: Domains,
    four: NetworksBuilder<u32>,
    six: NetworksBuilder<u128>,
    phrases: PhrasesBuilder,
    expressions: ExpressionsBuilder,
    reach: Reach,
}

impl Builder {
    /// Begins the next rule, for values of the kinds in the mask; entries follow.
    /// None when there are too many rules.
    pub fn rule(&mut self, kinds: u32) -> Option<u32> {
        let rule = u32::try_from(self.masks.len()).ok().filter(|rule| *rule < MOST_RULES)?;
        self.masks.push(kinds);
        Some(rule)
    }

    fn current(&self) -> Option<(u32, u32)> {
        let last = self.masks.len().checked_sub(1)?;
        Some((last as u32, self.masks[last]))
    }

    fn leave_out(&mut self, rule: u32, entry: &str, reason: Reason) {
        let entry = entry.chars().take(200).collect();
        self.faults.push(Fault { rule, entry, reason });
    }

    /// A value equal to `text`.
    pub fn exact(&mut self, text: &str) {
        let Some((rule, mask)) = self.current() else { return };
        let folded = fold(text);
        if folded.is_empty() {
            return self.leave_out(rule, text, Reason::Empty);
        }
        if self.exact.add(&folded, rule, &mut self.owners).is_err() {
            return self.leave_out(rule, text, Reason::Large);
        }
        self.reach.exact |= mask;
    }

    /// The domain and what is below it; only what is below, with a dot before it.
    pub fn domain(&mut self, text: &str) {
        let Some((rule, mask)) = self.current() else { return };
        match self.domains.add(text, rule, &mut self.owners) {
            Ok(true) => self.reach.domains |= mask,
            Ok(false) => self.leave_out(rule, text, Reason::Empty),
            Err(_) => self.leave_out(rule, text, Reason::Large),
        }
    }

    /// An address, a prefix, or a range of addresses.
    pub fn network(&mut self, text: &str) {
        let Some((rule, mask)) = self.current() else { return };
        let Some(networks) = networks_of(text.trim()) else {
            return self.leave_out(rule, text, Reason::Network);
        };
        for network in networks {
            match network {
                Network::V4(first, length) => self.four.add(first, length, rule),
                Network::V6(first, length) => self.six.add(first, length, rule),
            }
        }
        self.reach.networks |= mask;
    }

    /// A text that is part of the value.
    pub fn phrase(&mut self, text: &str) {
        let Some((rule, mask)) = self.current() else { return };
        let folded = fold(text);
        if folded.is_empty() {
            return self.leave_out(rule, text, Reason::Empty);
        }
        self.phrases.add(&folded, rule, &mut self.owners);
        self.reach.phrases |= mask;
    }

    /// A regular expression that matches somewhere in the value.
    pub fn expression(&mut self, text: &str) {
        let Some((rule, mask)) = self.current() else { return };
        match self.expressions.add(text, rule) {
            Ok(()) => self.reach.expressions |= mask,
            Err(reason) => self.leave_out(rule, text, reason),
        }
    }

    /// The matcher, and what was left out of it.
    pub fn build(mut self) -> (Matcher, Vec<Fault>) {
        self.exact.settle();
        self.domains.settle();
        let four = self.four.build(&mut self.owners);
        let six = self.six.build(&mut self.owners);
        let phrases = self.phrases.build().unwrap_or_else(|| {
            // More phrases than the automaton can number: none is better than a wrong one.
            let reason = Reason::Large;
            self.faults.push(Fault { rule: 0, entry: String::new(), reason });
            Phrases::default()
        });
        let engines = Engines {
            owners: self.owners.build(),
            exact: self.exact,
            domains: self.domains,
            four,
            six,
            phrases,
            expressions: self.expressions.build(),
        };
        (Matcher::new(self.masks, self.reach, engines), self.faults)
    }
}
