"""The native core (Rust, from ``rust/kaname-py``)."""

import builtins
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Final, Literal, TypedDict, TypeVar, final

from kaname._native_aead import AeadStream as AeadStream
from kaname._native_aead import aead_algorithms as aead_algorithms
from kaname._native_aead import aead_open as aead_open
from kaname._native_aead import aead_open_batch as aead_open_batch
from kaname._native_aead import aead_open_into as aead_open_into
from kaname._native_aead import aead_paths as aead_paths
from kaname._native_aead import aead_seal as aead_seal
from kaname._native_aead import aead_seal_batch as aead_seal_batch
from kaname._native_aead import aead_seal_into as aead_seal_into
from kaname._native_forest import TreeEnsemble as TreeEnsemble
from kaname._native_netfeatures import CELL_FEATURES as CELL_FEATURES
from kaname._native_netfeatures import NeighbourLinks as NeighbourLinks
from kaname._native_netfeatures import around_on_nets as around_on_nets
from kaname._native_netfeatures import cell_features as cell_features
from kaname._native_netfeatures import middle_ranks as middle_ranks
from kaname._native_netfeatures import swept_netlist as swept_netlist
from kaname._native_netlists import CELL_FAMILIES as CELL_FAMILIES
from kaname._native_netlists import PIN_ROLES as PIN_ROLES
from kaname._native_netlists import CellFunction as CellFunction
from kaname._native_netlists import CellKind as CellKind
from kaname._native_netlists import CellPin as CellPin
from kaname._native_netlists import Netlist as Netlist
from kaname._native_places import NetworkTables as NetworkTables
from kaname._native_places import first_seen as first_seen
from kaname._native_places import network_file as network_file
from kaname._native_rewriting import REWRITINGS as REWRITINGS
from kaname._native_rewriting import Rewriter as Rewriter
from kaname._native_rewriting import netlist_verilog as netlist_verilog
from kaname._native_rewriting import netlists_equal as netlists_equal
from kaname._native_rewriting import rewriting_of as rewriting_of
from kaname._native_streams import Moment as Moment
from kaname._native_streams import PacketStream as PacketStream
from kaname._native_streams import capture_begin as capture_begin

_K = TypeVar("_K")

__version__: Final[str]

FINGERPRINTS: Final[dict[str, int]]
"""Bits of ``fp``, ``fp_all`` and ``fp_any`` by name; `rust/packets/src/fingerprint.rs`."""
PACKET_TYPES: Final[list[str]]
"""Values of ``ptype``, in the order that rows of a source are sorted in."""
RELATIONS: Final[list[tuple[str, int, bool]]]
"""Relations by bit of ``inv_all``: name, exponent of the chance, whether it is relative."""
OUTCOMES: Final[list[str]]
"""Names of the disjoint counters of a capture."""
NOTES: Final[list[str]]
"""Names of what is counted besides."""

class NativeError(Exception):
    """Input that the native core cannot read: a code, and what was found."""

    args: tuple[str, str]

class Account(TypedDict):
    """Account of a capture, complete once it has ended."""

    bytes_read: int
    records: int
    counters: dict[str, int]
    notes: dict[str, int]
    problems: list[tuple[int, str, bytes]]
    damaged: bool
    first_us: int | None
    last_us: int | None

@final
class ArrowBatch:
    """Rows that Arrow libraries can take over: ``pyarrow.record_batch(batch)``."""

    num_rows: int

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...

@final
class ArrowColumn:
    """One column that Arrow libraries can take over: ``pyarrow.array(column)``."""

    def __len__(self) -> int: ...
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...

