from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.writers.blocked import DAY_0, domain, ip, standing, url

from kaname.model.errors import UsageError
from kaname.model.records import ArtifactKind, Role
from kaname.writers.rpz import RpzWriter

Put = Callable[..., bytes]
CHECK = shutil.which("named-checkzone")

EXPECTED = b"""\
; kaname: nxdomain
$TTL 300
@ SOA localhost. kaname.localhost. 1728000000 300 60 604800 60
@ NS localhost.
c2.evil.example CNAME .
*.c2.evil.example CNAME .
32.7.100.51.198.rpz-ip CNAME .
24.0.113.0.203.rpz-ip CNAME .
128.1.zz.db8.2001.rpz-ip CNAME .
32.zz.db8.2001.rpz-ip CNAME .
"""


def everything() -> list[object]:
    return [
        domain(),
        domain("C2.evil.example"),
        ip(),
        standing(ArtifactKind.PREFIX, "203.0.113.0/24"),
        ip("2001:db8::1"),
        standing(ArtifactKind.PREFIX, "2001:db8::/32"),
        ip("192.0.2.1", role=Role.BENIGN),
        url("http://evil.example/a"),
        domain("$INCLUDE /etc/passwd\n@ A 192.0.2.1"),
        domain("a;b.example"),
        domain("x" * 64 + ".example"),
        domain(".".join(["y" * 50] * 4) + ".example"),
    ]


def test_the_zone_has_names_with_all_below_and_answers(put: Put) -> None:
    assert put("rpz", *everything()) == EXPECTED


@pytest.mark.parametrize(
    ("policy", "target"),
    [
        ("nodata", "*."),
        ("passthru", "rpz-passthru."),
        ("drop", "rpz-drop."),
        ("tcp-only", "rpz-tcp-only."),
        ("garden.example.org.", "garden.example.org."),
    ],
)
def test_the_policy_says_what_the_resolver_does(policy: str, target: str) -> None:
    out = io.BytesIO()
    RpzWriter(policy).write([domain()], lambda _: None, out, language="en", at=DAY_0)
    assert out.getvalue().splitlines()[-1] == f"*.c2.evil.example CNAME {target}".encode()


@pytest.mark.parametrize("policy", ["", "block", "a b.example.", "garden.example.org", "x.\n."])
def test_no_other_policy_is_taken(policy: str) -> None:
    with pytest.raises(UsageError):
        RpzWriter(policy)


@pytest.mark.skipif(CHECK is None, reason="named-checkzone (bind9-utils) is not installed")
def test_bind_takes_the_zone(put: Put, tmp_path: Path) -> None:
    zone = tmp_path / "zone"
    zone.write_bytes(put("rpz", *everything()))
    run = subprocess.run(
        [str(CHECK), "-D", "-o", "-", "rpz.example", str(zone)],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert run.returncode == 0, run.stderr
    loaded = set(
        re.findall(r"^(\S+)\.rpz\.example\.\s+300 IN CNAME\s+\.$", run.stdout, re.MULTILINE)
    )
    assert len(loaded) == 6
    assert {"*.c2.evil.example", "128.1.zz.db8.2001.rpz-ip"} <= loaded
