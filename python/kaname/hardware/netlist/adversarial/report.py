"""A report of robustness: what an attack costs each detector, design by design."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from kaname.model.messages import text
from kaname.writers.report.document import (
    Block,
    Chapter,
    Chart,
    Column,
    Document,
    Fact,
    Facts,
    Grid,
    Query,
    Series,
    Text,
)

if TYPE_CHECKING:
    from kaname.hardware.netlist.adversarial.robustness import Attacked, Robustness

__all__ = ["FORMS", "document", "write"]

FORMS = ("html", "json", "pdf")
Language = Literal["en", "ja"]
_Say = Callable[..., str]
_RULES = 15  # that the picture of rules has
_WORDS = {
    "contents": "hardware.robustness.contents",
    "queries": "hardware.robustness.commands",
    "queries_text": "hardware.robustness.commands_text",
    "fact": "hardware.robustness.fact",
    "value": "hardware.robustness.value",
    "change": "hardware.robustness.change",
    "cut": "hardware.robustness.cut",
}


def write(found: Robustness, form: str, language: Language, command: str) -> bytes:
    """The bytes of a report in one of `FORMS`; ``command`` is what repeats it."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(found.as_json()), indent=2) + b"\n"
    made = document(found, language, command)
    if form == "pdf":
        from kaname.writers.report.paper import paper

        return paper(made)
    from kaname.writers.report.page import page

    return page(made)


def document(found: Robustness, language: Language, command: str) -> Document:
    """The report of an attack."""

    def say(key: str, **values: object) -> str:
        return text(key, language, **values)

    count = max((len(designs) for designs in found.models.values()), default=0)
    words = {name: say(key) for name, key in _WORDS.items()}
    words["before"] = say("hardware.robustness.before", name="{name}", value="{value}")
    guided = "hardware.robustness.guided" if found.guided else "hardware.robustness.random"
    return Document(
        title=say("hardware.robustness.title"),
        subtitle=say("hardware.robustness.subtitle", n=count, budget=found.budgets[-1]),
        language=language,
        tlp="amber",
        facts=(
            (say("hardware.robustness.attack"), say(guided, n=found.evaluations)),
            (say("hardware.robustness.seed"), str(found.seed)),
            (say("hardware.robustness.models"), ", ".join(found.models)),
        ),
        chapters=(
            Chapter("result", say("hardware.robustness.result"), tuple(_result(found, say))),
            Chapter("designs", say("hardware.robustness.designs"), tuple(_designs(found, say))),
            Chapter("method", say("hardware.robustness.method"), tuple(_method(found, say))),
        ),
        queries=(Query("Q1", say("hardware.robustness.command"), command),),
        words=words,
    )


def _result(found: Robustness, say: _Say) -> Iterator[Block]:
    before = say("hardware.robustness.before_attack")
    for model in found.models:
        tpr, met, ap = (found.curve(model, name) for name in ("tpr", "met", "ap"))
        if not tpr:
            continue
        lost = f"{found.lost(model):+.2f}"
        yield Text(say("hardware.robustness.lost", model=model, points=lost))
        yield Facts(
            (
                Fact(say("hardware.robustness.tpr"), tpr[-1], "share", tpr[0], ("Q1",)),
                Fact(say("hardware.robustness.met"), met[-1], "share", met[0], ("Q1",)),
                Fact(say("hardware.robustness.ap"), ap[-1], "share", ap[0], ("Q1",)),
            ),
            before,
        )
    labels = tuple(str(budget) for budget in (0, *found.budgets))
    for measure, key in (("tpr", "hardware.robustness.tpr"), ("ap", "hardware.robustness.ap")):
        series = tuple(
            Series(model, tuple(100 * value for value in found.curve(model, measure)))
            for model in found.models
        )
        title = say("hardware.robustness.curve", measure=say(key))
        yield Chart(title, "lines", labels, series, "%", ("Q1",))


def _designs(found: Robustness, say: _Say) -> Iterator[Block]:
    columns = (
        Column(say("hardware.robustness.design"), "code"),
        Column(say("hardware.robustness.cells"), "count"),
        Column(say("hardware.robustness.trojan_cells"), "count"),
        Column(say("hardware.robustness.tpr_before"), "share"),
        Column(say("hardware.robustness.tpr_after"), "share"),
        Column(say("hardware.robustness.ap_before"), "share"),
        Column(say("hardware.robustness.ap_after"), "share"),
        Column(say("hardware.robustness.tcd_before"), "ratio"),
        Column(say("hardware.robustness.tcd_after"), "ratio"),
        Column(say("hardware.robustness.mev"), "count"),
        Column(say("hardware.robustness.proof")),
    )
    for model, designs in found.models.items():
        rows = tuple(_row(one, say) for one in designs)
        empty = say("hardware.robustness.none")
        yield Grid(model, columns, rows, ("Q1",), empty)
    rules = Counter[str]()
    for designs in found.models.values():
        for one in designs:
            rules.update(one.levels[-1].rules)
    used = rules.most_common(_RULES)
    if used:
        names, counts = zip(*used, strict=True)
        bars = Series(say("hardware.robustness.times"), tuple(float(count) for count in counts))
        yield Chart(say("hardware.robustness.rules"), "bars", tuple(names), (bars,))


def _row(one: Attacked, say: _Say) -> tuple[str | int | float, ...]:
    first, last = one.levels[0], one.levels[-1]
    proof = last.proof
    told = "-"
    if proof is not None:
        key = "hardware.robustness.proved" if proof.complete else "hardware.robustness.partly"
        told = say(key, exact=proof.exact, points=proof.points, vectors=f"{proof.vectors:,}")
    return (
        one.name, one.cells, one.trojan_cells, first.tpr, last.tpr, first.ap, last.ap,
        first.tcd, last.tcd, last.added, told,
    )  # fmt: skip


def _method(found: Robustness, say: _Say) -> Iterator[Block]:
    yield Text(say("hardware.robustness.method_rules"))
    yield Text(say("hardware.robustness.method_search", n=found.evaluations))
    yield Text(say("hardware.robustness.method_proof"))
    yield Text(say("hardware.robustness.method_figures"))
