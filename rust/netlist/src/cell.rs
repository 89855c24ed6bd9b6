//! What a cell is: its pins, what each is for, and what its outputs say.

/// What a pin is for. Only `Data` and `Enable` pins carry the function of a design; clocks,
/// resets and scan chains reach everything and say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    Output = 0,
    Data = 1,
    /// The select of a multiplexer is `Data`; this is the load enable of a flip-flop or a
    /// tristate driver.
    Enable = 2,
    Clock = 3,
    /// Asynchronous set, reset, preset, clear.
    Reset = 4,
    /// Scan input and scan enable.
    Scan = 5,
    Power = 6,
}

/// The family that a cell belongs to, whatever a library calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Family {
    Buffer = 0,
    And = 1,
    Or = 2,
    Xor = 3,
    Mux = 4,
    /// AO, AOI: ANDs into one OR.
    AndOr = 5,
    /// OA, OAI: ORs into one AND.
    OrAnd = 6,
    Majority = 7,
    /// Half and full adders: a sum and a carry.
    Adder = 8,
    FlipFlop = 9,
    Latch = 10,
    Tristate = 11,
    /// TIE cells and constants.
    Constant = 12,
    /// A function that no other family names.
    Other = 13,
    /// A cell nothing is known of: a macro, a cell that no table has.
    Unknown = 14,
}

/// A gate of any number of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Gate {
    And = 0,
    Or = 1,
    Xor = 2,
}

/// What an output says, as a function of pins of the same cell (by their place in `pins`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Function {
    /// Bit `i` of `bits` is the output where the inputs, first one lowest, spell `i`; at
    /// most six inputs.
    Table {
        inputs: Vec<u8>,
        bits: u64,
    },
    /// More than six inputs.
    Wide {
        inputs: Vec<u8>,
        gate: Gate,
        inverted: bool,
    },
    /// What the cell keeps (`CellType::next`), or its opposite.
    State {
        inverted: bool,
    },
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    pub name: String,
    pub role: Role,
    /// Of an output.
    pub function: Option<Function>,
}

/// A cell of a library, or a primitive with a number of pins (`nand`, three pins).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellType {
    pub name: String,
    pub family: Family,
    /// Whether its (first) output is inverted: NAND, NOR, XNOR, INV, AOI, OAI.
    pub inverting: bool,
    pub pins: Vec<Pin>,
    /// What a flip-flop or latch takes next, as a function of its `Data` (and `Enable`)
    /// pins; none for cells that keep nothing.
    pub next: Option<Function>,
}

impl CellType {
    pub fn keeps(&self) -> bool {
        self.next.is_some()
    }
}

/// Names of the families, in the order of their numbers.
pub const FAMILIES: [&str; 15] = [
    "buffer",
    "and",
    "or",
    "xor",
    "mux",
    "and_or",
    "or_and",
    "majority",
    "adder",
    "flip_flop",
    "latch",
    "tristate",
    "constant",
    "other",
    "unknown",
];

/// Names of the roles, in the order of their numbers.
pub const ROLES: [&str; 7] = ["output", "data", "enable", "clock", "reset", "scan", "power"];

/// The family of a number; `Unknown` where there is none.
pub fn family(number: u8) -> Family {
    const ALL: [Family; 15] = [
        Family::Buffer,
        Family::And,
        Family::Or,
        Family::Xor,
        Family::Mux,
        Family::AndOr,
        Family::OrAnd,
        Family::Majority,
        Family::Adder,
        Family::FlipFlop,
        Family::Latch,
        Family::Tristate,
        Family::Constant,
        Family::Other,
        Family::Unknown,
    ];
    ALL.get(usize::from(number)).copied().unwrap_or(Family::Unknown)
}
