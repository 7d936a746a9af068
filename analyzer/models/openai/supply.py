"""Bringing the cloud model into the catalogue, where one is configured. Its server hears nothing before a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from analyzer.leaving import is_indoors
from analyzer.models.catalogue import Catalogue, ModelState
from analyzer.models.openai.client import OpenAiClient, Server
from analyzer.models.openai.model import NAME, OpenAiModel
from analyzer.models.openai.prices import Price, find_price
from analyzer.models.openai.text import TextModel
from analyzer.planner.interpreter import Interpreter, Planning
from analyzer.report.author import DEADLINE_S, Reporter, Reporting
from core.clock import Clock, SystemClock
from core.errors import SettingsError

_OPENAI_HOST = "api.openai.com"


@dataclass(frozen=True, slots=True)
class Cloud:
    """A server that is configured, where the person's own prices may lie, and when it is asked to plan and to
    write reports."""

    server: Server
    data_dir: Path | None = None
    clock: Clock | None = None
    planning: Planning = Planning.NEVER
    reporting: Reporting = Reporting.NEVER


def configured(
    server: Server, data_dir: Path, planning: str = Planning.NEVER, reporting: str = Reporting.NEVER
) -> Cloud | None:
    """The server of the settings: OpenAI's own only with a key, another one without a key too."""
    if not server.api_key and urlsplit(server.base_url).hostname == _OPENAI_HOST:
        return None
    return Cloud(server, data_dir, planning=Planning(planning), reporting=Reporting(reporting))


def cloud_model(cloud: Cloud) -> OpenAiModel:
    """The model of ``cloud``. Raises :class:`~core.errors.SettingsError` for a file of prices that can't be read."""
    server, clock = cloud.server, cloud.clock or SystemClock()
    host = urlsplit(server.base_url).hostname or ""
    return OpenAiModel(OpenAiClient(server, clock), _price(cloud), clock, to=host, reaches=is_indoors(host))


def add_cloud(catalogue: Catalogue, cloud: Cloud) -> None:
    """List the model of ``cloud`` behind those that are listed already; without prices it is listed as failed."""
    label = f"{cloud.server.model} at {urlsplit(cloud.server.base_url).hostname}"
    try:
        model = cloud_model(cloud)
    except SettingsError as error:
        catalogue.expect(NAME, label, ModelState.FAILED, f"{error.sentence} {error.hint}")
        return
    catalogue.add(model, label, f"Answers any question about a picture; the pictures concerned go to {model.card.to}.")
    catalogue.on_close(model.close)
    if cloud.planning is not Planning.NEVER:
        catalogue.interpreter = Interpreter(cloud.server, _price(cloud), cloud.planning)
    if cloud.reporting is not Reporting.NEVER:
        catalogue.reporter = Reporter(TextModel(cloud.server, _price(cloud), DEADLINE_S), cloud.reporting)


def _price(cloud: Cloud) -> Price:
    host = urlsplit(cloud.server.base_url).hostname or ""
    return find_price(cloud.server.model, cloud.data_dir, indoors=is_indoors(host))
