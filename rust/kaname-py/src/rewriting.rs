//! Rewritings of designs, and proofs that they are equal.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use arrow_array::{ArrayRef, BooleanArray, Int32Array, RecordBatch, UInt8Array, UInt32Array};
use kaname_netlist::cell::{CellType, Family, Function, Pin, Role};
use kaname_netlist::design::Design;
use kaname_rewriting::editor::Editor;
use kaname_rewriting::moves::{self, Move, RULES, Rule};
use kaname_rewriting::proof::{Failed, prove};
use kaname_rewriting::random::Random;
use kaname_rewriting::verilog;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::arrow::ArrowBatch;
use crate::errors::{CoreError, NativeError, lock};
use crate::netlists::{Netlist, hex};

/// Vectors, points, exact points, cones, widest cone, some of the points that are not exact:
/// see `kaname_rewriting::proof::Proof`.
type PyProof = (u64, usize, usize, usize, usize, Vec<String>);
/// Gates as (bits, places they read), and the outputs.
type PyCircuit = (Vec<(u64, Vec<u16>)>, Vec<u16>);

/// A design whose Trojan cells are rewritten step by step.
#[pyclass(frozen, module = "kaname._native")]
pub struct Rewriter {
    state: Mutex<State>,
}

#[derive(Clone)]
struct State {
    editor: Editor,
    random: Random,
    listed: Vec<Move>,
}

#[pymethods]
impl Rewriter {
    /// ``trojan`` has a byte for each instance; those that are not 0 may be rewritten.
    #[new]
    fn new(netlist: &Netlist, trojan: &[u8], seed: u64) -> Self {
        let trojan: Vec<bool> = trojan.iter().map(|&byte| byte != 0).collect();
        let editor = Editor::new(&netlist.design, &trojan);
        let state = State { editor, random: Random::new(seed), listed: Vec::new() };
        Self { state: Mutex::new(state) }
    }

    /// One that goes on from here by itself.
    fn copy(&self) -> Self {
        Self { state: Mutex::new(lock(&self.state).clone()) }
    }

    /// How many cells there are now.
    fn __len__(&self) -> usize {
        lock(&self.state).editor.len()
    }

    /// What can be done now: rule, instance that it is about, gates that it adds.
    fn moves(&self, py: Python<'_>) -> PyResult<ArrowBatch> {
        let batch = py.detach(|| {
            let state = &mut *lock(&self.state);
            state.listed = moves::moves(&mut state.editor, &mut state.random);
            listing(&state.editor, &state.listed)
        });
        Ok(ArrowBatch::new(batch?))
    }

    /// Make some of the moves that `moves` gave last, by their places; those that do not
    /// apply any more are passed over. What each has added, none where it was passed over.
    fn apply(&self, places: Vec<usize>) -> Vec<Option<i32>> {
        let state = &mut *lock(&self.state);
        let mut made = |place: usize| {
            let step = *state.listed.get(place)?;
            let before = state.editor.len() as i32;
            moves::apply(&mut state.editor, &step).ok()?;
            Some(state.editor.len() as i32 - before)
        };
        places.into_iter().map(&mut made).collect()
    }

    /// The design as it is now, and its instances: the one that each comes from, whether it
    /// is of the Trojan, whether it keeps the opposite of what it kept.
    fn netlist(&self, py: Python<'_>) -> PyResult<(Netlist, ArrowBatch)> {
        let (netlist, batch) = py.detach(|| {
            let state = lock(&self.state);
            let (design, slots) = state.editor.design();
            let digest = hex(&Sha256::digest(verilog::write(&design, None)));
            (Netlist::made(design, digest), instances(&state.editor, &slots))
        });
        Ok((netlist, ArrowBatch::new(batch?)))
    }
}

