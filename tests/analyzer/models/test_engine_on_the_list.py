"""SmolVLM on the list of models: the page can say how its engine stands, and no question is put to it yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.models.catalogue import Catalogue, Fetching, ModelState, Standing
from analyzer.models.opening import open_catalogue
from core.errors import ModelUnavailable


def test_how_it_stands_is_asked_anew_each_time() -> None:
    standing = [
        Standing(ModelState.INSTALLING, "About 7 minutes.", fetching=Fetching(1, 2)),
        Standing(ModelState.FAILED, "No compiler."),
    ]
    catalogue = Catalogue()
    catalogue.follow("smolvlm", "SmolVLM", lambda: standing[0])
    (listed,) = catalogue.states()
    assert (listed.name, listed.state, listed.sentence) == ("smolvlm", ModelState.INSTALLING, "About 7 minutes.")
    assert listed.as_json()["fetching"] == {"done_bytes": 1, "total_bytes": 2}
    del standing[0]
    (listed,) = catalogue.states()
    assert (listed.state, listed.sentence, listed.fetching) == (ModelState.FAILED, "No compiler.", None)


def test_it_is_listed_last_and_never_ready_while_the_model_itself_is_missing(tmp_path: Path) -> None:
    listed = open_catalogue(None, tmp_path, fetch=False).states()[-1]
    assert listed.name == "smolvlm"
    assert listed.state is not ModelState.READY
    assert "SmolVLM's engine" in listed.sentence or "are missing" in listed.sentence


def test_choosing_it_says_how_its_engine_stands(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"SmolVLM 500M isn.t ready\. (SmolVLM.s engine|Its files)"):
        open_catalogue(None, tmp_path, fetch=False).get("smolvlm")
