"""``ask`` of a model that costs: the price is told and nothing is asked without ``--yes``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench.openai_server import OpenAiServer
from examples.sample_city import draw_city

ROOT = Path(__file__).resolve().parents[3]
PRICES = "as_of = 2026-03-01\n[models.gpt-4o]\nusd_in = 2.5\nusd_out = 10.0\nbase = 85\ntile = 170\n"


def test_a_price_is_told_and_waits_for_yes(tmp_path: Path) -> None:
    draw_city(tmp_path / "city", camera_count=2, per_camera=1)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prices.toml").write_text(PRICES)
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
    with OpenAiServer() as server:
        settings = {"DATA_DIR": str(tmp_path / "data"), "OPENAI_BASE_URL": server.url, "CONFIRM_ABOVE_USD": "0"}
        command = [sys.executable, "-m", "flask", "--app", "flask_app", "ask", "Are street lights visible?"]
        command += ["--images", str(tmp_path / "city" / "pictures"), "--out", str(tmp_path), "--model", "openai"]

        def run(*more: str) -> subprocess.CompletedProcess[str]:
            asked = [*command, *more]
            return subprocess.run(asked, cwd=ROOT, env=kept | settings, capture_output=True, text=True, timeout=120)

        refused = run()
        assert refused.returncode == 2
        assert "tokens" in refused.stderr
        assert "--yes" in refused.stderr
        assert server.calls == []
        agreed = run("--yes")
        assert agreed.returncode == 0, agreed.stderr
        assert len(server.calls) > 0
        assert len(agreed.stdout.splitlines()) == 2
