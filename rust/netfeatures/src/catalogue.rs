//! The names of all features, in their order. Names stay; new ones come at the end.

use crate::columns::ranked;
use crate::neighbours::{COUNTED, KINDS};
use crate::rareness::THRESHOLDS;
use crate::{
    activity, clusters, cones, dominance, flips, leaves, refinement, regions, registers, scoap,
};

/// Features that are ranked, then those that are yes or no, each block followed by ranks.
pub fn names() -> Vec<String> {
    let mut names = Vec::new();
    for block in blocks() {
        names.extend(block.iter().cloned());
        names.extend(block.iter().filter(|name| !is_yes_or_no(name)).map(|name| ranked(name)));
    }
    names
}

/// The features as they were added, without ranks.
fn blocks() -> Vec<Vec<String>> {
    vec![
        published(),
        own(),
        around(),
        rare(),
        structure(),
        leaves(),
        texts(&regions::REGIONS),
        texts(&flips::FLIPS).into_iter().chain(texts(&dominance::GATES)).collect(),
    ]
}

/// Features that are 0 or 1 have no rank.
pub fn is_yes_or_no(name: &str) -> bool {
    name.starts_with("is_") || ["clock_derived", "reset_derived", "has_reset"].contains(&name)
}

fn numbered(name: &str, numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("{name}_{number}")).collect()
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn published() -> Vec<String> {
    let counted = [
        "fan_in",
        "in_flipflop",
        "out_flipflop",
        "in_multiplexer",
        "out_multiplexer",
        "in_loop",
        "out_loop",
        "in_const",
        "out_const",
    ];
    let mut names: Vec<String> = counted.iter().flat_map(|name| numbered(name, 1..=5)).collect();
    names.extend(texts(&[
        "in_nearest_pin",
        "out_nearest_pout",
        "in_nearest_flipflop",
        "out_nearest_flipflop",
        "in_nearest_multiplexer",
        "out_nearest_multiplexer",
    ]));
    names
}

fn own() -> Vec<String> {
    let mut names: Vec<String> = KINDS.iter().map(|kind| format!("is_{kind}")).collect();
    names.extend(texts(&[
        "is_inverting",
        "inputs",
        "fan_out",
        "loads_flipflop",
        "reads_pins",
        "reads_constants",
        "reads_nothing",
        "drives_pouts",
        "drives_clocks",
        "drives_resets",
        "drives_scan",
        "in_nearest_const",
    ]));
    names
}

fn around() -> Vec<String> {
    let mut names = Vec::new();
    for side in ["in", "out"] {
        for far in 1..=2 {
            names.extend(COUNTED.iter().map(|kind| format!("{side}_{kind}_at_{far}")));
        }
    }
    names
}

fn rare() -> Vec<String> {
    let mut names = texts(&["probability", "rareness", "rareness_gain", "rareness_gain_mean"]);
    for side in ["in", "out"] {
        names.extend(numbered(&format!("{side}_rareness_max"), 1..=4));
        names.extend(numbered(&format!("{side}_rareness_mean"), 1..=4));
        let thresholds = THRESHOLDS.map(|threshold| threshold as usize);
        names.extend(numbered(&format!("{side}_nearest_rare"), thresholds));
    }
    names
}

fn structure() -> Vec<String> {
    let mut names = texts(&["loop_size"]);
    names.extend(texts(&cones::TREES));
    names.extend(texts(&cones::CONES));
    names.extend(texts(&cones::DEPTHS));
    names.extend(texts(&dominance::DOMINANCE));
    names.extend(numbered("alike", 0..=refinement::ROUNDS));
    names.extend(texts(&registers::REGISTERS));
    names.extend(texts(&scoap::SCOAP));
    names.extend(texts(&activity::ACTIVITY));
    names.extend(texts(&clusters::CLUSTERS));
    names
}

fn leaves() -> Vec<String> {
    let mut names = texts(&leaves::LEAVES);
    names.push("in_rareness_min_1".to_owned());
    names.extend(texts(&scoap::TAPS));
    names.extend(texts(&leaves::TAPS));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_are_51_and_no_name_is_twice() {
        assert_eq!(published().len(), 51);
        let mut all = names();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
