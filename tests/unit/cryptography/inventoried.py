"""Inventories in a lake, as the reader of CBOMs makes them, and handshakes, by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from kaname.cryptography.inventory.cbom import cbom
from kaname.cryptography.inventory.item import Item, make, malformed
from kaname.lake import Lake
from kaname.lake.tables import table as table_of
from kaname.model.ids import batch_id
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport
from kaname.readers.ingest import ingest

__all__ = ["LATER", "NAME", "SENSOR", "START", "handshakes", "inventories", "shop"]

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
LATER = START + 30 * DAY
SENSOR, NAME = "weeks", "shop"
SHOP, MAIL = "shop.example:443", "192.0.2.25:465"
MD5_CODE = "src/login.py"


def _certificate(location: str, algorithm: str, parameter: str, ends: int, **details: Any) -> Item:
    said = {"subject": f"CN={location}", "issuer": "CN=Test CA", "signature_hash": "SHA-256",
            "signature_algorithm": "RSA", "self_signed": False, "ca": False} | details  # fmt: skip
    evidence = hashlib.sha256(f"{location} {algorithm} {parameter}".encode()).hexdigest()
    return make("certificate", location, algorithm, parameter, "sign", details=said,
                not_before=START - 300 * DAY, not_after=ends, evidence=evidence)  # fmt: skip


def _suite(location: str, suite: str, algorithm: str) -> Item:
    return make("cipher-suite", location, algorithm, "TLSv1.2", "aead", quantum_vulnerable=False,
                details={"suite": suite, "version": "TLSv1.2"}, evidence=suite.encode(),
                )  # fmt: skip


def shop(*, later: bool = False) -> list[Item]:
    """What a shop has: good and bad things; later the shop lost its hybrid group and more."""
    items = [
        _certificate(SHOP, "RSA", "2048", LATER + 10 * DAY),
        _certificate(MAIL, "ECDSA", "P-256", START - DAY),
        _certificate("ca/root.pem", "RSA", "4096", START + 4000 * DAY, self_signed=True, ca=True),
        make("protocol", SHOP, "TLSv1.3", None, "tls", details={"version": "TLSv1.3"}),
        make("group", SHOP, "X25519", "TLSv1.3", "key-agreement"),
        make("group", MAIL, "P-256", "TLSv1.2", "key-agreement"),
        _suite(SHOP, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "AES-128-GCM"),
        make("code-use", MD5_CODE, "MD5", None, "hash", line=12, details={"confidence": 0.8}),
        make("algorithm", "nonce.py", "AES-256-GCM", None, "aead"),
        malformed("broken.pem", "it is cut off", "X.509"),
    ]
    if later:
        items.append(make("protocol", SHOP, "TLSv1.0", None, "tls", details={"version": "TLSv1.0"}))
        items.append(make("private-key", "old/id_dsa", "DSA", "1024", "sign"))
    else:
        items.append(make("group", SHOP, "X25519MLKEM768", "TLSv1.3", "kem"))
    return items


def bring(lake: Lake, folder: Path, items: list[Item], taken: int, **more: Any) -> Path:
    """Bring ``items`` in as a CBOM of this time; gives the file."""
    moment = dt.datetime.fromtimestamp(taken / 1e6, dt.UTC)
    document = cbom(items, now=moment, subject=more.pop("subject", NAME))
    document["serialNumber"] = f"urn:uuid:00000000-0000-4000-8000-{taken % 10**12:012}"
    path = folder / f"{taken}-{len(items)}.cdx.json"
    path.write_text(json.dumps(document), "utf-8")
    ingest(lake, path, sensor=SENSOR, tlp=more.get("tlp", Tlp.CLEAR))
    return path


def inventories(lake: Lake, folder: Path) -> None:
    """The shop on two days."""
    bring(lake, folder, shop(), START + 3_600_000_000)
    bring(lake, folder, shop(later=True), LATER + 3_600_000_000)


def handshakes(lake: Lake) -> None:
    """A server with an old version, one with a weak suite, and one with nothing amiss."""

    def row(host: int, version: str | None, cipher: str | None, **more: Any) -> dict[str, Any]:
        return {
            "ts": START + host, "src_hi": 0, "src_lo": 0xFFFF_0A00_0001, "dst_hi": 0,
            "dst_lo": 0xFFFF_C000_0200 + host, "sport": 50_000, "dport": 443, "sni": None,
            "version": version, "cipher": cipher, "established": True,
        } | more  # fmt: skip

    good = "TLS_AES_128_GCM_SHA256"
    rows = [
        row(1, "TLSv10", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        row(1, "TLSv10", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        row(2, "TLSv13", good),
        row(3, "TLS 1.1", None, established=None),
        row(4, "SSLv3", "TLS_RSA_WITH_RC4_128_MD5", established=False),
        row(5, "UNDETERMINED", "0xfafa"),
    ]
    identity = hashlib.sha256(b"handshakes").hexdigest()
    common = {"sensor": SENSOR, "kind": "zeek", "tlp": "clear", "batch": batch_id(identity),
              "ext": None}  # fmt: skip
    with lake.writer(
        identity=identity, path="ssl.log", size=0, sensor=SENSOR, tlp=Tlp.CLEAR, reader="zeek",
        reader_version=1,
    ) as writer:  # fmt: skip
        whole = [common | one | {"row_in_src": n} for n, one in enumerate(rows)]
        made = pa.Table.from_pylist(whole, schema=table_of("tls").arrow_schema())
        writer.write("tls", made.combine_chunks().to_batches()[0])
        writer.commit(ReadReport(records=len(rows)))
