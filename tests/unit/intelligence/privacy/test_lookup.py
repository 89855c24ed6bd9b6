from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from kaname.intelligence.privacy.buckets import Buckets, pepper_of
from kaname.intelligence.privacy.lookup import private_lookup
from kaname.knowledge import Knowledge
from kaname.model.errors import UsageError

PEPPER = bytes(range(32))


def test_only_prefixes_leave_the_asker() -> None:
    server = Buckets(PEPPER, ["ip:192.0.2.1", "domain:evil.example"])
    said: list[str] = []

    def bucket(prefix: str) -> list[str]:
        said.append(prefix)
        return server.bucket(prefix)

    values = ["hxxp://x.test", "Evil[.]example", "192.0.2.1", "192.0.2.2", "no artifact at all"]
    answers = private_lookup(values, server.parameters, bucket)
    assert [known for _, known in answers] == [False, True, True, False, None]
    assert all(len(prefix) == 5 for prefix in said)
    assert said == sorted(set(said))


def test_the_digest_is_the_one_that_is_documented() -> None:
    found = hmac.new(PEPPER, b"ip:192.0.2.1", hashlib.sha256).hexdigest()
    assert Buckets(PEPPER, ["ip:192.0.2.1"]).bucket(found[:5]) == [found]


def test_a_bucket_holds_all_that_begin_so_and_nothing_else() -> None:
    keys = [f"ip:10.{n >> 8}.{n & 255}.1" for n in range(5_000)]
    digests = [hmac.new(PEPPER, key.encode(), hashlib.sha256).hexdigest() for key in keys]
    server = Buckets(PEPPER, keys)
    for prefix in {one[:5] for one in digests[:200]}:
        assert server.bucket(prefix) == sorted(one for one in digests if one.startswith(prefix))
    assert server.parameters.count == 5_000


@pytest.mark.parametrize("prefix", ["", "abcd", "abcdef", "ABCDE", "abcdg", "../.."])
def test_more_or_less_than_20_bits_is_refused(prefix: str) -> None:
    with pytest.raises(UsageError):
        Buckets(PEPPER, ["ip:192.0.2.1"]).bucket(prefix)


def test_the_pepper_of_a_store_stays(tmp_path: Path) -> None:
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as store:
        first = pepper_of(store)
        assert len(first) == 32
        assert pepper_of(store) == first
