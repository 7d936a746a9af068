from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config import Settings, env_example, misspelt, reference_page
from core.errors import SettingsError

ROOT = Path(__file__).parent.parent
SPINE = {
    *("OPENAI_API_KEY", "USE_GCS_STORAGE", "GCS_PROJECT_ID", "GCS_BUCKET_NAME", "GOOGLE_APPLICATION_CREDENTIALS"),
    *("GOOGLE_MAPS_API_KEY", "IMAGES_DIR", "EXCEL_FILE", "MAX_WORKERS"),
}


def dotenv(folder: Path, text: str) -> Path:
    path = folder / ".env"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(env: dict[str, str], path: Path | None = None) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        Settings.load(env, path)
    return caught.value


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    settings = Settings.load({}, tmp_path / ".env")
    assert (settings.host, settings.port, settings.data_dir) == ("127.0.0.1", 5000, Path("data"))
    assert (settings.model, settings.images_dir, settings.excel_file) == ("auto", None, None)
    assert isinstance(settings.site_timezone, ZoneInfo)


def test_every_key_of_the_spine_is_a_setting() -> None:
    assert {field.name.upper() for field in fields(Settings)} >= SPINE


def test_the_environment_wins_over_the_file_and_an_empty_value_is_the_default(tmp_path: Path) -> None:
    path = dotenv(tmp_path, "# mine\nexport PORT=6000\nSITE_NAME='Harbour desk'\nHOST=\nIMAGES_DIR=\"~/p q\"\n")
    settings = Settings.load({"PORT": "7000", "PATH": "/bin", "UNRELATED": "1"}, path)
    assert settings.port == 7000
    assert settings.site_name == "Harbour desk"
    assert settings.host == "127.0.0.1"
    assert settings.images_dir == Path("~/p q").expanduser()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_an_unknown_key_in_the_file_stops_the_start_and_the_near_one_is_named(tmp_path: Path) -> None:
    error = refusal({}, dotenv(tmp_path, "MAX_WORKRES=4\n"))
    assert "MAX_WORKRES" in error.sentence
    assert "MAX_WORKERS" in error.hint
    assert "Settings are:" in refusal({}, dotenv(tmp_path, "ZZZ=4\n")).hint


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("PORT", "70000", "0 to 65535"),
        ("PORT", "-1", "0 to 65535"),
        ("PORT", "five", "0 to 65535"),
        ("PORT", "５", "0 to 65535"),
        ("MAX_WORKERS", "0", "1 to 256"),
        ("MAX_WORKERS", "1e3", "1 to 256"),
        ("MODEL", "gpt", "auto, opencv"),
        ("USE_GCS_STORAGE", "maybe", "true or false"),
        ("SITE_TIMEZONE", "Mars/Base", "Asia/Kolkata"),
        ("SITE_TIMEZONE", "Asia", "Asia/Kolkata"),
        ("SITE_TIMEZONE", "../../etc/passwd", "Asia/Kolkata"),
        ("TRUSTED_HOSTS", "a.example, b c", "parted by commas"),
        ("HOST", "http://x", "host name"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("SITE_NAME", "x" * 81, "80 characters"),
        ("IMAGES_DIR", "a\0b", "a path"),
    ],
)
def test_a_wrong_value_stops_the_start_with_name_value_and_what_is_allowed(key: str, value: str, allowed: str) -> None:
    error = refusal({key: value})
    assert key in error.sentence
    assert repr(value)[:70] in error.sentence
    assert allowed in error.sentence


def test_a_secret_is_never_shown_even_where_it_is_wrong() -> None:
    error = refusal({"OPENAI_API_KEY": "sk-" + "s" * 600})
    assert "sss" not in str(error.as_json())
    settings = Settings.load({"OPENAI_API_KEY": "sk-abcdef", "SECRET_KEY": "k" * 40})
    assert "sk-abcdef" not in repr(settings)
    assert settings.secrets == ("k" * 40, "sk-abcdef")


def test_a_line_that_is_no_setting_is_named_by_number_and_not_shown(tmp_path: Path) -> None:
    error = refusal({}, dotenv(tmp_path, "PORT=6000\nsk-secret of mine\n"))
    assert "Line 2" in error.sentence
    assert "secret" not in error.sentence


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xff\xfe\x00P")
    assert "UTF-8" in refusal({}, path).sentence


def test_a_bucket_without_a_name_stops_the_start() -> None:
    """Parity S2.28."""
    assert "GCS_BUCKET_NAME" in refusal({"USE_GCS_STORAGE": "true"}).sentence
    assert Settings.load({"USE_GCS_STORAGE": "true", "GCS_BUCKET_NAME": "b"}).use_gcs_storage


def test_every_setting_says_what_it_does_and_takes() -> None:
    for field in fields(Settings):
        assert len(field.metadata["about"]) > 15, field.name
        assert field.metadata["allowed"], field.name


@pytest.mark.parametrize(("page", "text"), [(".env.example", env_example()), ("docs/ref/config.md", reference_page())])
def test_the_generated_pages_are_those_of_the_code(page: str, text: str) -> None:
    assert (ROOT / page).read_text(encoding="utf-8") == text, "run: python -m config --write"


def test_the_example_file_with_every_line_switched_on_is_the_default(tmp_path: Path) -> None:
    switched_on = re.sub(r"^#(?=[A-Z_]+=)", "", env_example(), flags=re.MULTILINE)
    assert switched_on != env_example()
    assert Settings.load({}, dotenv(tmp_path, switched_on)) == Settings()


@given(st.sampled_from([field.name.upper() for field in fields(Settings)]), st.text(max_size=60))
@example("DATA_DIR", "~0")  # a home that nobody has
def test_any_text_is_either_taken_or_refused_in_a_sentence(key: str, value: str) -> None:
    try:
        Settings.load({key: value})
    except SettingsError as error:
        assert key in error.sentence


def test_a_variable_that_is_nearly_a_setting_is_told_and_what_is_of_others_is_not() -> None:
    told = misspelt({"IMAGE_DIR": "/srv", "PATH": "/bin", "HOSTNAME": "x", "MODELS": "y", "PORT": "1", "LOGNAME": "me"})
    assert told == ["IMAGE_DIR in the environment is not a setting. Did you mean IMAGES_DIR?"]


@pytest.mark.parametrize("pasted", ["sk-a b", "“sk-abc”", "sk-ü", "sk-\u200babc"])
def test_a_key_that_could_not_travel_in_a_header_is_refused_and_not_shown(pasted: str) -> None:
    told = refusal({"OPENAI_API_KEY": pasted})
    assert "without blanks" in told.sentence
    assert "sk-" not in told.sentence
    assert Settings.load({"OPENAI_API_KEY": " sk-proj-A_b-1 "}).openai_api_key == "sk-proj-A_b-1"
