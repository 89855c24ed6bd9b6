from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from kaname.api import problems
from kaname.api.console import routes


@pytest.fixture
def folder(tmp_path):
    """A built console, and a secret beside it."""
    built = tmp_path / "console"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><p>要")
    (built / "kaname.svg").write_text("<svg/>")
    (built / "assets" / "index-abc.js").write_text("1")
    (built / "assets" / "link.js").symlink_to(tmp_path / "secret.js")
    (tmp_path / "secret.js").write_text("secret")
    return built


def client(folder):
    app = Litestar(
        routes(folder), exception_handlers={Exception: problems.answer}, logging_config=None
    )
    return TestClient(app)


@pytest.mark.parametrize(
    ("path", "kind", "kept"),
    [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/kaname.svg", "image/svg+xml", "no-cache"),
        (
            "/assets/index-abc.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_files_have_their_type_and_are_kept_as_long_as_they_are_true(folder, path, kind, kept):
    with client(folder) as browser:
        answer = browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["cache-control"] == kept


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.js",
        "/assets/..%2f..%2fsecret.js",
        "/assets/%2e%2e/%2e%2e/secret.js",
        "/assets/link.js",
        "/assets//etc/passwd",
        "/assets/",
        "/nothing",
    ],
)
def test_no_path_leads_out_of_the_folder(folder, path):
    with client(folder) as browser:
        answer = browser.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace(path, "").replace("secret.js", "")


@pytest.mark.parametrize(("language", "word"), [("ja", "ビルド"), ("en", "make")])
def test_a_console_that_is_not_built_says_what_to_do(tmp_path, language, word):
    with client(tmp_path) as browser:
        answer = browser.get("/", headers={"Accept-Language": language})
    assert answer.headers["content-type"].startswith("text/html")
    assert f"lang={language}" in answer.text
    assert word in answer.text
