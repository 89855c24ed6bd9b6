"""Training the mapper: from annotated reports and sentences to one small file.

Needs the extra ``train`` (scikit-learn). Everything that is chosen (the threshold, the
coefficients of the decision) is chosen by cross-validation in which whole reports are
held out, and sentences of other sources that share six words in a row with a held-out
report are left out too: a paraphrase in the training data would flatter by points.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from kaname._native import gram_documents, gram_features
from kaname.intelligence.attack.corpus import Corpus, Report, read
from kaname.intelligence.attack.decision import NAMES, Decision, features
from kaname.intelligence.attack.mapper import Card
from kaname.model.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Trained", "train"]

_FOLDS = 5
_WORDS = re.compile(r"\w+")
_SHINGLE = 6
_LEAST_DOCUMENTS = (2, 3)  # that a bucket of words, of runs, must occur in
_CUT = 0.004  # of the largest weight of a class; below, a weight is left out
_WEIGHT = 4.0  # of a sentence that shows a class, beside one that does not
_C = 0.5
_FEWEST = 3  # examples of a class

Progress = Callable[[str], object]
Labelled = Sequence[tuple[str, frozenset[str]]]


class Trained(msgspec.Struct, frozen=True):
    """The bytes of a model, and how it was measured."""

    data: bytes
    measures: dict[str, float]


def train(
    paths: Sequence[Path], labels: Sequence[str], name: str, progress: Progress = lambda _: None
) -> Trained:
    """Train on the corpus in ``paths``; the same input gives the same bytes.

    Raises:
        UnavailableError: scikit-learn is not installed.
        UsageError: there are fewer reports than folds.
    """
    corpus = read(paths, labels)
    if len(corpus.reports) < _FOLDS:
        raise UsageError("intelligence.error.few_reports", least=_FOLDS)
    corpus = Corpus(corpus.reports, _unique(corpus.sentences))
    held = _held_out(corpus, labels, progress)
    decision, measures = _decide(corpus.reports, held, labels)
    progress("all")
    arrays = _arrays(_fit(_flat(corpus.reports) + corpus.sentences, labels), labels)
    card = Card(
        name=name,
        labels=tuple(labels),
        sources=tuple(sorted(path.name for path in paths)),
        measures=measures,
        decision=decision,
    )
    packed = io.BytesIO()
    arrays["card"] = np.frombuffer(msgspec.json.encode(card), np.uint8)
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    return Trained(packed.getvalue(), measures)


class _Fitted(msgspec.Struct, frozen=True):
    rarity: Any  # f32 by bucket
    weights: Any  # f32 (classes, buckets)
    biases: Any  # f32 by class

    def values(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        found = _matrix(sentences, self.rarity) @ self.weights.T + self.biases
        return np.asarray(found, np.float32)


def _fit(examples: Labelled, labels: Sequence[str]) -> _Fitted:
    """One-against-the-rest support vector machines over hashed grams."""
    try:
        from sklearn.svm import LinearSVC
    except ModuleNotFoundError as error:
        raise UnavailableError("intelligence.error.train_extra", name=error.name) from error
    texts = [text for text, _ in examples]
    rarity = _rarity(texts)
    matrix = _matrix(texts, rarity)
    weights = np.zeros((len(labels), matrix.shape[1]), np.float32)
    biases = np.full(len(labels), -9.0, np.float32)  # a class without examples never fires
    for number, label in enumerate(labels):
        shown = np.array([label in classes for _, classes in examples])
        if shown.sum() >= _FEWEST:
            model = LinearSVC(C=_C, class_weight={0: 1.0, 1: _WEIGHT}, random_state=0)
            model.fit(matrix, shown)
            weights[number], biases[number] = model.coef_[0], model.intercept_[0]
    return _Fitted(rarity, weights, biases)


def _rarity(texts: Sequence[str]) -> NDArray[np.float32]:
    """Smoothed inverse document frequency by bucket; 0 for what is too rare to learn from."""
    documents = np.frombuffer(gram_documents(list(texts)), "<u4").astype(np.float64)
    rarity = np.log((1 + len(texts)) / (1 + documents)) + 1
    half = len(documents) // 2
    rarity[:half][documents[:half] < _LEAST_DOCUMENTS[0]] = 0
    rarity[half:][documents[half:] < _LEAST_DOCUMENTS[1]] = 0
    # Kept as half floats, so what is trained with must be what is kept.
    return rarity.astype(np.float16).astype(np.float32)


def _matrix(texts: Sequence[str], rarity: NDArray[np.float32]) -> Any:
    from scipy.sparse import csr_matrix

    starts, buckets, values = gram_features(list(texts), rarity.astype("<f4").tobytes())
    return csr_matrix(
        (
            np.frombuffer(values, "<f4"),
            np.frombuffer(buckets, "<u4").astype(np.int32),
            np.frombuffer(starts, "<u4").astype(np.int32),
        ),
        shape=(len(texts), len(rarity)),
    )


def _arrays(fitted: _Fitted, labels: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Weights of one byte, bucket by bucket; what is small or never used is left out."""
    largest = np.abs(fitted.weights).max(axis=1)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    small = np.rint(fitted.weights / scales[:, None]).astype(np.int8)
    small[np.abs(fitted.weights) < _CUT * largest[:, None]] = 0
    small[:, fitted.rarity == 0] = 0
    buckets, classes = np.nonzero(small.T)
    starts = np.zeros(small.shape[1] + 1, np.uint32)
    np.cumsum(np.bincount(buckets, minlength=small.shape[1]), out=starts[1:])
    return {
        "rarity": fitted.rarity.astype(np.float16),
        "starts": starts,
        "classes": classes.astype(np.uint8 if len(labels) < 256 else np.uint16),
        "weights": small.T[buckets, classes],
        "scales": scales,
        "biases": fitted.biases,
    }


