"""The part of the store that holds questions to analysts, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from kaname.knowledge import cursors
from kaname.knowledge.assertions import Assertion
from kaname.knowledge.fusion_schema import AssertionRow, ReviewRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.queries import MAX_LIMIT, Page
from kaname.knowledge.review_records import (
    Decision,
    Review,
    ReviewQuery,
    ReviewState,
    Step,
    after,
)
from kaname.knowledge.spelling import clean
from kaname.model.errors import ForbiddenError, NotFoundError
from kaname.model.ids import stable_id
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

__all__ = ["Reviews"]

_LOCK = "reviews"
_CURSOR = "reviews"
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Review)


class Reviews(StorePart):
    """Questions by id and by query; each step is kept, here and as an assertion."""

    def ask(self, review: Review, *, again: bool = False) -> Review:
        """Put a question, or bring what an open one says up to date; gives what stands.

        One that was decided stays as it is, unless it is asked ``again``: then one that was
        rejected or withdrawn waits for an analyst once more.
        """
        with self._database.write(_LOCK) as connection:
            stored = _find(connection, review.id)
            if stored is None:
                now = review.created or now_us()
                fresh = msgspec.structs.replace(review, created=now, changed=now)
                connection.execute(insert(ReviewRow), _columns(fresh))
                return fresh
            renewed = _renewed(stored, review, again=again)
            if renewed != stored:
                _save(connection, renewed)
            return renewed

    def step(
        self, key: str, step: Step, *, by: str, note: str = "", needed: int = 1, at: int = 0
    ) -> Review:
        """Take ``step`` and keep who did so; gives the question as it stands then.

        An approval counts towards ``needed`` (2: four eyes); until enough accounts have
        approved, the question goes on waiting. With more than one needed, whoever asked
        cannot approve, and no account counts twice.

        Raises:
            NotFoundError: there is no such question.
            ConflictError: it cannot be done from where the question stands.
            ForbiddenError: another account has to approve.
        """
        with self._database.write(_LOCK) as connection:
            stored = _find(connection, key)
            if stored is None:
                raise NotFoundError("knowledge.error.no_review", id=key)
            moved = _moved(stored, Decision(at or now_us(), by, step, note), needed)
            _save(connection, moved)
            _assert(connection, moved)
        return moved

    def review(self, key: str, *, clearance: Tlp = Tlp.RED) -> Review:
        """The question with that id.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        with self._database.read() as connection:
            found = _find(connection, key)
        if found is None or not found.tlp.visible_to(clearance):
            raise NotFoundError("knowledge.error.no_review", id=key)
        return found

    def reviews(self, query: ReviewQuery | None = None) -> Page[Review]:
        """A page of questions, the most urgent first and of those the oldest.

        Raises:
            UsageError: the cursor is broken.
        """
        query = query or ReviewQuery()
        where = _conditions(query)
        count = select(func.count()).select_from(ReviewRow).where(*where)
        page = select(ReviewRow.document).where(*where)
        if query.cursor is not None:
            page = page.where(_behind(query.cursor))
        page = page.order_by(ReviewRow.priority.desc(), ReviewRow.created, ReviewRow.id)
        with self._database.read() as connection:
            total = connection.execute(count).scalar_one()
            rows = connection.execute(page.limit(query.limit + 1)).scalars().all()
        items = [_decoder.decode(document) for document in rows[: query.limit]]
        more = len(rows) > query.limit
        return Page(items, _cursor(items[-1]) if more else None, total)

    def every_review(self, query: ReviewQuery | None = None) -> Iterator[Review]:
        """All questions that ``query`` asks for, its limit apart."""
        query = msgspec.structs.replace(query or ReviewQuery(), limit=MAX_LIMIT)
        while True:
            page = self.reviews(query)
            yield from page.items
            if page.next_cursor is None:
                return
            query = msgspec.structs.replace(query, cursor=page.next_cursor)


