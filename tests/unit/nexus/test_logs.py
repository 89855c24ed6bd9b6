from __future__ import annotations

import io
import json
import logging

import pytest

from kaname.nexus.logs import JsonLines, Short, configure


@pytest.fixture
def root():
    """The root logger, put back as it was."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logging.getLogger("kaname").level
    yield logger
    logger.handlers[:] = handlers
    logging.getLogger("kaname").setLevel(level)


def record(message, *, error=None, **extra):
    made = logging.LogRecord("kaname.test", logging.INFO, "f", 1, message, (), error)
    vars(made).update(extra)
    made.created = 1583884800.25
    return made


def test_an_event_is_one_json_object_on_one_line():
    line = JsonLines().format(record("two\nlines", job="job-1", path=object))
    assert "\n" not in line
    document = json.loads(line)
    assert document["at"] == "2020-03-11T00:00:00.250000Z"
    assert (document["level"], document["logger"]) == ("info", "kaname.test")
    assert (document["event"], document["job"]) == ("two\nlines", "job-1")


def test_an_exception_is_part_of_the_object():
    with pytest.raises(ValueError, match="invalid") as caught:
        int("broken")
    made = record("failed", error=(ValueError, caught.value, caught.tb))
    assert "ValueError: invalid literal" in json.loads(JsonLines().format(made))["error"]


def test_a_person_reads_a_short_line():
    assert Short().format(record("queued", job="job-1")).endswith(" queued job=job-1")


def test_requests_of_libraries_make_no_noise(root):
    out = io.StringIO()
    configure(out)
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("kaname.nexus").info("queued")
    lines = out.getvalue().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["queued"]