def _unique(sentences: Labelled) -> list[tuple[str, frozenset[str]]]:
    seen: dict[str, tuple[str, frozenset[str]]] = {}
    for text, classes in sentences:
        seen.setdefault(text.lower(), (text, classes))
    return list(seen.values())


def _flat(reports: Sequence[Report]) -> list[tuple[str, frozenset[str]]]:
    return [sentence for report in reports for sentence in report.sentences]


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORDS.findall(text.lower())
    runs = {tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}
    return runs or {tuple(words)}


def _held_out(
    corpus: Corpus, labels: Sequence[str], progress: Progress
) -> list[NDArray[np.float32]]:
    """The values of each report's sentences by models that saw nothing of it."""
    order = np.random.RandomState(0).permutation(len(corpus.reports))
    others = [_shingles(text) for text, _ in corpus.sentences]
    found: list[NDArray[np.float32]] = [np.zeros((0, len(labels)), np.float32)] * len(order)
    for fold in range(_FOLDS):
        progress(f"{fold + 1}/{_FOLDS}")
        out = set(order[fold::_FOLDS].tolist())
        seen = [report for at, report in enumerate(corpus.reports) if at not in out]
        kept = {
            shingle
            for at in out
            for text, _ in corpus.reports[at].sentences
            for shingle in _shingles(text)
        }
        further = [
            sentence
            for sentence, own in zip(corpus.sentences, others, strict=True)
            if kept.isdisjoint(own)
        ]
        fitted = _fit(_flat(seen) + further, labels)
        for at in out:
            found[at] = fitted.values([text for text, _ in corpus.reports[at].sentences])
    return found


def _decide(
    reports: Sequence[Report], held: Sequence[NDArray[np.float32]], labels: Sequence[str]
) -> tuple[Decision, dict[str, float]]:
    """The decision on held-out values, and its F1 when its own coefficients are held out."""
    shown = np.array([[label in _shown(report) for label in labels] for report in reports])
    order = np.random.RandomState(1).permutation(len(reports))
    sure = np.zeros(shown.shape)
    for fold in range(_FOLDS):
        out = np.isin(np.arange(len(reports)), order[fold::_FOLDS])
        decision = _decision([v for v, o in zip(held, out, strict=True) if not o], shown[~out])
        for at in np.flatnonzero(out).tolist():
            sure[at] = decision.probabilities(held[at])
    thresholds = np.arange(0.2, 0.6, 0.01)
    scores = [_f1(sure >= threshold, shown) for threshold in thresholds]
    # The middle of what is nearly best: the very best of one sample is luck.
    near = thresholds[np.array(scores) >= max(scores) - 0.003]
    threshold = round(float(np.median(near)), 2)
    decision = _decision(list(held), shown)
    measures = {
        "reports": len(reports),
        "f1_reports": round(_f1(sure >= threshold, shown), 4),
        "precision": round(float((sure[shown] >= threshold).sum() / (sure >= threshold).sum()), 4),
        "recall": round(float((sure[shown] >= threshold).mean()), 4),
    }
    return msgspec.structs.replace(decision, threshold=threshold), measures


def _shown(report: Report) -> frozenset[str]:
    return frozenset().union(*(classes for _, classes in report.sentences))


def _f1(said: NDArray[np.bool_], shown: NDArray[np.bool_]) -> float:
    return float(2 * (said & shown).sum() / (said.sum() + shown.sum()))


def _decision(held: Sequence[NDArray[np.float32]], shown: NDArray[np.bool_]) -> Decision:
    from sklearn.linear_model import LogisticRegression

    classes = shown.shape[1]
    rows = np.concatenate([features(values) for values in held if len(values)])
    truth = np.concatenate([one for one, values in zip(shown, held, strict=True) if len(values)])
    means, spreads = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    share = (shown.sum(axis=0) + 1) / (len(shown) + 3)
    prior = np.log(share / (1 - share))
    count = len(rows) // classes
    inputs = np.hstack(
        [
            (rows - means) / spreads,
            np.tile(prior, count)[:, None],
            np.tile(np.eye(classes) * 0.5, (count, 1)),
        ]
    )
    model = LogisticRegression(C=1.0, max_iter=3000).fit(inputs, truth)
    weights, bias = model.coef_[0], float(model.intercept_[0])
    own = weights[len(NAMES) + 1 :] * 0.5 + weights[len(NAMES)] * prior + bias
    return Decision(
        tuple(means.tolist()),
        tuple(spreads.tolist()),
        tuple(weights[: len(NAMES)].tolist()),
        tuple(own.tolist()),
        0.5,
    )
