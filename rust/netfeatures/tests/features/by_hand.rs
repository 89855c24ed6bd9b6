//! Values worked out on paper.

use crate::circuits::{CLOCK, Circuit, Random};

fn close(found: f32, expected: f64) {
    assert!((f64::from(found) - expected).abs() < 1e-4, "{found} is not {expected}");
}

/// A wide AND of eight inputs, as seven small gates with inverters between.
fn trigger() -> Circuit {
    let mut circuit = Circuit::new(8);
    let pairs: Vec<u32> =
        (0..4).map(|at| circuit.cell("nand2", &[4 + 2 * at, 5 + 2 * at])).collect();
    let one = circuit.cell("nor3", &[pairs[0], pairs[1], 0]);
    let two = circuit.cell("nor3", &[pairs[2], pairs[3], 0]);
    let both = circuit.cell("and2", &[one, two]);
    circuit.output(both);
    circuit
}

#[test]
fn a_trigger_of_eight_is_as_rare_as_it_is() {
    let circuit = trigger();
    let rareness = circuit.feature("rareness");
    close(rareness[0], 4f64.log10());
    close(rareness[4], 16f64.log10());
    close(rareness[6], 256f64.log10());
    close(circuit.feature("probability")[6], 1.0 / 256.0);
    close(circuit.feature("rareness_gain")[6], 16f64.log10());
    close(circuit.feature("in_rareness_max_1")[6], 16f64.log10());
    close(circuit.feature("in_rareness_mean_1")[4], (2.0 * 4f64.log10()) / 3.0);
    close(circuit.feature("out_rareness_max_1")[0], 16f64.log10());
    close(circuit.feature("out_rareness_max_2")[0], 256f64.log10());
    close(circuit.feature("in_nearest_rare_1")[6], 1.0);
    close(circuit.feature("out_nearest_rare_2")[0], 2.0);
    close(circuit.feature("gate_rareness")[0], 256f64.log10());
    close(circuit.feature("gate_distance")[0], 2.0);
    close(circuit.feature("gathers_cells")[6], 8f64.log2());
    close(circuit.feature("gathers_pins")[6], 9f64.log2());
    close(circuit.feature("feeds_cells")[6], 2f64.log2());
}

#[test]
fn a_tree_is_one_gate_of_its_leaves() {
    let circuit = trigger();
    close(circuit.feature("ffc_leaves")[6], 11f64.log2()); // 8 inputs and 2 constants
    close(circuit.feature("ffc_cells")[6], 8f64.log2());
    close(circuit.feature("ffc_depth")[6], 3.0);
    close(circuit.feature("ffc_spread")[6], 1.0);
    close(circuit.feature("ffc_to_root")[0], 2.0);
    close(circuit.feature("ffc_root_leaves")[0], 11f64.log2());
    close(circuit.feature("ffc_root_ffc_rareness")[0], 256f64.log10());
}

#[test]
fn walks_are_counted_over_pins() {
    let circuit = trigger();
    assert_eq!(circuit.feature("fan_in_1")[4], 3.0);
    assert_eq!(circuit.feature("fan_in_2")[4], 4.0);
    assert_eq!(circuit.feature("fan_in_2")[6], 6.0);
    assert_eq!(circuit.feature("fan_in_3")[6], 8.0);
    assert_eq!(circuit.feature("in_const_1")[4], 1.0);
    assert_eq!(circuit.feature("in_const_2")[6], 2.0);
    assert_eq!(circuit.feature("out_const_1")[0], 1.0);
    assert_eq!(circuit.feature("in_nearest_pin")[6], 3.0);
    assert_eq!(circuit.feature("out_nearest_pout")[0], 3.0);
    assert_eq!(circuit.feature("in_nearest_flipflop")[6], 63.0);
    assert_eq!(circuit.feature("in_inverter_at_1")[4], 0.0);
    assert_eq!(circuit.feature("in_and_at_1")[4], 2.0);
    assert_eq!(circuit.feature("in_inverting_at_1")[4], 2.0);
    assert_eq!(circuit.feature("out_or_at_1")[0], 1.0);
    assert_eq!(circuit.feature("out_and_at_2")[0], 1.0);
}

