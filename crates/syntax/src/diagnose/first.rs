//! With which tokens a rule or alternative can start. Most alternatives are ruled
//! out by that alone, without being tried.

use super::grammar::{Alternative, Item, Rule};
use crate::token::TokenKind;

/// A set of token kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KindSet([u64; 3]);

const ALL: KindSet = KindSet([!0; 3]);

impl KindSet {
    fn of(kind: TokenKind) -> KindSet {
        let mut set = KindSet::default();
        set.0[kind as usize / 64] = 1 << (kind as usize % 64);
        set
    }

    /// Whether a kind is in the set.
    pub(super) fn has(&self, kind: TokenKind) -> bool {
        self.0[kind as usize / 64] >> (kind as usize % 64) & 1 != 0
    }

    fn or(self, other: KindSet) -> KindSet {
        KindSet(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    fn and(self, other: KindSet) -> KindSet {
        KindSet(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }
}

/// Works out the sets of all rules and alternatives.
pub(super) fn fill_in(rules: &mut [Rule]) {
    loop {
        let before: Vec<KindSet> = rules.iter().map(|rule| rule.first).collect();
        let mut changed = false;
        for rule in rules.iter_mut() {
            let first = of_choice(&mut rule.alternatives, &before);
            changed |= first != rule.first;
            rule.first = first;
        }
        if !changed {
            return;
        }
    }
}

fn of_choice(alternatives: &mut [Alternative], rules: &[KindSet]) -> KindSet {
    let mut all = KindSet::default();
    for alternative in alternatives {
        alternative.first = of_sequence(alternative, rules);
        all = all.or(alternative.first);
    }
    all
}

fn of_sequence(alternative: &mut Alternative, rules: &[KindSet]) -> KindSet {
    let mut found = KindSet::default();
    let mut allowed = ALL;
    for (item, _) in &mut alternative.items {
        // All items are visited, for the groups within them.
        let (first, empty) = of_item(item, rules);
        if let Item::Look(_, positive) = item {
            if *positive && found == KindSet::default() {
                allowed = allowed.and(first);
            }
            continue;
        }
        if allowed == KindSet::default() {
            continue;
        }
        found = found.or(first.and(allowed));
        if !empty {
            allowed = KindSet::default();
        }
    }
    // Nothing but what may be absent: anything may follow.
    if allowed == KindSet::default() {
        found
    } else {
        found.or(allowed)
    }
}

/// The set of an item, and whether it can match nothing.
fn of_item(item: &mut Item, rules: &[KindSet]) -> (KindSet, bool) {
    match item {
        Item::Token(kind) => (KindSet::of(*kind), false),
        Item::Word(_) | Item::SoftKeyword => (KindSet::of(TokenKind::Name), false),
        // No rule matches nothing; one that could has everything in its set.
        Item::Rule(id) => (rules[*id], false),
        Item::Group(alternatives) => (of_choice(alternatives, rules), false),
        Item::Optional(item) => (of_item(item, rules).0, true),
        Item::Repeat(item, at_least_one) => (of_item(item, rules).0, !*at_least_one),
        Item::Gather(separator, element) => {
            of_item(separator, rules);
            of_item(element, rules)
        }
        Item::Look(item, _) => of_item(item, rules),
        Item::Cut => (KindSet::default(), true),
        Item::Forced(_) => (ALL, false),
    }
}
