"""Settings: one frozen dataclass, read once from ``.env`` and the environment, handed down as plain parameters.

Every field carries its key, help, default and bounds; ``.env.example`` and ``docs/ref/config.md`` are written from them
(``python -m config --write``). No room imports this module: whoever needs a value is given it by ``flask_app.py``.
"""

from __future__ import annotations

# ruff: noqa: RUF009 - the calls in the class make its fields
import difflib
import sys
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core.addresses import (
    machine_zone,
    read_base_url,
    read_host,
    read_hosts,
    read_origins,
    read_pictures_from,
    read_zone,
)
from core.errors import SettingsError
from core.setting import amount as _amount
from core.setting import choice as _choice
from core.setting import path as _path
from core.setting import setting as _setting
from core.setting import text as _text
from core.setting import token as _token
from core.setting import truth as _truth
from core.setting import whole as _whole
from core.setting_pages import as_env, as_page
from core.tiles import read_tiles
from core.web_address import USUAL_PORTS, Network, read_networks, read_ports

_HINT = "Set it in .env or in the environment; docs/ref/config.md lists every setting."


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one installation is told. ``None`` for a path means that nothing was named."""

    host: str = _setting(
        "127.0.0.1",
        read_host,
        "an address or a host name",
        "Address to listen on. Anything but this machine's own (loopback) refuses to start while no user is set up.",
        group="Serving",
    )
    port: int = _whole(5000, 0, 65535, "Port to listen on; 0 takes any free one.")
    trusted_hosts: tuple[str, ...] = _setting(
        (),
        read_hosts,
        "host names parted by commas",
        "Names under which the page may be asked for, besides localhost; a leading dot admits every name below. "
        "Any other Host header is refused.",
        shown_default="",
    )
    cors_origins: tuple[str, ...] = _setting(
        (),
        read_origins,
        "origins parted by commas, such as https://desk.example:8443",
        "Pages elsewhere that may ask by script (CORS), each origin as a browser names it. While no user is set "
        "up, such a page may do on this machine what a program may; with users, it needs a token. Never with a cookie.",
        shown_default="",
    )
    secret_key: str = _text(
        "",
        "Signs cookies; at least 32 characters. Left empty, one is made and kept in DATA_DIR.",
        secret=True,
    )
    max_streams: int = _whole(600, 1, 1000, "Browsers that may follow events at once; each holds a thread.")
    max_streams_each: int = _whole(16, 1, 1000, "Browsers of one person that may follow events at once.")
    log_format: str = _choice("text", ("text", "json"), "Lines of the log: text for people, json for programs.")
    log_level: str = _choice("INFO", ("DEBUG", "INFO", "WARNING", "ERROR"), "The least that is logged.")

    app_username: str = _text(
        "",
        "A person who is there as an operator from the first start on, with APP_PASSWORD. "
        "Others are added with flask --app flask_app user add.",
        80,
        group="People",
    )
    app_password: str = _text(
        "", "The password of APP_USERNAME; another value here becomes their password.", 256, secret=True
    )
    sign_in_days: int = _whole(30, 1, 365, "Days after which somebody must sign in again.")
    trusted_proxies: int = _whole(
        0,
        0,
        5,
        "Reverse proxies that a request passes on its way here. So many entries of X-Forwarded-For and "
        "X-Forwarded-Proto are believed; 0 believes none.",
    )
    secure_cookies: bool = _truth(
        False, "Send the cookie over TLS only. It is so by itself where the proxy says that the request came over TLS."
    )

    site_name: str = _text("Sightline", "The name shown at the top of the page.", 80, group="The site")
    site_timezone: ZoneInfo = _setting(
        machine_zone,
        read_zone,
        "a name of the zone database, such as Asia/Kolkata",
        "The clock of the file names, of the cameras without their own, and of the page.",
        shown_default="",
    )

    images_dir: Path | None = _path(
        None,
        "The folder of pictures, with its folders. Left empty, the sample city is used.",
        group="Pictures and places",
    )
    pictures_from: str = _setting(
        "",
        read_pictures_from,
        "a folder, gs://BUCKET/PREFIX, sheet://FILE, or sheet:// alone for addresses in the register",
        "Where the pictures are, in place of IMAGES_DIR; docs/sources.md says what each needs.",
    )
    excel_file: Path | None = _path(
        None,
        "The register of locations: .xlsx, .xls, .xlsb, .ods or .csv. Left empty, pictures have no location "
        "(or the sample city's, where IMAGES_DIR is empty as well).",
    )
    max_sheet_bytes: int = _whole(
        20_000_000, 100_000, 32_000_000, "A larger sheet of locations is not taken from the page."
    )
    max_picture_bytes: int = _whole(
        20_000_000, 1000, 1_000_000_000, "A larger file counts as unreadable and is not opened."
    )
    max_picture_pixels: int = _whole(
        50_000_000, 10_000, 1_000_000_000, "A picture whose header names more pixels counts as unreadable, undecoded."
    )
    fetch_networks: tuple[Network, ...] = _setting(
        (),
        read_networks,
        "networks parted by commas, such as 192.168.0.0/16",
        "Private networks from which this server may fetch pictures by their URL; otherwise the public internet alone.",
        shown_default="",
    )
    fetch_ports: frozenset[int] = _setting(
        USUAL_PORTS,
        read_ports,
        "ports parted by commas",
        "Ports from which this server may fetch pictures by their URL.",
        shown_default=",".join(map(str, sorted(USUAL_PORTS))),
    )
    data_dir: Path = _path("data", "Where everything that is learnt or said is kept. One process at a time.")
    keep_bin_days: int = _whole(7, 0, 36_500, "Days that a session stays in the bin; 0 keeps it until it is deleted.")
    keep_sessions_days: int = _whole(
        0, 0, 36_500, "Days after its last question that a session goes into the bin by itself; 0 keeps it for ever."
    )
    keep_sights_days: int = _whole(
        0, 0, 36_500, "Days that what was seen is kept for other questions; 0 keeps it for ever. Answers stay."
    )
    database_url: str = _text(
        "",
        "A PostgreSQL database for sessions, people and events: postgresql://user:password@host/database. Left empty, "
        "SQLite in DATA_DIR. Observations stay in DATA_DIR either way.",
        secret=True,
    )

    google_maps_api_key: str = _text(
        "",
        "Draws the map with Google Maps. Every browser that opens the page sees the key, so restrict it to this site's "
        "address (docs/map.md). Left empty, the map asks nobody outside.",
        secret=True,
        group="The map",
    )
    map_tiles: tuple[tuple[str, str], ...] = _setting(
        (),
        read_tiles,
        "a URL with {z}, {x} and {y}, or several as road=URL satellite=URL hybrid=URL terrain=URL",
        "Pictures of the ground under the map without Google. Left empty, the map is drawn from the register alone. "
        "Each browser asks these hosts for the part of the world that it looks at.",
        shown_default="",
    )
    map_credit: str = _text("", "Whose the tiles are, as their licence wants it said on the map.", 200)

    model: str = _choice(
        "auto",
        ("auto", "opencv", "detector", "openai", "smolvlm"),
        "The vision model. auto takes the first that can answer the question fully; the page says which and why.",
        group="Models and work",
    )
    models_dir: Path | None = _path(
        None, "Where weights are looked for before anything is fetched. Left empty, models/ in DATA_DIR."
    )
    smolvlm_model: str = _choice(
        "smolvlm-500m",
        ("smolvlm-256m", "smolvlm-500m", "smolvlm-2.2b"),
        "Which SmolVLM is meant by smolvlm. 256m is the fastest and errs most; 2.2b needs 4 GB of memory and is slow "
        "without a graphics card.",
    )
    smolvlm_tiles: str = _choice(
        "1",
        ("1", "auto"),
        "1 shows SmolVLM the whole picture in 512 by 512 pixels; auto adds up to 16 tiles of it, for small things, and "
        "takes up to 17 times as long.",
    )
    smolvlm_threads: int = _whole(0, 0, 256, "Threads that SmolVLM computes with; 0 is one for each core.")
    smolvlm_store_bytes: int = _whole(
        2_000_000_000,
        10_000_000,
        10_000_000_000_000,
        "Disk that encoded pictures may take, so that another question about them is quick after a restart too.",
    )
    smolvlm_memory_bytes: int = _whole(
        512_000_000,
        0,
        1_000_000_000_000,
        "Memory for the states of pictures that SmolVLM has read: 2.9 MB each for 500m. With its state kept, another "
        "question about a picture takes a twentieth of the time.",
    )
    smolvlm_self_test: bool = _truth(
        True,
        "Whether a dozen drawn pictures with obvious answers are put to SmolVLM before it is first used. One that "
        "fails is said to have failed, and taken only by who chooses it.",
    )
    max_workers: int = _whole(
        8, 1, 256, "Pictures in work at once, at most; a model that computes here takes fewer where that is faster."
    )
    reuse_observations_s: int = _whole(
        86_400,
        0,
        315_360_000,
        "Seconds for which what was seen is used again where only a URL tells which picture it was; 0 asks each time. "
        "Pictures of a folder or a bucket are known by their content, and what was seen in them is always used again.",
    )

    openai_api_key: str = _token(
        "The key of OPENAI_BASE_URL. With it, questions that the models here can't answer fully are put to that "
        "server, and the pictures concerned leave this machine (docs/cloud.md). Left empty, nothing leaves it.",
        group="A cloud model",
    )
    openai_base_url: str = _setting(
        "https://api.openai.com/v1",
        read_base_url,
        "a URL that begins with http:// or https://, without user, query and fragment",
        "The OpenAI-compatible server that is asked: OpenAI's own, vLLM, llama-server, a gateway. Another one than "
        "OpenAI's is asked without OPENAI_API_KEY too.",
    )
    openai_model: str = _text("gpt-4o", "The model's name on that server. It must take pictures.", 200)
    openai_timeout_s: int = _whole(60, 1, 600, "Seconds that one answer of that server may take, all in all.")
    plan_with_model: str = _choice(
        "unsure",
        ("never", "unsure", "always"),
        "Whether that server is asked what a question means: where the rules can't tell and people have said yes to "
        "that server; or always, without a click; or never. The question's text and names of the register leave this "
        "machine then; the rules' plan stands where it fails.",
    )
    report_with_model: str = _choice(
        "agreed",
        ("never", "agreed", "always"),
        "Whether that server writes the report of an answer: once people have said yes to that server; or always, "
        "without a click; or never. The question, the answer's figures and the names of its places leave this machine "
        "then, and each costs about a cent; a report with another number or name in it is not taken.",
    )
    inline_images: str = _choice(
        "folder",
        ("folder", "always", "never"),
        "Whether pictures go to the cloud model as bytes: those of a folder, which nobody else can fetch; or always, "
        "where its server can't fetch a picture's URL as well; or never.",
    )
    confirm_above_usd: float = _amount(
        1.0, 0, 1_000_000, "A question that is estimated to cost more in US dollars is put only after a second click."
    )
    max_usd_per_run: float = _amount(
        20.0,
        0,
        1_000_000,
        "US dollars at which a run stops; what it has is kept, and Continue goes on for as much again.",
    )
    max_usd_per_day: float = _amount(
        50.0,
        0,
        1_000_000,
        "US dollars a day, by the clock of SITE_TIMEZONE, at which no more is asked of a cloud model.",
    )

    use_gcs_storage: bool = _truth(
        False,
        "Take the pictures from the bucket GCS_BUCKET_NAME, as PICTURES_FROM=gs://bucket does.",
        group="Google Cloud Storage",
    )
    gcs_project_id: str = _text("", "The bucket's project. Only where several are paid for apart.")
    gcs_bucket_name: str = _text("", "The bucket of USE_GCS_STORAGE and of flask --app flask_app gcs.")
    gcs_prefix: str = _text("", "What the names of its pictures begin with, such as cameras/2026/. Empty takes all.")
    google_application_credentials: Path | None = _path(
        None,
        "The service account's key file, with which URLs are signed here. Left empty, the machine's own are used; "
        "without any, only a public bucket can be read.",
    )
    signed_url_minutes: int = _whole(60, 1, 10_080, "Minutes that a signed URL holds. Each is made when it is needed.")
    storage_emulator_host: str = _text("", "A stand-in for Google, for tests: http://127.0.0.1:9023.")

    @classmethod
    def load(cls, env: Mapping[str, str], dotenv_path: Path | None = None) -> Settings:
        """Read ``dotenv_path``, if it is there, and ``env``, which wins. Raises :class:`SettingsError` for a key in the
        file that is no setting, and for any value that is malformed, out of range or lacks another one."""
        known = {item.name.upper(): item for item in fields(cls)}
        written = _read_dotenv(dotenv_path) if dotenv_path is not None and dotenv_path.exists() else {}
        for key in written:
            if key not in known:
                raise _unknown(key, known, dotenv_path)
        merged = written | {key: value for key, value in env.items() if key in known}
        values = {known[key].name: _value(known[key], text) for key, text in merged.items() if text.strip()}
        read = cls(**values)
        if read.use_gcs_storage and not read.gcs_bucket_name:
            raise SettingsError("USE_GCS_STORAGE is true, and GCS_BUCKET_NAME names no bucket.", _HINT)
        return read

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be seen, for the redactor."""
        return tuple(
            getattr(self, item.name) for item in fields(self) if item.metadata["secret"] and getattr(self, item.name)
        )