@final
class CaptureFile:
    """A capture file, read in steps; ``rows`` is the size from which a batch is given out."""

    def __new__(
        cls,
        path: str | PathLike[str],
        *,
        sensor: str,
        kind: str,
        tlp: str,
        batch: int,
        packets: bool,
        rows: int,
        threads: int,
    ) -> CaptureFile: ...
    def step(self) -> tuple[str, ArrowBatch] | None:
        """Read on; a batch with the name of its table when one is ready.

        Raises:
            NativeError: "empty", "magic" or "short_header": this is not a capture.
            OSError: the file cannot be read.
        """

    def has_ended(self) -> bool: ...
    def report(self) -> Account: ...

@final
class CaptureStage:
    """A capture whose bytes are pushed; its state can be carried over a restart."""

    def __new__(
        cls, *, sensor: str, kind: str, tlp: str, batch: int, packets: bool, rows: int = 1
    ) -> CaptureStage: ...
    def push(self, data: bytes) -> Sequence[tuple[str, ArrowBatch]]: ...
    def finish(self) -> Sequence[tuple[str, ArrowBatch]]: ...
    def snapshot(self) -> bytes:
        """The state, to `restore` in another process; for plain streams only."""

    def restore(self, snapshot: bytes) -> None: ...
    def report(self) -> Account: ...

@final
class ParquetWriter:
    """Writes one Parquet file from record batches, a column in the way that fits its shape.

    How rows are cut into batches and how many threads encode does not show in the file.
    ``encodings`` holds a `kaname.lake.tables.frame.Encoding` a column; ``sink`` takes the
    bytes in its method ``write``.
    """

    def __new__(
        cls,
        sink: object,
        schema: object,
        encodings: Mapping[str, str],
        *,
        metadata: Mapping[str, str],
        group_rows: int,
        level: int,
        threads: int,
    ) -> ParquetWriter:
        """Begin a file.

        Raises:
            NativeError: "column": the lake has no such type.
        """

    def write(self, batch: object) -> None: ...
    def close(self) -> tuple[int, int, int]:
        """Write the footer; rows, bytes and row groups of the file."""

def is_capture(head: bytes) -> bool:
    """Whether ``head`` begins like a pcap or pcapng file."""

def canonical_name(name: str) -> str:
    r"""``name`` as the lake spells it: lower case, no root dot, A-labels, odd bytes as \DDD."""

def registered_domain(name: str) -> str | None:
    """The registered domain of ``name`` by the Public Suffix List; None when it has none."""

def registered_domains(names: object) -> ArrowColumn:
    """`registered_domain` of every value of an Arrow array of strings.

    Raises:
        NativeError: "column": these are not strings.
    """

class RouteAccount(TypedDict):
    """Account of an MRT source."""

    records: int
    counters: dict[str, int]
    notes: dict[str, int]
    problems: list[tuple[int, str, bytes]]
    damaged: bool
    first_us: int | None
    last_us: int | None

@final
class RouteStage:
    """MRT records whose bytes are pushed, decompressed; gives batches of ``routes``."""

    def __new__(
        cls,
        *,
        sensor: str,
        kind: str,
        tlp: str,
        batch: int,
        rows: int,
        collector: str | None = None,
    ) -> RouteStage: ...
    def push(self, data: bytes) -> Sequence[ArrowBatch]: ...
    def finish(self) -> Sequence[ArrowBatch]: ...
    def report(self) -> RouteAccount: ...

def is_mrt(head: bytes) -> bool:
    """Whether ``head`` begins like an MRT file of BGP."""

def hierarchy(batch: object, percent: int, by: str) -> ArrowBatch:
    """Hierarchical heavy hitters of the flows in ``batch``.

    ``batch``: int64 columns src_hi, src_lo, dst_hi, dst_lo, proto, sport, dport, octets and
    packets. ``by``: "address" (pairs of prefixes, each split by services) or "port" (the
    reverse). All columns of the result are int64: ``parent`` (row number among those whose
    parent is -1), ``family`` (4 and 6: prefixes with lengths in bits of that family; 0: a
    service, whose unknown ports are -1), octets and packets.

    Raises:
        NativeError: "arrow": a column is missing or of another type.
    """