#[test]
fn leaves_from_all_over_are_unrelated() {
    let circuit = trigger();
    assert_eq!(circuit.feature("ffc_root_scatter"), [1.0; 7]);
    close(circuit.feature("ffc_root_groups")[0], 9f64.log2());
    let mut circuit = Circuit::new(6);
    let near = circuit.cell("nand2", &[4, 5]);
    let too = circuit.cell("or2", &[5, 6]);
    let far = circuit.cell("and2", &[8, 9]);
    for net in [near, too, far] {
        circuit.output(net);
    }
    let root = circuit.cell("nor3", &[near, too, far]);
    circuit.output(root);
    close(circuit.feature("ffc_root_scatter")[3], 0.5); // two groups of three leaves
    close(circuit.feature("ffc_root_leaf_rareness_mean")[3], 4f64.log10());
    close(circuit.feature("in_rareness_min_1")[3], 4f64.log10());
}

#[test]
fn taps_are_seen_better_elsewhere() {
    let mut circuit = Circuit::new(6);
    let one = circuit.cell("and2", &[4, 5]);
    let two = circuit.cell("or2", &[6, 7]);
    circuit.output(one);
    circuit.output(two);
    let trigger = circuit.cell("and2", &[one, two]);
    let hidden = circuit.cell("xor2", &[trigger, 8]);
    circuit.output(hidden);
    // The trigger costs the other pin of the xor (1) and the xor itself (1): log10(1 + 2);
    // its leaves are outputs and cost nothing.
    close(circuit.feature("scoap_tap_min")[2], 3f64.log10());
    // The xor is an output; it shows the trigger at 2, and net 8 at CC0 of the trigger,
    // min(2, 3) + 1, and 1 for itself.
    close(circuit.feature("scoap_tap_max")[3], -3f64.log10());
    close(circuit.feature("scoap_tap_min")[3], -5f64.log10());
    close(circuit.feature("ffc_root_tap_min")[2], -5f64.log10());
    close(circuit.feature("scoap_co")[2], 3f64.log10());
    close(circuit.feature("in_scoap_harder_max_1")[2], 4f64.log10());
}

/// Eight words of four bits, each bit kept and mixed with its neighbours.
fn machine(circuit: &mut Circuit, random: &mut Random) -> Vec<u32> {
    let nets: Vec<u32> = (0..32).map(|_| circuit.net()).collect();
    for at in 0..32 {
        let one = nets[(at + 1) % 32];
        let other = nets[(at + 2 + random.below(3)) % 32];
        let mixed = circuit.cell("xor2", &[one, other]);
        let held = circuit.cell("nand2", &[mixed, nets[at]]);
        circuit.cell_on("dff", nets[at], &[held]);
    }
    nets
}

#[test]
fn a_machine_of_its_own_is_no_region_of_its_host() {
    let mut random = Random(11);
    let mut circuit = Circuit::new(2);
    let host = machine(&mut circuit, &mut random);
    let first = circuit.design.len();
    let guest = machine(&mut circuit, &mut random);
    let joined = circuit.cell("and2", &[host[3], guest[7]]);
    circuit.output(joined);
    let (cells, ports) = (circuit.feature("region_cells"), circuit.feature("region_ports_out"));
    assert!(cells.iter().all(|size| *size <= (first as f32 + 2.0).log2()));
    // The output belongs to one of the two, so the other has none.
    let sees = |range: std::ops::Range<usize>| ports[range].iter().any(|count| *count > 0.0);
    assert!(!(sees(0..first) && sees(first..2 * first)));
}