def _read_dotenv(path: Path) -> dict[str, str]:
    from dotenv.parser import parse_stream

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} can't be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}."
        ) from error
    written = {}
    for binding in parse_stream(StringIO(text)):
        if binding.error or (binding.key is not None and binding.value is None):
            # The line itself is not shown: it may hold a secret.
            raise SettingsError(f"Line {binding.original.line} of {path} is not KEY=value.", _HINT)
        if binding.key is not None:
            written[binding.key] = binding.value or ""
    return written


def _unknown(key: str, known: Mapping[str, object], path: Path | None) -> SettingsError:
    near = difflib.get_close_matches(key.upper(), known, n=1, cutoff=0.7)
    meant = f"Did you mean {near[0]}?" if near else f"Settings are: {', '.join(sorted(known))}."
    return SettingsError(f"{key} in {path} is not a setting.", meant)


def misspelt(env: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that is nearly a setting. The environment is everybody's, so nothing is refused."""
    known = [item.name.upper() for item in fields(Settings)]
    near = ((key, difflib.get_close_matches(key, known, n=1, cutoff=0.92)) for key in env if key not in known)
    return [f"{key} in the environment is not a setting. Did you mean {found[0]}?" for key, found in near if found]


def _value(item: Field[Any], text: str) -> Any:
    key, about = item.name.upper(), item.metadata
    text = text.strip()
    try:
        value = about["read"](text)
    except ValueError as error:
        shown = "•••" if about["secret"] else repr(text[:80])
        raise SettingsError(f"{key} is {shown}; allowed is {about['allowed']}.", _HINT) from error
    return value


def env_example() -> str:
    """The text of ``.env.example``: every setting with its default, commented out."""
    return as_env(fields(Settings))


def reference_page() -> str:
    """The text of ``docs/ref/config.md``."""
    return as_page(fields(Settings))


def write_pages(root: Path) -> list[Path]:
    """Write both generated pages under ``root``; returns what was written."""
    pages = {root / ".env.example": env_example(), root / "docs/ref/config.md": reference_page()}
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(pages)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m config --write")
    for page in write_pages(Path(__file__).parent):
        sys.stdout.write(f"{page}\n")
