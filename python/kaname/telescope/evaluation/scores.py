"""How good the labels are: what the analyses say of each source, held against the truth.

A source may do several things, and has a label for each; what counts is (source, label).
A member of a campaign has that label instead of the one its packets alone would give.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kaname.model.address import to_text
from kaname.model.instant import SECOND
from kaname.telescope import reflection
from kaname.telescope.activity import activities
from kaname.telescope.calibration import Calibration
from kaname.telescope.campaigns import campaigns
from kaname.telescope.campaigns import members as campaign_members
from kaname.telescope.crowds import members as crowd_members
from kaname.telescope.families import FAMILIES
from kaname.telescope.labels import LABELS, Labelled, label
from kaname.telescope.picture import Picture
from kaname.telescope.survey import SurveyList

__all__ = ["Prediction", "Said", "Score", "macro_f1", "predict", "predicted", "score"]

Said = dict[str, set[str]]  # source -> labels


@dataclass(frozen=True, slots=True)
class Score:
    """Right, invented and missed sources of one label."""

    label: str
    right: int
    invented: int
    missed: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing is right."""
        whole = 2 * self.right + self.invented + self.missed
        return 2 * self.right / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is said of the sources of a picture, and the activities that led to it.

    ``names`` has the final label of each activity of ``labelled``: that of a campaign or
    a reflection where the source takes part in one.
    """

    said: Said
    labelled: Labelled
    names: list[str]


def predict(
    picture: Picture,
    survey: SurveyList,
    *,
    survey_ports: int,
    members: int,
    calibration: Calibration | None = None,
) -> Said:
    """The labels of every source in ``picture``, one-packet sources included."""
    return predicted(
        picture, survey, survey_ports=survey_ports, members=members, calibration=calibration
    ).said


def predicted(
    picture: Picture,
    survey: SurveyList,
    *,
    survey_ports: int,
    members: int,
    calibration: Calibration | None = None,
) -> Prediction:
    """The same with what is behind it."""
    found = activities(picture.rest, picture.extent.expiry, 1)
    labelled = label(
        picture.rest, found, picture.extent, survey, survey_ports, calibration=calibration
    )
    said: Said = defaultdict(set)
    joined = _campaigners(picture, members)
    reflecting = _reflecting(picture)
    names = []
    for key, name in _each(labelled):
        names.append("campaign" if key in joined else reflecting.get(key, name))
        said[to_text(*key[:2])].add(names[-1])
    for crowd in picture.crowds:
        for member in crowd_members(picture.rows, crowd):
            said[to_text(member["src_hi"], member["src_lo"])].add(crowd.label)
    return Prediction(dict(said), labelled, names)


Key = tuple[int, int, str]  # source and family


def _each(labelled: Labelled) -> Iterable[tuple[Key, str]]:
    a = labelled.activities
    columns = (a["src_hi"].tolist(), a["src_lo"].tolist(), a["family"].tolist())
    for hi, lo, family, code in zip(*columns, labelled.codes.tolist(), strict=True):
        yield (hi, lo, FAMILIES[family].name), LABELS[code]


def _campaigners(picture: Picture, least: int) -> set[Key]:
    start = picture.window.start // SECOND
    return {
        (member["src_hi"], member["src_lo"], FAMILIES[campaign.family].name)
        for campaign in campaigns(picture.rest, start, least)
        for member in campaign_members(picture.rest, campaign, start)
    }


def _reflecting(picture: Picture) -> dict[Key, str]:
    return {
        (hi, lo, family): event.label
        for event in picture.reflections
        for hi, lo in event.sources.tolist()
        for family in reflection.FAMILIES[event.label]
    }


def score(truth: Mapping[str, set[str]], said: Mapping[str, set[str]]) -> list[Score]:
    """A score for each label of ``truth``, over the sources of ``truth``."""
    names = sorted(set().union(*truth.values()))
    return [_score(name, truth, said) for name in names]


def _score(name: str, truth: Mapping[str, set[str]], said: Mapping[str, set[str]]) -> Score:
    true = {source for source, labels in truth.items() if name in labels}
    seen = {source for source in truth if name in said.get(source, ())}
    return Score(name, len(true & seen), len(seen - true), len(true - seen))


def macro_f1(scores: Iterable[Score]) -> float:
    """The mean F1 over labels, each counted alike."""
    values = [s.f1 for s in scores]
    return sum(values) / len(values)
