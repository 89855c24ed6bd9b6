//! Designs that are equal, and designs that are not.

use std::sync::Arc;

use kaname_netlist::cell::{CellType, Family, Function, Pin, Role};
use kaname_netlist::design::Names;

use super::*;
use crate::circuit::{Circuit, plain};
use crate::editor::{Editor, Refused};
use crate::moves::{RULES, Rule, apply, moves};

fn cell(name: &str, family: Family, pins: &[(&str, Role, Option<Function>)]) -> CellType {
    let pins = pins.iter().map(|(name, role, function)| Pin {
        name: (*name).to_owned(),
        role: *role,
        function: function.clone(),
    });
    let pins: Vec<Pin> = pins.collect();
    CellType { name: name.to_owned(), family, inverting: false, pins, next: None }
}

fn gate(name: &str, inputs: usize, bits: u64) -> CellType {
    let reads = (1..=inputs as u8).collect();
    let mut pins = vec![("Y", Role::Output, Some(Function::Table { inputs: reads, bits }))];
    pins.extend(["A", "B", "C", "D", "E", "F"][..inputs].iter().map(|n| (*n, Role::Data, None)));
    cell(name, Family::Other, &pins)
}

/// A library with what rules take apart: gates, AOI, multiplexer, majority, adder, wide
/// gate, flip-flop with two outputs.
fn types() -> Vec<CellType> {
    let table = |inputs: &[u8], bits| Some(Function::Table { inputs: inputs.to_vec(), bits });
    let wide = Function::Wide {
        inputs: (1..=8).collect(),
        gate: kaname_netlist::cell::Gate::And,
        inverted: true,
    };
    let names = ["A", "B", "C", "D", "E", "F", "G", "H"];
    let mut nand8 = vec![("Y", Role::Output, Some(wide))];
    nand8.extend(names.iter().map(|name| (*name, Role::Data, None)));
    let mut flop = cell(
        "DFF",
        Family::FlipFlop,
        &[
            ("Q", Role::Output, Some(Function::State { inverted: false })),
            ("QN", Role::Output, Some(Function::State { inverted: true })),
            ("D", Role::Data, None),
            ("CK", Role::Clock, None),
        ],
    );
    flop.next = table(&[2], 0b10);
    vec![
        gate("AND3", 3, 0x80),
        gate("NOR4", 4, 0x0001),
        gate("XOR3", 3, 0x96),
        gate("AOI22", 4, !(0x8888 | 0xf000) & 0xffff),
        gate("MUX2", 3, plain::MUX),
        gate("MAJ3", 3, 0xe8),
        gate("INV", 1, plain::NOT),
        gate("NAND2", 2, plain::NAND),
        gate("AO21", 3, plain::AND_OR),
        gate("OA21", 3, plain::OR_AND),
        cell(
            "HA",
            Family::Adder,
            &[
                ("S", Role::Output, table(&[2, 3], plain::XOR)),
                ("CO", Role::Output, table(&[2, 3], plain::AND)),
                ("A", Role::Data, None),
                ("B", Role::Data, None),
            ],
        ),
        cell("NAND8", Family::And, &nand8),
        flop,
    ]
}

/// A random design without loops; its cells read nets that are there.
fn design(seed: u64, cells: usize) -> Design {
    let mut random = Random::new(seed);
    let mut made = Design { types: types(), pin_start: vec![0], ..Design::default() };
    let flop = made.types.len() as u32 - 1;
    made.inputs = (0..6).collect();
    made.nets = 7; // the last of these is the clock
    made.inputs.push(6);
    let kept: Vec<u32> = (0..4).map(|at| 7 + 2 * at).collect();
    made.nets += 8;
    let mut known: Vec<u32> = (0..6).chain(7..15).collect();
    for _ in 0..cells {
        let kind = random.below(flop as usize) as u32;
        made.cells.push(kind);
        for pin in &made.types[kind as usize].pins {
            if pin.role == Role::Output {
                known.push(made.nets);
                made.pin_net.push(made.nets);
                made.nets += 1;
            } else {
                let recent = known.len().saturating_sub(20);
                let at = if random.below(2) == 0 { recent } else { 0 };
                made.pin_net.push(known[at + random.below(known.len() - at - 2)]);
            }
        }
        made.pin_start.push(made.pin_net.len() as u32);
    }
    for net in kept {
        made.cells.push(flop);
        let data = known[known.len() - 1 - random.below(cells / 2)];
        made.pin_net.extend([net, net + 1, data, 6]);
        made.pin_start.push(made.pin_net.len() as u32);
    }
    made.outputs = known[known.len() - 6..].to_vec();
    made.net_names = Names::default();
    for net in 0..made.nets {
        made.net_names.push(&format!("n{net}"));
    }
    for at in 0..made.cells.len() {
        made.instance_names.push(&format!("u{at}"));
    }
    made
}