def _find(connection: Connection, key: str) -> Review | None:
    statement = select(ReviewRow.document).where(ReviewRow.id == clean(key))
    document = connection.execute(statement).scalar()
    return None if document is None else _decoder.decode(document)


def _renewed(stored: Review, asked: Review, *, again: bool) -> Review:
    closed = stored.state in {ReviewState.REJECTED, ReviewState.WITHDRAWN}
    if closed and not again:
        return stored
    state, decisions = stored.state, stored.decisions
    if closed:
        submitted = Decision(asked.created or now_us(), asked.by, Step.SUBMIT)
        state, decisions = ReviewState.REVIEW, (*decisions, submitted)
    later = any(decision.step is Step.LATER for decision in stored.decisions)
    renewed = msgspec.structs.replace(
        asked,
        priority=stored.priority if later else asked.priority,
        by=asked.by if closed else stored.by,
        created=stored.created,
        changed=stored.changed,
        state=state,
        decisions=decisions,
    )
    if renewed == stored:
        return stored
    return msgspec.structs.replace(renewed, changed=asked.created or now_us())


def _moved(review: Review, decision: Decision, needed: int) -> Review:
    state = after(review, decision.step)
    if decision.step is Step.APPROVE and needed > 1:
        if decision.by in (review.by, *review.approvers()):
            raise ForbiddenError("knowledge.error.four_eyes", id=review.id, by=decision.by)
        if len(review.approvers()) + 1 < needed:
            state = review.state
    return msgspec.structs.replace(
        review,
        state=state,
        priority=review.priority - (decision.step is Step.LATER),
        changed=decision.at,
        decisions=(*review.decisions, decision),
    )


def _columns(review: Review) -> dict[str, Any]:
    return {
        "id": review.id,
        "kind": clean(review.kind),
        "subject": clean(review.subject)[:512],
        "state": review.state.value,
        "priority": review.priority,
        "created": review.created,
        "changed": review.changed,
        "tlp": review.tlp.rank,
        "document": clean(_encoder.encode(review).decode()),
    }


def _save(connection: Connection, review: Review) -> None:
    columns = _columns(review)
    connection.execute(update(ReviewRow).where(ReviewRow.id == columns.pop("id")).values(**columns))


def _assert(connection: Connection, review: Review) -> None:
    """The last step as an assertion: what a person said is never only a state."""
    decision = review.decisions[-1]
    said = Assertion(
        id=stable_id("assertion", review.id, len(review.decisions)),
        source=decision.by,
        subject=review.subject,
        predicate=f"review.{decision.step.value}",
        value={"review": review.id, "kind": review.kind},
        at=decision.at,
        tlp=review.tlp,
        note=decision.note,
    )
    row = {
        "id": said.id,
        "at": said.at,
        "source": clean(said.source)[:128],
        "subject": clean(said.subject)[:512],
        "predicate": said.predicate,
        "tlp": said.tlp.rank,
        "document": clean(_encoder.encode(said).decode()),
    }
    connection.execute(insert(AssertionRow), row)


def _conditions(query: ReviewQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [ReviewRow.tlp <= query.clearance.rank]
    if query.kind is not None:
        found.append(ReviewRow.kind == clean(query.kind))
    if query.state is not None:
        found.append(ReviewRow.state == query.state.value)
    if query.subject is not None:
        found.append(ReviewRow.subject == clean(query.subject)[:512])
    return found


def _cursor(review: Review) -> str:
    return cursors.encode(_CURSOR, review.priority, review.created, review.id)


def _behind(cursor: str) -> ColumnElement[bool]:
    """The rows after a cursor; the order goes down by priority and up by the rest."""
    priority, created, key = cursors.decode(cursor, _CURSOR, cursors.Int64, cursors.Int64, str)
    same = ReviewRow.priority == priority
    return or_(
        ReviewRow.priority < priority,
        and_(same, ReviewRow.created > created),
        and_(same, ReviewRow.created == created, ReviewRow.id > key),
    )
