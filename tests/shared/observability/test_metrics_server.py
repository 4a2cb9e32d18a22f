"""Metrics on their own port: for who has the token, and for nobody else."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import LOOPBACK, random_free
from shared.observability import metrics
from shared.observability.metrics import count_refusal
from shared.observability.metrics_server import serve_metrics
from shared.settings import Settings, SettingsInvalid


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A served process's base address; its token is `secret`."""
    (tmp_path / "token").write_text("secret\n")
    port = random_free()
    server = serve_metrics("probe", Settings(metrics_port=port, metrics_token_file=tmp_path / "token"))
    assert server is not None
    yield f"http://{LOOPBACK}:{port}"
    server.shutdown()
    server.server_close()


def test_metrics_are_for_who_has_the_token(url: str) -> None:
    count_refusal("for_the_scraper")
    answer = httpx.get(f"{url}/metrics", headers={"Authorization": "Bearer secret"})
    assert answer.status_code == 200
    assert 'code="for_the_scraper"' in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("sent", ["", "secret", "Bearer", "Bearer secrets", "bearer secret", "Bearer sécret"])
def test_nobody_else_learns_that_they_are_there(url: str, sent: str) -> None:
    refused = httpx.get(f"{url}/metrics", headers={b"Authorization": sent.encode("latin-1")})
    assert (refused.status_code, refused.content) == (404, b"")
    for path in ("/", "/metrics/", "/metrics?x=1", "/readyz/"):
        assert httpx.get(url + path, headers={"Authorization": "Bearer secret"}).status_code == 404
    assert httpx.post(f"{url}/metrics", headers={"Authorization": "Bearer secret"}).status_code == 501


def test_an_orchestrator_sees_that_the_process_lives(url: str) -> None:
    assert httpx.get(f"{url}/livez").text == "live"


def test_a_worker_is_ready_while_each_of_its_parts_makes_progress(url: str) -> None:
    metrics.expect_parts()  # other tests had some in this process
    assert (httpx.get(f"{url}/readyz").status_code, httpx.get(f"{url}/readyz").text) == (200, "ready")
    metrics.expect_parts("relay", "consumer")
    try:
        metrics.part_turned("relay")
        late = httpx.get(f"{url}/readyz")
        assert (late.status_code, late.text) == (503, "no progress: consumer")
        metrics.part_turned("consumer")
        assert httpx.get(f"{url}/readyz").status_code == 200
    finally:
        metrics.expect_parts()


def test_no_port_without_a_token() -> None:
    assert serve_metrics("probe", Settings()) is None
    with pytest.raises(SettingsInvalid, match="METRICS_TOKEN_FILE"):
        serve_metrics("probe", Settings(metrics_port=random_free()))