def rhythm(batch: object, first: int, last: int) -> ArrowBatch:
    """How regular each series of contacts is: its best run of like gaps, and RITA's score.

    ``batch``: int64 columns series, us (microseconds) and octets, in the order of series
    and time. ``first`` and ``last``: the span of the data set, microseconds.

    Raises:
        NativeError: "arrow": a column is missing or of another type.
    """

class SidecarBuilder:
    """Makes the sidecar of a lake file from its rows; see the crate ``kaname-index``."""

    def __init__(self, mentioned: Sequence[tuple[str, Sequence[str]]]) -> None:
        """``mentioned``: (kind, columns) of the columns that mention something."""
    def add(self, batch: object) -> None: ...
    def finish(self, digest: bytes) -> bytes:
        """The bytes of the sidecar; ``digest`` is the SHA-256 of the file it is of."""

class Sidecar:
    """An open sidecar.

    Raises:
        OSError: it cannot be read, or is damaged.
    """

    def __init__(self, path: str | PathLike[str]) -> None: ...
    @property
    def digest(self) -> bytes:
        """SHA-256 of the file that it is of."""
    @property
    def rows(self) -> int: ...
    @property
    def block_rows(self) -> int: ...
    @property
    def times(self) -> list[tuple[int, int]]:
        """Least and greatest time of each block, microseconds."""
    def find(self, section: int, first: int, last: int) -> list[tuple[int, int]]:
        """(block, rows) of blocks with keys of the range; a row counts once for each key."""

