//! The larger parts of a design: clusters of clusters.
//!
//! A Trojan that is a machine of its own, with counters and a cipher, is as large as what it
//! sits in. What gives it away is the border: few nets in, fewer out. Regions maximise
//! modularity over the clusters (Blondel et al., "Fast unfolding of communities in large
//! networks", J. Stat. Mech. P10008, 2008), in whole numbers and half of the nodes at a time,
//! so that they do not depend on an order.

use crate::clusters::{find, weight};
use crate::columns::Columns;
use crate::cones::logarithm;
use crate::graph::{FIXED, FLOATING, Graph, INPUT};
use crate::probability::Setting;
use crate::rareness::told;
use crate::refinement::mix;

const PASSES: usize = 4;
const ROUNDS: u64 = 8;

pub const REGIONS: [&str; 9] = [
    "region_cells",
    "region_share",
    "region_cut",
    "region_pins_in",
    "region_pins_out",
    "region_ports_in",
    "region_ports_out",
    "region_flipflop_share",
    "region_rareness_mean",
];

/// A graph of parts: how much each pair of them binds.
struct Parts {
    /// Names that come from structure alone.
    colours: Vec<u64>,
    /// Twice the weight inside, and all weight at the border.
    degree: Vec<i64>,
    start: Vec<u32>,
    other: Vec<u32>,
    weight: Vec<i64>,
}

impl Parts {
    /// Out of pairs of different parts; both directions are made here.
    fn new(colours: Vec<u64>, inside: &[i64], pairs: &mut Vec<(u32, u32, i64)>) -> Self {
        let back: Vec<_> = pairs.iter().map(|(one, other, w)| (*other, *one, *w)).collect();
        pairs.extend(back);
        pairs.sort_unstable_by_key(|(one, other, _)| (*one, *other));
        let mut parts = Self {
            degree: inside.iter().map(|weight| 2 * weight).collect(),
            start: vec![0; colours.len() + 1],
            colours,
            other: Vec::new(),
            weight: Vec::new(),
        };
        for same in pairs.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let sum: i64 = same.iter().map(|pair| pair.2).sum();
            parts.start[same[0].0 as usize + 1] += 1;
            parts.degree[same[0].0 as usize] += sum;
            parts.other.push(same[0].1);
            parts.weight.push(sum);
        }
        for part in 0..parts.colours.len() {
            parts.start[part + 1] += parts.start[part];
        }
        parts
    }

    fn around(&self, part: u32) -> impl Iterator<Item = (u32, i64)> {
        let range = self.start[part as usize] as usize..self.start[part as usize + 1] as usize;
        self.other[range.clone()].iter().copied().zip(self.weight[range].iter().copied())
    }

    /// Labels of groups, by moving each part to where modularity gains the most. A label is
    /// the place of a colour among all, so that ties are broken by structure.
    fn groups(&self) -> Vec<u32> {
        let mut order = self.colours.clone();
        order.sort_unstable();
        order.dedup();
        let place = |colour: &u64| order.partition_point(|other| other < colour) as u32;
        let mut labels: Vec<u32> = self.colours.iter().map(place).collect();
        let all: i64 = self.degree.iter().sum();
        let mut totals = vec![0i64; order.len()];
        for (label, degree) in labels.iter().zip(&self.degree) {
            totals[*label as usize] += degree;
        }
        let mut votes = Vec::new();
        for round in 0..ROUNDS {
            let coin = |part: u32| mix(self.colours[part as usize] ^ round << 7) & 1 == 0;
            let moves: Vec<(u32, u32)> = (0..self.colours.len() as u32)
                .filter(|part| coin(*part))
                .map(|part| (part, self.best(part, &labels, &totals, all, &mut votes)))
                .filter(|(part, label)| labels[*part as usize] != *label)
                .collect();
            for (part, label) in moves {
                let degree = self.degree[part as usize];
                totals[labels[part as usize] as usize] -= degree;
                totals[label as usize] += degree;
                labels[part as usize] = label;
            }
        }
        labels
    }

    fn best(
        &self,
        part: u32,
        labels: &[u32],
        totals: &[i64],
        all: i64,
        votes: &mut Vec<(u32, i64)>,
    ) -> u32 {
        let (own, degree) = (labels[part as usize], self.degree[part as usize]);
        votes.clear();
        votes.push((own, 0));
        votes.extend(self.around(part).map(|(other, weight)| (labels[other as usize], weight)));
        votes.sort_unstable();
        let gains = votes.chunk_by(|a, b| a.0 == b.0).map(|same| {
            let label = same[0].0;
            let bound: i64 = same.iter().map(|vote| vote.1).sum();
            let total = totals[label as usize] - if label == own { degree } else { 0 };
            let gain = i128::from(bound) * i128::from(all) - i128::from(degree) * i128::from(total);
            (gain, label == own, std::cmp::Reverse(label))
        });
        gains.max().map_or(own, |(_, _, label)| label.0)
    }

    /// Parts of one label that are joined become one; its number for each part.
    fn merged(&self, labels: &[u32]) -> Vec<u32> {
        let count = self.colours.len() as u32;
        let mut above: Vec<u32> = (0..count).collect();
        for part in 0..count {
            for (other, _) in self.around(part) {
                if labels[part as usize] == labels[other as usize] {
                    let (one, two) = (find(&mut above, part), find(&mut above, other));
                    above[one.max(two) as usize] = one.min(two);
                }
            }
        }
        let mut number = vec![u32::MAX; count as usize];
        let mut next = 0;
        (0..count)
            .map(|part| {
                let root = find(&mut above, part) as usize;
                if number[root] == u32::MAX {
                    number[root] = next;
                    next += 1;
                }
                number[root]
            })
            .collect()
    }

    fn contracted(&self, into: &[u32]) -> Self {
        let count = into.iter().max().map_or(0, |last| last + 1) as usize;
        let (mut colours, mut inside) = (vec![0u64; count], vec![0i64; count]);
        let mut pairs = Vec::new();
        for part in 0..self.colours.len() as u32 {
            let here = into[part as usize];
            let colour = &mut colours[here as usize];
            *colour = colour.wrapping_add(mix(self.colours[part as usize]));
            let border: i64 = self.around(part).map(|(_, weight)| weight).sum();
            inside[here as usize] += (self.degree[part as usize] - border) / 2;
            for (other, weight) in self.around(part).filter(|(other, _)| part < *other) {
                let there = into[other as usize];
                if here == there {
                    inside[here as usize] += weight;
                } else {
                    pairs.push((here, there, weight));
                }
            }
        }
        Self::new(colours, &inside, &mut pairs)
    }
}