fn listing(editor: &Editor, listed: &[Move]) -> Result<RecordBatch, CoreError> {
    let origin = |step: &Move| editor.slots[step.slot as usize].origin;
    let columns: [(&str, ArrayRef); 3] = [
        ("rule", Arc::new(listed.iter().map(|step| step.rule as u8).collect::<UInt8Array>())),
        ("origin", Arc::new(listed.iter().map(origin).collect::<UInt32Array>())),
        ("added", Arc::new(listed.iter().map(|step| step.added).collect::<Int32Array>())),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

fn instances(editor: &Editor, slots: &[u32]) -> Result<RecordBatch, CoreError> {
    let each = || slots.iter().map(|&at| &editor.slots[at as usize]);
    let flags = |values: Vec<bool>| Arc::new(BooleanArray::from(values)) as ArrayRef;
    let columns: [(&str, ArrayRef); 3] = [
        ("origin", Arc::new(each().map(|slot| slot.origin).collect::<UInt32Array>())),
        ("trojan", flags(each().map(|slot| slot.trojan).collect())),
        ("inverted", flags(each().map(|slot| slot.inverted).collect())),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

/// Prove two designs equal; see `kaname_rewriting::proof`. `NativeError` with "different" and
/// what differs, "unpaired" and what only one has, or "loop".
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
fn netlists_equal(
    py: Python<'_>,
    first: &Netlist,
    second: &Netlist,
    inverted: BTreeSet<String>,
    vectors: u64,
    seed: u64,
) -> PyResult<PyProof> {
    let (first, second) = (Arc::clone(&first.design), Arc::clone(&second.design));
    let proved = py.detach(|| prove(&first, &second, &inverted, vectors, seed));
    let proof = proved.map_err(|failed| match failed {
        Failed::Different(name) => NativeError::new_err(("different", name)),
        Failed::Unpaired(name) => NativeError::new_err(("unpaired", name)),
        Failed::Loop => NativeError::new_err(("loop", String::new())),
    })?;
    Ok((proof.vectors, proof.points, proof.exact, proof.cones, proof.widest, proof.open))
}

/// A design as flat structural Verilog; with a seed its instances come in another order.
#[pyfunction]
#[pyo3(signature = (netlist, seed=None))]
fn netlist_verilog(py: Python<'_>, netlist: &Netlist, seed: Option<u64>) -> String {
    let design = Arc::clone(&netlist.design);
    py.detach(|| verilog::write(&design, seed))
}

/// What a rule puts in the place of a cell that says ``bits`` of its inputs, or around a
/// net; none where it does not apply. Places from ``inputs`` on are gates before.
#[pyfunction]
fn rewriting_of(rule: &str, inputs: usize, bits: u64, pin: u16) -> PyResult<Option<PyCircuit>> {
    let known = RULES.iter().find(|(_, name)| *name == rule);
    let rule = known.ok_or_else(|| PyValueError::new_err(rule.to_owned()))?.0;
    if !(1..=6).contains(&inputs) {
        return Err(PyValueError::new_err(inputs));
    }
    let circuit = match moves::passing(rule) {
        Some(passing) => Some(passing.circuit()),
        None => alone(rule, inputs, bits, pin),
    };
    Ok(circuit.map(|made| {
        let gates = made.gates.into_iter().map(|gate| (gate.table.bits, gate.inputs));
        (gates.collect(), made.outputs)
    }))
}

fn alone(
    rule: Rule,
    inputs: usize,
    bits: u64,
    pin: u16,
) -> Option<kaname_rewriting::circuit::Circuit> {
    let places: Vec<u8> = (1..=inputs as u8).collect();
    let pin_of = |role, function| Pin { name: String::new(), role, function };
    let mut pins = vec![pin_of(Role::Output, Some(Function::Table { inputs: places, bits }))];
    pins.extend((0..inputs).map(|_| pin_of(Role::Data, None)));
    let cell =
        CellType { name: String::new(), family: Family::Other, inverting: false, pins, next: None };
    let design = Design {
        types: vec![cell],
        cells: vec![0],
        pin_start: vec![0, 1 + inputs as u32],
        pin_net: (0..=inputs as u32).collect(),
        nets: 1 + inputs as u32,
        inputs: (1..=inputs as u32).collect(),
        outputs: vec![0],
        ..Design::default()
    };
    let editor = Editor::new(&Arc::new(design), &[true]);
    let (pins, circuit) = moves::replacement(&editor, 0, rule, pin)?;
    // The pins in their order: places of the circuit are places of the function then.
    pins.iter().enumerate().all(|(at, &pin)| usize::from(pin) == at + 1).then_some(circuit)
}

/// Add what this module has to `_native`.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("REWRITINGS", RULES.map(|(_, name)| name).to_vec())?;
    module.add_class::<Rewriter>()?;
    module.add_function(wrap_pyfunction!(netlists_equal, module)?)?;
    module.add_function(wrap_pyfunction!(netlist_verilog, module)?)?;
    module.add_function(wrap_pyfunction!(rewriting_of, module)?)
}