/// A counter of two bits: q0 toggles, q1 toggles when q0 is 1.
fn counter() -> Circuit {
    let mut circuit = Circuit::new(1);
    let (q0, q1) = (circuit.net(), circuit.net());
    let d0 = circuit.cell("not", &[q0]);
    let d1 = circuit.cell("xor2", &[q0, q1]);
    circuit.cell_on("dff", q0, &[d0]);
    circuit.cell_on("dff", q1, &[d1]);
    let full = circuit.cell("and2", &[q0, q1]);
    circuit.output(full);
    circuit
}

#[test]
fn a_counter_feeds_itself() {
    let circuit = counter();
    assert_eq!(circuit.feature("self_loop"), [0.0, 0.0, 2.0, 2.0, 0.0]);
    assert_eq!(circuit.feature("in_loop_2"), [1.0, 1.0, 1.0, 1.0, 0.0]);
    assert_eq!(circuit.feature("out_loop_5")[2], 2.0); // of two edges and of four
    assert_eq!(circuit.feature("in_flipflop_1"), [1.0, 2.0, 0.0, 0.0, 2.0]);
    assert_eq!(circuit.feature("in_flipflop_2"), [1.0, 2.0, 1.0, 2.0, 2.0]);
    close(circuit.feature("probability")[4], 0.25);
    close(circuit.feature("gathers_flipflops")[4], 3f64.log2());
    close(circuit.feature("gathers_cells")[4], 6f64.log2());
    assert_eq!(circuit.feature("has_reset"), [0.0, 0.0, 1.0, 1.0, 0.0]);
    assert_eq!(circuit.feature("loop_size")[4], 0.0);
    close(circuit.feature("loop_size")[0], 3f64.log2()); // d0 and q0; q0 reads nothing else
}

