"""What is said about putting Sightline somewhere holds: files exist, commands run, settings are ones. Parity S2.30."""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from PIL import Image

from config import Settings

ROOT = Path(__file__).resolve().parent.parent
GUIDES = [*sorted((ROOT / "docs" / "deploy").glob("*.md")), ROOT / "docs" / "running.md"]
# Words in capitals of the guides that are other programs' or formats'.
NOT_SETTINGS = {"HTTP", "JSON", "TLS", "ENGINE", "README", "DEBUG"}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, comments left out and continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]  # type: ignore[misc]


def the(name: str) -> str:
    (found,) = (rest for word, rest in instructions() if word == name)
    return found


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextlib.contextmanager
def running(command: str | list[str], folder: Path, **environment: str) -> Iterator[int]:
    """A server by that command, as a host would start it, once it is healthy; its port."""
    (folder / "pictures").mkdir(exist_ok=True)
    Image.new("RGB", (64, 36), "navy").save(folder / "pictures" / "cam1_20260314_101500.jpg")
    port = free_port()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {"DATA_DIR": str(folder / "data"), "IMAGES_DIR": str(folder / "pictures"), "MODEL": "opencv"}
    settings = {"PATH": path, "HOME": str(folder), "PORT": str(port)} | own | environment
    words = ["sh", "-c", f"exec env {command}"] if isinstance(command, str) else command
    process = subprocess.Popen(words, cwd=ROOT, env=settings, stderr=subprocess.PIPE, text=True)
    try:
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
                raise AssertionError(process.communicate()[1])
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_what_the_dockerfile_copies_is_there() -> None:
    sources = [word for word, rest in instructions() if word == "COPY" for word in rest.split()[:-1]]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_container_is_nobodys_root_and_listens_where_it_is_told() -> None:
    assert the("USER") not in {"root", "0"}
    environment = dict(pair.split("=") for pair in shlex.split(the("ENV")))
    assert (environment["HOST"], environment["PORT"], the("EXPOSE")) == ("0.0.0.0", "8080", "8080")
    assert environment["DATA_DIR"] == the("VOLUME")
    names = [word for word, _ in instructions()]
    assert names.index("USER") < names.index("CMD")
    assert set(environment) - {"PYTHONDONTWRITEBYTECODE"} <= {name.upper() for name in Settings.__dataclass_fields__}


def test_the_containers_command_serves_and_its_health_check_knows(tmp_path: Path) -> None:
    """Parity S2.30."""
    check = json.loads(the("HEALTHCHECK").partition("CMD")[2])
    people = {"APP_USERNAME": "asha", "APP_PASSWORD": "a long pass phrase"}
    command = json.loads(the("CMD"))
    with running([sys.executable, *command[1:]], tmp_path, HOST="0.0.0.0", **people) as port:
        assert command[0] == check[0] == "python"
        environment = os.environ | {"PORT": str(port)}
        assert subprocess.run([sys.executable, *check[1:]], env=environment, timeout=30).returncode == 0
    gone = subprocess.run([sys.executable, *check[1:]], env=environment, timeout=30, stderr=subprocess.DEVNULL)
    assert gone.returncode != 0


def test_the_procfiles_command_serves_on_the_hosts_port(tmp_path: Path) -> None:
    """Parity S2.30."""
    name, _, command = (ROOT / "Procfile").read_text().strip().partition(": ")
    assert name == "web"
    with running(command, tmp_path, APP_USERNAME="asha", APP_PASSWORD="a long pass phrase") as port:
        with pytest.raises(urllib.error.HTTPError) as refused:  # nobody gets in who has not signed in
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/state", timeout=10)
        refused.value.close()
        assert refused.value.code == 401


def test_the_procfiles_command_refuses_an_open_door(tmp_path: Path) -> None:
    """Threat row 51."""
    command = (ROOT / "Procfile").read_text().strip().partition(": ")[2]
    with pytest.raises(AssertionError, match="no user is set up"), running(command, tmp_path):
        pass


def test_no_secret_and_no_data_get_into_the_container() -> None:
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    for name in (".env", ".git", "data", ".venv"):
        assert any(fnmatch(name, pattern) for pattern in patterns), name
    kept = {"flask_app.py", "config.py", "templates", "static", "web", "storage", "examples", "requirements.txt"}
    assert [name for name in kept if any(fnmatch(name, pattern) for pattern in patterns)] == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_every_link_and_setting_of_a_guide_is_there(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    assert [target for target in targets if not (guide.parent / target).exists()] == []
    words = " ".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^[A-Z_]+=", text, re.MULTILINE)])
    named = set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", words))
    assert named - NOT_SETTINGS - {name.upper() for name in Settings.__dataclass_fields__} == set()


def test_every_command_of_a_guide_exists() -> None:
    named = {
        word for guide in GUIDES for word in re.findall(r"--app flask_app ([a-z-]+)", guide.read_text(encoding="utf-8"))
    }
    command = [sys.executable, "-m", "flask", "--app", "flask_app", "--help"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60).stdout
    assert named
    assert named - set(re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE)) == set()


def test_the_proxy_holds_no_event_back() -> None:
    text = (ROOT / "docs" / "deploy" / "reverse-proxy.md").read_text(encoding="utf-8")
    stream = text.partition("location = /api/updates {")[2].partition("}")[0]
    assert "proxy_buffering off" in stream
    assert "proxy_read_timeout 1h" in stream
    assert text.count("proxy_set_header X-Forwarded-For $remote_addr") == 2  # what the visitor claims is not passed on


def test_the_service_of_the_virtual_machine_is_understood_by_systemd(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "deploy" / "virtual-machine.md").read_text(encoding="utf-8")
    unit = re.findall(r"```\n(\[Unit\].*?)```", text, re.DOTALL)[0]
    read = configparser.ConfigParser(strict=True)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit)
    assert read["Service"]["ExecStart"].endswith(".venv/bin/python flask_app.py")
    assert set(read.sections()) == {"Unit", "Service", "Install"}
    if shutil.which("systemd-analyze"):
        here = unit.replace("/srv/sightline/app/.venv/bin/python", sys.executable).replace("User=sightline\n", "")
        path = tmp_path / "sightline.service"
        path.write_text(here.replace("/srv/sightline", str(tmp_path)))
        said = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, timeout=60).stderr
        assert "sightline.service" not in said, said