class MentionedRows:
    """Rows of a Parquet file that mention something.

    ``wanted``: ranges of keys (section, first, last).

    Raises:
        OSError: the file cannot be read, or is damaged.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        mentioned: Sequence[tuple[str, Sequence[str]]],
        wanted: Sequence[tuple[int, int, int]],
    ) -> None: ...
    def __len__(self) -> int: ...
    def times(self, spans: Sequence[tuple[int, int]]) -> list[int]:
        """Times of such rows between the row numbers of ``spans`` (first, end)."""
    def find(self, spans: Sequence[tuple[int, int]]) -> ArrowBatch:
        """The rows; behind the columns of the file ``role`` and ``file_row``."""

def text_key(text: str) -> int:
    """The key of a text in a sidecar: the first 64 bits of its SHA-256."""

def canonical_url(text: str) -> str:
    """A URL with scheme and host in lower case."""

DNS_PORTS: Final[list[int]]
"""Ports that DNS messages are looked for on."""

@final
class DnsCapture:
    """A capture file whose DNS messages are read in steps, as rows of the table ``dns``."""

    def __new__(
        cls,
        path: str | PathLike[str],
        *,
        sensor: str,
        kind: str,
        tlp: str,
        batch: int,
        ports: Sequence[int],
    ) -> DnsCapture: ...
    def step(self) -> ArrowBatch | None:
        """Read on; a batch when one is ready.

        Raises:
            NativeError: "empty", "magic" or "short_header": this is not a capture.
            OSError: the file cannot be read.
        """

    def has_ended(self) -> bool: ...
    def report(self) -> Account: ...

@final
class DnsStage:
    """A capture whose bytes are pushed; its state can be carried over a restart."""

    def __new__(
        cls, *, sensor: str, kind: str, tlp: str, batch: int, ports: Sequence[int]
    ) -> DnsStage: ...
    def push(self, data: bytes) -> Sequence[ArrowBatch]: ...
    def finish(self) -> Sequence[ArrowBatch]: ...
    def snapshot(self) -> bytes:
        """The state, to `restore` in another process; for plain streams only."""

    def restore(self, snapshot: bytes) -> None: ...
    def report(self) -> Account: ...

@final
class DnstapDecoder:
    """Streams of dnstap as rows of the table ``dns``: of a file, or of senders to a socket.

    ``open_us``: rows are given out after about that time, for live sources.
    """

    def __new__(cls, *, open_us: int | None = None) -> DnstapDecoder: ...
    def push(self, stream: int, data: bytes) -> bytes:
        """Take bytes of the stream with that number; what is to be sent back.

        Raises:
            NativeError: "dnstap": the stream is of something else.
        """

    def close(self, stream: int) -> None:
        """The stream has ended."""

    def __len__(self) -> int:
        """Rows that are settled and wait to be taken."""

    def idle(self, idle_us: int) -> None:
        """Nothing was received for so long."""

    def take(
        self, *, sensor: str, kind: str, tlp: str, batch: int, last: bool
    ) -> Sequence[ArrowBatch]:
        """Batches whose rows are settled; all that are left when it is the last time."""

    def report(self) -> Account:
        """The account so far, without ``bytes_read``."""

def is_dnstap(head: bytes) -> bool:
    """Whether ``head`` begins like a stream of dnstap."""

def dns_share(head: bytes) -> int:
    """How many of a hundred packets at the beginning of a capture are of DNS."""

def dns_type(name: str) -> int | None:
    """The number of the type ``name``, or of ``TYPE123``."""

def dns_class(name: str) -> int | None:
    """The number of the class ``name``, or of ``CLASS123``."""

def dns_rcode(name: str) -> int | None:
    """The number of the response code ``name``, or of ``RCODE123``."""

class Stream(TypedDict):
    """What one observation domain of an exporter sent."""

    exporter: str
    kind: str
    obs_domain: int
    datagrams: int
    flows: int
    lost: int
    samples_lost: int
    duplicates: int
    reordered: int
    restarted: int
    no_template: int

@final
class FlowFile:
    """A file of flow exports, packets or IPFIX messages, read in steps; see `rust/flows`."""

    def __new__(
        cls,
        path: str | PathLike[str],
        content: Literal["exports", "packets", "messages"],
        *,
        sensor: str,
        tlp: str,
        batch: int,
        rows: int,
        ext: bool,
    ) -> FlowFile: ...
    def step(self) -> ArrowBatch | None:
        """Read on; rows of `flows` when there are at least ``rows``, or all was read.

        Raises:
            NativeError: "empty", "magic" or "short_header": this is not a capture.
            OSError: the file cannot be read.
        """

    def has_ended(self) -> bool: ...
    def report(self) -> Account: ...
    def streams(self) -> list[Stream]: ...

@final
class FlowDecoder:
    """Decodes datagrams of flow exporters: NetFlow v5, v7, v9, IPFIX and sFlow v5."""

    def __new__(cls, *, ext: bool, rows: int) -> FlowDecoder: ...
    def __len__(self) -> int: ...
    def push(self, datagrams: Sequence[tuple[bytes, int, int, int, int]]) -> int:
        """Take (bytes, high and low word of the sender, port, microseconds since 1970).

        Returns how many were flow exports; never raises for what is in them.
        """

    def rows(self, *, sensor: str, tlp: str, batch: int) -> ArrowBatch | None:
        """Rows of `flows` since the last call, numbered from 0 in ``row_in_src``."""

    def finish(self) -> None:
        """Give up sets of data whose template did not come."""

    def take_report(self) -> Account:
        """The account since the last call."""

    def streams(self) -> list[Stream]: ...
    def snapshot(self) -> bytes: ...
    def restore(self, snapshot: bytes) -> None:
        """Remember templates and samplers.

        Raises:
            NativeError: "snapshot": it is none of this version.
        """

def flow_exports(head: bytes) -> tuple[int, int, int]:
    """Frames in the head of a capture that hold NetFlow or IPFIX, sFlow, anything else."""

def is_ipfix_file(head: bytes) -> bool:
    """Whether ``head`` begins like a file of IPFIX messages."""

@final
class MatcherBuilder:
    """Takes rules, each with its entries; a rule is known by its number, from 0 on."""

    def __new__(cls) -> MatcherBuilder: ...
    def rule(self, kinds: int) -> int:
        """Begin the next rule, for values of the kinds whose bits are set; its number."""

    def add(
        self,
        sort: Literal["exact", "domain", "network", "phrase", "expression"],
        entries: list[str],
    ) -> None:
        """Add entries to the rule begun last."""

    def build(self) -> tuple[Matcher, list[tuple[int, str, str]]]:
        """The matcher, and (rule, entry, reason) of what was left out of it.

        Reasons are "empty", "network", "expression", "flags" and "large".
        """

@final
class Matcher:
    """Many rules, compiled; it never changes, and any number of threads may ask it.

    ``subject`` says of what kind a value is: the number of the kind (below 31), plus 32
    for a URL or 64 for a mail address; None asks every rule about the text alone.
    """

    rules: int
    entries: int
    size: int
    """Bytes that it holds."""

    def find(self, value: str, subject: int | None = None) -> list[tuple[int, str]]:
        """(rule, entry) of all that the value meets, by rule; the most specific first."""

    def find_many(
        self, values: list[str], subjects: bytes | None = None
    ) -> tuple[list[int], list[list[int]]]:
        """For each value the number of a set of rules, and the sets; set 0 is empty."""

def canonical_artifact(kind: str, text: str) -> str | None:
    """The stored spelling of a value of a kind; None when it is none."""

def canonical_artifacts(kinds: Sequence[str], texts: Sequence[str]) -> list[str | None]:
    """The same for many values, a kind each."""

def guess_artifacts(kinds: tuple[_K, ...], texts: list[str]) -> list[tuple[_K, str] | None]:
    """What each text is: one of ``kinds`` and its spelling; ``kinds`` are in the core's order."""