fn inverted(editor: &Editor, design: &Design, slots: &[u32]) -> BTreeSet<String> {
    let turned = |(_, slot): &(usize, &u32)| editor.slots[**slot as usize].inverted;
    let places = slots.iter().enumerate().filter(turned);
    places.map(|(at, _)| design.instance_names.get(at as u32).to_owned()).collect()
}

#[test]
fn whatever_is_rewritten_is_proved_equal_for_all_values() {
    let mut applied: HashMap<Rule, usize> = HashMap::new();
    for seed in 0..16 {
        let old = Arc::new(design(seed, 40));
        let mut random = Random::new(seed);
        let trojan: Vec<bool> = (0..old.len()).map(|_| random.below(2) == 0).collect();
        let mut editor = Editor::new(&old, &trojan);
        for _ in 0..25 {
            let all = moves(&mut editor, &mut random);
            // Each kind of rule has the same chance, however often it applies.
            let rule = RULES[random.below(RULES.len())].0;
            let fits: Vec<_> = all.iter().filter(|step| step.rule == rule).collect();
            if fits.is_empty() {
                continue;
            }
            let step = *fits[random.below(fits.len())];
            let before = editor.len() as i32;
            match apply(&mut editor, &step) {
                Ok(()) => {
                    *applied.entry(rule).or_default() += 1;
                    assert_eq!(editor.len() as i32 - before, step.added, "{step:?}");
                }
                Err(Refused::Loop | Refused::Unfit) => {
                    assert_eq!(editor.len() as i32, before, "{step:?}");
                }
                Err(refused) => panic!("{step:?}: {refused:?}"),
            }
        }
        let (new, slots) = editor.design();
        let turned = inverted(&editor, &new, &slots);
        let proof = prove(&old, &new, &turned, 2_000, seed).expect("equal designs");
        assert_eq!(proof.exact, proof.points, "seed {seed}: {proof:?}");
    }
    let missing: Vec<_> = RULES.iter().filter(|(rule, _)| !applied.contains_key(rule)).collect();
    assert!(missing.is_empty(), "never applied: {missing:?}");
}

#[test]
fn a_wrong_rule_is_refused_and_would_be_caught_by_the_proof() {
    // Type 0 is AND3.
    let mut designs = (0..20).map(|seed| Arc::new(design(seed, 12)));
    let old = designs.find(|made| made.cells.contains(&0)).expect("an AND3");
    let at = old.cells.iter().position(|&kind| kind == 0).expect("an AND3");
    let mut editor = Editor::new(&old, &vec![true; old.len()]);
    let mut wrong = Circuit::new(3);
    let two = wrong.gate(plain::AND, &[0, 1]);
    let three = wrong.gate(plain::OR, &[two, 2]);
    wrong.output(three);
    let refused = editor.replace(at as u32, &[1, 2, 3], &wrong);
    assert_eq!(refused, Err(Refused::NotEqual));
    assert_eq!(editor.len(), old.len());

    // The same by hand, behind the back of the check: one gate says something else.
    let mut caught = 0;
    for at in 0..old.len() {
        let mut new = (*old).clone();
        let kind = &old.types[old.cells[at] as usize];
        let Some(Function::Table { bits, .. }) = kind.pins[0].function.clone() else {
            continue;
        };
        let mut other = kind.clone();
        if let Some(Function::Table { bits: changed, .. }) = &mut other.pins[0].function {
            *changed = bits ^ 1;
        }
        new.cells[at] = new.types.len() as u32;
        new.types.push(other);
        match prove(&old, &new, &BTreeSet::new(), 20_000, 1) {
            Err(Failed::Different(_)) => caught += 1,
            // Values of its inputs that never come, or nothing reads it.
            Ok(_) => {}
            Err(other) => panic!("cell {at}: {other:?}"),
        }
    }
    assert!(caught > 2, "{caught}");
}