/// The region of each cell.
fn regions(graph: &Graph, clusters: &[u32], colours: &[u64]) -> Vec<u32> {
    let cells = graph.cells as u32;
    let mut number = vec![u32::MAX; graph.cells];
    let mut count = 0;
    let mut of: Vec<u32> = Vec::with_capacity(graph.cells);
    for &cluster in clusters {
        let slot = &mut number[cluster as usize];
        if *slot == u32::MAX {
            *slot = count;
            count += 1;
        }
        of.push(*slot);
    }
    let (mut named, mut inside) = (vec![0u64; count as usize], vec![0i64; count as usize]);
    let mut pairs = Vec::new();
    for cell in 0..cells {
        let here = of[cell as usize];
        let name = &mut named[here as usize];
        *name = name.wrapping_add(mix(colours[cell as usize]));
        let binds = i64::from(weight(graph, cell));
        if binds > 0 {
            for &load in graph.loads.of(cell) {
                let there = of[load as usize];
                if here == there {
                    inside[here as usize] += binds;
                } else {
                    pairs.push((here, there, binds));
                }
            }
        }
    }
    let mut parts = Parts::new(named, &inside, &mut pairs);
    drop(pairs);
    for _ in 0..PASSES {
        let into = parts.merged(&parts.groups());
        let fewer = into.iter().max().map_or(0, |last| last + 1) as usize;
        if fewer == parts.colours.len() {
            break;
        }
        for region in &mut of {
            *region = into[*region as usize];
        }
        parts = parts.contracted(&into);
    }
    of
}

#[derive(Clone, Copy, Default)]
struct Region {
    cells: u32,
    flipflops: u32,
    rareness: u64,
    inside: u32,
    entering: u32,
    leaving: u32,
    ports_in: u32,
    ports_out: u32,
}

pub fn put(setting: &Setting, clusters: &[u32], colours: &[u64], rare: &[u32], columns: &Columns) {
    let graph = setting.graph;
    let of = regions(graph, clusters, colours);
    let mut found = vec![Region::default(); of.iter().max().map_or(0, |last| last + 1) as usize];
    for cell in 0..graph.cells as u32 {
        let (at, here) = (cell as usize, of[cell as usize]);
        for &source in graph.sources.of(cell) {
            if source >= FLOATING {
                found[here as usize].ports_in += u32::from(source == INPUT && source != FIXED);
            } else if of[source as usize] == here {
                found[here as usize].inside += 1;
            } else {
                found[here as usize].entering += 1;
                found[of[source as usize] as usize].leaving += 1;
            }
        }
        let region = &mut found[here as usize];
        region.cells += 1;
        region.flipflops += u32::from(graph.keeps[at]);
        region.rareness += u64::from(rare[at]);
        region.ports_out += graph.outputs[at];
    }
    let region = |at: usize| &found[of[at] as usize];
    let share = |part: u32, whole: u32| part as f32 / whole.max(1) as f32;
    columns.put("region_cells", |at| logarithm(region(at).cells));
    columns.put("region_share", |at| share(region(at).cells, graph.cells as u32));
    columns.put("region_cut", |at| {
        let crossing = region(at).entering + region(at).leaving;
        share(crossing, crossing + region(at).inside)
    });
    columns.put("region_pins_in", |at| logarithm(region(at).entering));
    columns.put("region_pins_out", |at| logarithm(region(at).leaving));
    columns.put("region_ports_in", |at| logarithm(region(at).ports_in));
    columns.put("region_ports_out", |at| logarithm(region(at).ports_out));
    columns.put("region_flipflop_share", |at| share(region(at).flipflops, region(at).cells));
    columns.put("region_rareness_mean", |at| {
        told((region(at).rareness / u64::from(region(at).cells.max(1))) as u32)
    });
}