def extract_artifacts(text: str) -> list[tuple[str, str, int, int, str, int | None]]:
    """Artifacts in a text: kind, value, start, end (characters), role, port."""

def refanged(text: str) -> str:
    """A text without its defanging."""

class FusionNear:
    """A part of the graph of artifacts, named."""

    kinds: list[str]
    values: list[str]
    distances: list[int]
    observed: list[int]
    edges: list[tuple[int, int, int]]
    gated: list[tuple[int, int]]
    truncated: bool
    count: int
    def positions(self) -> tuple[bytes, bytes]:
        """The x and y of the nodes, little-endian float32."""

    def ends(self) -> tuple[bytes, bytes]:
        """Both ends of the edges, little-endian uint32."""

class FusionCore:
    """An open fusion store; who asks is a rank of markings and the groups they belong to."""

    end: tuple[int, int, int]
    counts: tuple[int, int]
    bytes: int
    def __init__(self, folder: Path, markings: list[str], read_only: bool) -> None: ...
    def close(self) -> None: ...
    def refresh(self) -> int: ...
    def add(self, batch: builtins.bytes) -> tuple[int, int, int, list[int], list[int]]: ...
    def seal(self) -> list[int]: ...
    def snapshot(self) -> None: ...
    @staticmethod
    def observations(bytes: builtins.bytes) -> list[tuple[int, builtins.bytes]]: ...  # noqa: A002
    def retract(self, ids: list[str]) -> tuple[int, list[int]]: ...
    def names(self, numbers: list[int]) -> list[tuple[str, str]]: ...
    def find(self, kind: str, value: str) -> int | None: ...
    def lookup(
        self, kind: str, value: str, rank: int, groups: list[str] | None = None
    ) -> tuple[int, int, int, int] | None: ...
    def lookup_many(
        self, kinds: list[str], values: list[str], rank: int, groups: list[str] | None = None
    ) -> tuple[list[int], list[int], list[int], list[int]]: ...
    def lookup_texts(
        self, kinds: list[str], texts: list[str], rank: int, groups: list[str] | None = None
    ) -> tuple[builtins.bytes, list[str], tuple[list[int], list[int], list[int], list[int]]]: ...
    def relations(
        self,
        kind: str,
        value: str,
        scan: int,
        limit: int,
        rank: int,
        groups: list[str] | None = None,
    ) -> list[tuple[int, str, int, int, int]]: ...
    def overview(
        self, cap: int, most: int, rank: int, groups: list[str] | None = None
    ) -> tuple[FusionNear, int]: ...
    def facts(
        self, kind: str, value: str, rank: int, groups: list[str] | None = None
    ) -> (
        tuple[
            tuple[int, int, int, int],
            int,
            int,
            list[tuple[str, int, int, int]],
            list[tuple[str, int]],
            list[tuple[int, int]],
        ]
        | None
    ): ...
    def items(
        self, kind: str, value: str, limit: int, rank: int, groups: list[str] | None = None
    ) -> builtins.bytes | None: ...
    def records(
        self,
        kind: str,
        value: str,
        before: tuple[int, int] | None,
        limit: int,
        rank: int,
        groups: list[str] | None = None,
    ) -> list[tuple[tuple[int, int], builtins.bytes]]: ...
    def record(self, id: str) -> builtins.bytes | None: ...  # noqa: A002
    def pivot(
        self,
        seeds: list[tuple[str, str]],
        hops: int,
        gate: int,
        cap: int,
        rank: int,
        groups: list[str] | None = None,
    ) -> FusionNear: ...
    def pivot_json(
        self,
        seeds: list[tuple[str, str]],
        hops: int,
        gate: int,
        cap: int,
        rank: int,
        groups: list[str] | None = None,
    ) -> builtins.bytes: ...
    def pairs(
        self, most: int, rank: int, groups: list[str] | None = None
    ) -> tuple[list[builtins.bytes], list[str]]: ...
    def mentions(
        self, rank: int, groups: list[str] | None = None
    ) -> tuple[list[builtins.bytes], list[str]]: ...

