//! Who asks: what is marked higher, or limited to other groups, does not exist for them.

use std::collections::BTreeSet;

use crate::stamps::{Stamp, Stamps};

/// What somebody may see.
pub struct Eye {
    pub rank: u8,
    /// By number of the audience; nothing: all.
    audiences: Option<Vec<bool>>,
}

impl Eye {
    /// Whoever has that clearance and belongs to those groups; no groups given: to all.
    pub fn new(stamps: &Stamps, rank: u8, groups: Option<&[String]>) -> Self {
        let audiences = groups.map(|groups| {
            let own: BTreeSet<u32> =
                groups.iter().filter_map(|group| stamps.words.find(group)).collect();
            let allowed = |set: &[u32]| set.is_empty() || set.iter().any(|one| own.contains(one));
            stamps.sets().iter().map(|set| allowed(set)).collect()
        });
        Self { rank, audiences }
    }

    /// Whether a stamp may be seen.
    #[inline]
    pub fn sees(&self, stamp: &Stamp) -> bool {
        stamp.rank <= self.rank
            && self
                .audiences
                .as_ref()
                .is_none_or(|all| all.get(stamp.audience as usize).copied().unwrap_or(false))
    }
}
