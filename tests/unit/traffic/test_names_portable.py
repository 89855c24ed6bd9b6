"""Every expression of the analyses over names means the same on DuckDB and on Spark."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from ibis.backends.sql.compilers import PySparkCompiler
from ibis.config import Config
from tests.unit.traffic import test_stories, test_tunnels

from kaname.analysis.portability import violations
from kaname.traffic.analyses.dga import Dga
from kaname.traffic.analyses.intrusion import Stories
from kaname.traffic.analyses.lookalikes import LookalikeDomains
from kaname.traffic.analyses.mail_campaigns import MailCampaigns
from kaname.traffic.analyses.tunnels import Tunnels
from kaname.traffic.names.trial import drafts, trial


class SparkOptions(Config):
    """As Ibis's back end for Spark has them by default."""

    treat_nan_as_null: bool = False


@pytest.fixture(scope="module")
def evaluated() -> list[ir.Expr]:
    """All expressions that a run of the analyses evaluates over a day with everything in it."""
    seen: list[ir.Expr] = []
    tables: dict[str, list[dict[str, Any]]] = {
        "mail": [test_stories.MAIL] * 5,
        "user_events": [test_stories.VISIT],
        "endpoint": [test_stories.PROGRAM],
        "feeds": [test_stories.FEED | {"regdom": "paypal-login.com"}],
        "dns": [*test_stories._burst(), *(
            test_tunnels._row(n, f"{test_tunnels._token(n, 45)}.example.net", qtype=16)
            for n in range(40)
        )],
        "flows": [*test_stories._beacon(), *test_stories._flood(),
                  *test_stories._exposure()["flows"]],
        "exposure": test_stories._exposure()["exposure"],
        "routes": [test_stories._route(test_stories.START, "198.51.100.0", 24, 1)],
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for kind in (ir.Expr, ir.Table):
            original = kind.to_pyarrow

            def record(self: Any, *args: Any, _do: Any = original, **options: Any) -> Any:
                seen.append(self)
                return _do(self, *args, **options)

            patch.setattr(kind, "to_pyarrow", record)
        with trial(tables) as lake:
            for each in (Dga(), Tunnels(), LookalikeDomains(), MailCampaigns(), Stories()):
                assert drafts(lake, each, {}), each.name
    return seen


def test_no_expression_differs_between_engines(evaluated: list[ir.Expr]) -> None:
    assert len(evaluated) > 20
    assert not {message for each in evaluated for message in violations(each)}


def test_every_expression_compiles_for_spark(
    evaluated: list[ir.Expr], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ibis.options, "pyspark", SparkOptions())
    for each in evaluated:
        compiled = PySparkCompiler().to_sqlglot(each.unbind()).sql(PySparkCompiler.dialect)
        assert compiled.startswith(("SELECT", "WITH"))