@final
class BloomFilter:
    """A Bloom filter in DCSO's layout; it says "perhaps" to `false_positives` of others."""

    count: int
    capacity: int
    hashes: int
    size: int
    """Bits of the filter."""
    false_positives: float
    """From the bits that are set."""
    data: bytes
    """What lies behind the filter."""

    @staticmethod
    def of(values: list[str], capacity: int, rate: float) -> BloomFilter:
        """The filter of these values.

        Raises:
            ValueError: the rate is not between 0 and 1, or the filter would be too large.
        """

    @staticmethod
    def parse(data: bytes) -> BloomFilter:
        """The filter in these bytes.

        Raises:
            ValueError: there is none.
        """

    def write(self, data: bytes) -> bytes: ...
    def __contains__(self, value: str) -> bool: ...
    def may_hold(self, values: list[str]) -> list[bool]: ...

def gram_documents(texts: list[str]) -> bytes:
    """In how many texts each bucket of grams occurs: u32, little endian."""

def gram_features(texts: list[str], rarity: bytes) -> tuple[bytes, bytes, bytes]:
    """Features of texts as a sparse matrix by rows: (starts u32, buckets u32, values f32).

    Raises ValueError when ``rarity`` (f32) is not one value for each bucket.
    """

class GramModel:
    """A linear model of many classes over hashed grams of sentences."""

    def __init__(
        self,
        rarity: bytes,
        starts: bytes,
        classes: bytes,
        weights: bytes,
        scales: bytes,
        biases: bytes,
    ) -> None:
        """Little-endian arrays: f32, u32, u16, i8, f32, f32. ValueError when they do not fit."""

    def score(self, texts: list[str]) -> bytes:
        """The value of each class for each text: f32, little endian, row by row."""

    def reasons(self, text: str, class_: int) -> list[tuple[str, float]]:
        """What each gram of a text adds to a class, the most first."""