#[test]
fn a_clock_of_its_own_is_odd() {
    let mut circuit = Circuit::new(4);
    for at in 0..3 {
        let q = circuit.cell("dff", &[4 + at]);
        circuit.output(q);
    }
    let rare = circuit.cell("and4", &[4, 5, 6, 7]);
    let buffered = circuit.cell("buf", &[rare]);
    let q = circuit.net();
    circuit.cell_on("dff", q, &[4, buffered, 1]);
    circuit.output(q);
    assert_eq!(circuit.feature("clock_share"), [0.75, 0.75, 0.75, 1.0, 1.0, 0.25]);
    assert_eq!(circuit.feature("clock_derived"), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    close(circuit.feature("clock_rareness")[5], 16f64.log10());
    assert_eq!(circuit.feature("reset_missing"), [0.0, 0.0, 0.0, 0.0, 0.0, 0.75]);
    assert_eq!(circuit.feature("drives_clocks")[4], 1.0);
    assert!(circuit.design.pins(0).contains(&CLOCK));
}

#[test]
fn a_shift_register_passes_its_rareness_on() {
    let mut circuit = Circuit::new(4);
    let mut last = circuit.cell("and4", &[4, 5, 6, 7]);
    for _ in 0..20 {
        last = circuit.cell("dff", &[last]);
    }
    circuit.output(last);
    close(circuit.feature("rareness")[20], 16f64.log10());
    assert_eq!(circuit.feature("sequential_in")[20], 20.0);
    assert_eq!(circuit.feature("sequential_out")[0], 20.0);
    assert_eq!(circuit.feature("depth_in")[20], 1.0);
}

#[test]
fn a_ring_of_inverters_is_even_and_ends() {
    let mut circuit = Circuit::new(1);
    let start = circuit.net();
    let gated = circuit.cell("nand2", &[start, 4]);
    let next = circuit.cell("not", &[gated]);
    circuit.cell_on("not", start, &[next]);
    circuit.output(next);
    assert_eq!(circuit.feature("in_loop_3"), [1.0, 1.0, 1.0]);
    close(circuit.feature("loop_size")[0], 2.0);
    let found = circuit.feature("probability")[0];
    assert!((0.6..0.75).contains(&found), "{found}"); // fix-point of p = 1 - p / 2
    assert_eq!(circuit.feature("in_loop_2"), [0.0, 0.0, 0.0]);
}

#[test]
fn bit_slices_are_alike_and_what_was_added_is_not() {
    let mut circuit = Circuit::new(16);
    for at in 0..8 {
        let sum = circuit.cell("xor2", &[4 + at, 12 + at]);
        let q = circuit.cell("dff", &[sum]);
        circuit.output(q);
    }
    let odd = circuit.cell("nor3", &[4, 5, 6]);
    circuit.output(odd);
    let alike = circuit.feature("alike_2");
    assert_eq!((alike[0], alike[1], alike[16]), (3.0, 3.0, 0.0));
}

#[test]
fn delays_are_chains() {
    let mut circuit = Circuit::new(2);
    let mut last = circuit.cell("and2", &[4, 5]);
    for _ in 0..5 {
        last = circuit.cell("not", &[last]);
    }
    circuit.output(last);
    assert_eq!(circuit.feature("delay_chain"), [0.0, 5.0, 5.0, 5.0, 5.0, 5.0]);
    assert_eq!(circuit.feature("depth_in")[5], 6.0);
    assert_eq!(circuit.feature("depth_out")[0], 6.0);
}

#[test]
fn rounding_does_not_grow_in_loops() {
    let mut circuit = Circuit::new(1);
    let q = circuit.net();
    let mut last = q;
    for _ in 0..40 {
        let three = circuit.cell("xor2", &[last, q]);
        last = circuit.cell("xor2", &[three, q]);
    }
    let held = circuit.cell("or2", &[last, 4]);
    circuit.cell_on("dff", q, &[held]);
    circuit.output(q);
    for chance in circuit.feature("probability") {
        assert!((0.0..=1.0).contains(&chance), "{chance}");
    }
}

#[test]
fn a_damaged_design_is_no_reason_to_stop() {
    let mut circuit = Circuit::random(50, &mut Random(3));
    for net in circuit.design.pin_net.iter_mut().step_by(5) {
        *net = u32::MAX;
    }
    let names = kaname_netfeatures::catalogue::names();
    let found = kaname_netfeatures::features::compute(&circuit.design, &names, 2).unwrap();
    assert!(found.iter().all(|value| value.is_finite()));
}

/// An XOR that the wide AND turns over, before the output; its other pin reads two inputs.
#[test]
fn what_leaves_through_the_rare_pin_of_an_xor_is_marked() {
    let mut circuit = Circuit::new(6);
    let pairs: Vec<u32> =
        (0..2).map(|at| circuit.cell("nand2", &[4 + 2 * at, 5 + 2 * at])).collect();
    let rare = circuit.cell("nor3", &[pairs[0], pairs[1], 0]);
    let victim = circuit.cell("and2", &[8, 9]);
    let payload = circuit.cell("xor2", &[rare, victim]);
    circuit.output(payload);
    let (rareness, distance) = (circuit.feature("flip_rareness"), circuit.feature("flip_distance"));
    for (cell, steps) in [(0, 2.0), (1, 2.0), (2, 1.0), (4, 0.0)] {
        close(rareness[cell], 16f64.log10());
        close(distance[cell], steps);
    }
    close(rareness[3], 4f64.log10()); // what is turned over is a flip of its own
    close(circuit.feature("flip_other")[0], 4f64.log10());
    close(circuit.feature("flip_cells")[0], 4f64.log2());
    close(circuit.feature("flip_pins")[0], 5f64.log2()); // a constant is no pin
    close(circuit.feature("gate_drop")[0], 16f64.log10() - rareness_of_payload());
}

/// -log10 of the rarer value of 1/16 xor 1/4.
fn rareness_of_payload() -> f64 {
    let one = 1.0 / 16.0 * 0.75 + 15.0 / 16.0 * 0.25;
    -f64::log10(one)
}