#[test]
fn a_rare_difference_is_not_called_exact() {
    // y = AND of 40 inputs against y = 0: random vectors will not tell them apart.
    let wide = |bits: bool| {
        let inputs: Vec<u8> = (1..=40).collect();
        let gate = kaname_netlist::cell::Gate::And;
        let function = if bits {
            Function::Wide { inputs, gate, inverted: false }
        } else {
            Function::Table { inputs: vec![1], bits: 0 }
        };
        let names: Vec<String> = (0..40).map(|at| format!("I{at}")).collect();
        let mut pins = vec![("Y", Role::Output, Some(function))];
        pins.extend(names.iter().map(|name| (name.as_str(), Role::Data, None)));
        let mut design = Design {
            types: vec![cell("WIDE", Family::Other, &pins)],
            cells: vec![0],
            pin_start: vec![0, 41],
            pin_net: std::iter::once(40).chain(0..40).collect(),
            nets: 41,
            inputs: (0..40).collect(),
            outputs: vec![40],
            ..Design::default()
        };
        for net in 0..41 {
            design.net_names.push(&format!("n{net}"));
        }
        design
    };
    let proof = prove(&wide(true), &wide(false), &BTreeSet::new(), 10_000, 1);
    let proof = proof.expect("no random vector shows it");
    assert_eq!((proof.points, proof.exact), (1, 0));
}

#[test]
fn designs_with_loops_stay_what_they_are() {
    let mut looped = 0;
    for seed in 0..14 {
        let mut made = design(seed, 30);
        // Some gates read what follows from them.
        let mut random = Random::new(seed + 77);
        for _ in 0..3 {
            let from = random.below(20);
            let pins = made.pin_start[from] as usize..made.pin_start[from + 1] as usize;
            made.pin_net[pins.end - 1] = made.pin_net[made.pin_start[29] as usize];
        }
        if loops(&made).is_empty() {
            continue;
        }
        looped += 1;
        let old = Arc::new(made);
        let mut editor = Editor::new(&old, &vec![true; old.len()]);
        for _ in 0..25 {
            let all = moves(&mut editor, &mut random);
            let rule = RULES[random.below(RULES.len())].0;
            let fits: Vec<_> = all.iter().filter(|step| step.rule == rule).collect();
            if !fits.is_empty() {
                let _ = apply(&mut editor, fits[random.below(fits.len())]);
            }
        }
        let (new, slots) = editor.design();
        let turned = inverted(&editor, &new, &slots);
        let proof = prove(&old, &new, &turned, 2_000, seed).expect("equal designs");
        assert_eq!(proof.exact, proof.points, "seed {seed}: {proof:?}");
    }
    assert!(looped > 1, "{looped}");
}

#[test]
fn loops_are_cut_where_both_designs_have_them() {
    // A ring of three inverters, of which one becomes a NAND of the same net twice.
    let ring = |kind: u32| {
        let mut design = Design {
            types: vec![gate("INV", 1, plain::NOT), gate("NAND2", 2, plain::NAND)],
            cells: vec![0, 0, kind],
            pin_start: vec![0, 2, 4, if kind == 0 { 6 } else { 7 }],
            pin_net: vec![1, 0, 2, 1, 0, 2],
            nets: 3,
            outputs: vec![2],
            ..Design::default()
        };
        if kind == 1 {
            design.pin_net.push(2);
        }
        for net in 0..3 {
            design.net_names.push(&format!("n{net}"));
        }
        design
    };
    let proof = prove(&ring(0), &ring(1), &BTreeSet::new(), 100, 1).expect("equal");
    assert_eq!(proof.exact, proof.points);
    let mut wrong = ring(0);
    wrong.types[0] = gate("BUF", 1, plain::BUFFER);
    assert!(prove(&ring(0), &wrong, &BTreeSet::new(), 100, 1).is_err());
}
