"""Pictures that never touch the server: bytes of pictures that the program received and wrote, counted at its sockets.

    python -m bench.zero_download [--quick]

A thousand pictures, once in a bucket and once in a sheet of addresses, are asked of an OpenAI-compatible server that
fetches them by their URLs. Beside each stands a run by a model that takes bytes, which shows that the counting counts.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.bucket_stub import MARK, bucket_stub, name_of
from bench.openai_server import OpenAiServer
from bench.report import finish, versions

QUICK, FULL = 100, 1000


class Counter:
    """Counts what all sockets of this process receive, and how much of it is pictures'."""

    def __init__(self) -> None:
        self.received = self.of_pictures = 0
        self._lock = threading.Lock()
        recv, recv_into = socket.socket.recv, socket.socket.recv_into

        def counted(line: socket.socket, *words: Any) -> bytes:
            content = recv(line, *words)
            self._count(content)
            return content

        def counted_into(line: socket.socket, buffer: Any, *words: Any) -> int:
            size = recv_into(line, buffer, *words)
            self._count(bytes(memoryview(buffer)[:size]))
            return size

        socket.socket.recv = counted  # type: ignore[method-assign,assignment]
        socket.socket.recv_into = counted_into  # type: ignore[method-assign,assignment]

    def _count(self, content: bytes) -> None:
        with self._lock:
            self.received += len(content)
            self.of_pictures += content.count(MARK) * len(MARK)


def look(place: str, address: str, openai: str, data: Path) -> dict[str, Any]:
    """One run through the whole program; ``openai`` is empty for a model that takes bytes."""
    counter = Counter()
    from analyzer.models.openai.client import Server
    from analyzer.models.openai.supply import Cloud, cloud_model
    from analyzer.models.scripted import ScriptedModel
    from config import Settings
    from flask_app import create_app

    port = str(urlsplit(address).port)
    told = {"PICTURES_FROM": place, "STORAGE_EMULATOR_HOST": address, "DATA_DIR": str(data), "MAX_WORKERS": "32"}
    told |= {"FETCH_NETWORKS": "127.0.0.0/8", "FETCH_PORTS": port, "CONFIRM_ABOVE_USD": "1000"}
    cloud = Cloud(Server(openai, "", "gpt-4o", timeout_s=60.0))
    model = cloud_model(cloud) if openai else ScriptedModel(lambda *_: 1)
    app = create_app(Settings.load(told), [model])
    house = app.extensions["sightline"]
    house.opening.get()
    run: dict[str, Any] = {"state": "running"}
    with house.bus.subscribe() as heard:
        house.conversations.ask("How many people are in each image?")
        while run["state"] == "running":
            event = heard.receive(120)
            if event is None:
                raise SystemExit("The run announced nothing more.")
            run = event.data["run"] if event.type == "run" else run
    house.opening.close()
    written = sum(path.read_bytes().count(MARK) for path in data.rglob("*") if path.is_file())
    return {
        "counts": run["counts"],
        "received": counter.received,
        "of_pictures": counter.of_pictures,
        "written": written,
    }


def apart(place: str, address: str, openai: str) -> dict[str, Any]:
    """A run in a process of its own."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "bench.zero_download", "--look", place, "--address", address]
        began = time.perf_counter()
        ran = subprocess.run(
            [*command, "--openai", openai, "--data", data], stdout=subprocess.PIPE, check=True, text=True, timeout=300
        )
        told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return told | {"took_s": time.perf_counter() - began}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.zero_download", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    for word in ("--look", "--address", "--openai", "--data"):
        parser.add_argument(word, default="")
    options = parser.parse_args()
    if options.look:
        print(json.dumps(look(options.look, options.address, options.openai, Path(options.data))))
        return 0
    versions("google-cloud-storage", "openai")
    pictures = QUICK if options.quick else FULL
    figures: dict[str, float] = {"pictures": float(pictures)}
    with bucket_stub(pictures, 0.0) as address, tempfile.TemporaryDirectory() as folder, OpenAiServer() as provider:
        sheet = Path(folder) / "fleet.csv"
        rows = [f"cam-{n % 50:02},{address}/city/{name_of(n)}" for n in range(pictures)]
        sheet.write_text("\n".join(["Camera,Image URL", *rows]), encoding="utf-8")
        for kind, place in (("bucket", "gs://city"), ("sheet", f"sheet://{sheet}")):
            for model, url in (("url", provider.url), ("bytes", "")):
                fetched = len(provider.fetched)
                told = apart(place, address, url)
                print(f"{kind}, by {model}: {told['counts']} in {told['took_s']:.1f} s;")
                print(f"  received {told['received']:,} bytes, {told['of_pictures']:,} of pictures;")
                print(f"  {told['written']} in the data folder; the model fetched {len(provider.fetched) - fetched:,}")
                figures |= {
                    f"{kind}_{model}_received": float(told["of_pictures"]),
                    f"{kind}_{model}_written": float(told["written"]),
                    f"{kind}_{model}_fetched": float(len(provider.fetched) - fetched),
                }
    nothing = {f"{kind}_url_{what}": ("<=", 0.0) for kind in ("bucket", "sheet") for what in ("received", "written")}
    counts = {f"{kind}_bytes_received": (">=", 1.0) for kind in ("bucket", "sheet")}
    everything = {f"{kind}_url_fetched": (">=", float(pictures)) for kind in ("bucket", "sheet")}
    return finish("zero_download", figures, nothing | counts | everything)


if __name__ == "__main__":
    sys.exit(main())
