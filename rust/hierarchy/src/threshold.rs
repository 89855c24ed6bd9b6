//! What is counted, and how much of it makes a heavy hitter.

use std::ops::{AddAssign, SubAssign};

/// Octets and packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub octets: u64,
    pub packets: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.octets += other.octets;
        self.packets += other.packets;
    }
}

impl SubAssign for Count {
    fn sub_assign(&mut self, other: Self) {
        self.octets -= other.octets;
        self.packets -= other.packets;
    }
}

/// Either count is enough.
#[derive(Clone, Copy, Debug)]
pub struct Threshold(Count);

impl Threshold {
    /// `percent` of a total, rounded up, `times` over.
    pub fn of(total: Count, percent: u64, times: u64) -> Self {
        let part = |whole: u64| {
            let share = (u128::from(whole) * u128::from(percent)).div_ceil(100);
            u64::try_from(share * u128::from(times)).unwrap_or(u64::MAX)
        };
        Self(Count { octets: part(total.octets), packets: part(total.packets) })
    }

    pub fn reached(self, count: Count) -> bool {
        count.packets >= self.0.packets || count.octets >= self.0.octets
    }
}
