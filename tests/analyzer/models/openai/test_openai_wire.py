"""The wire over TLS: kept connections, an unknown certificate, a drip."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from analyzer.models.openai.wire import Wire, WireError


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        assert isinstance(server, Server)
        server.lines.add(self.client_address)
        if b"drip" in body:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            while not server.over.wait(0.02):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if b"close" in body:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name in the class above
        pass


class Server(ThreadingHTTPServer):
    lines: set[tuple[str, int]]
    over: threading.Event


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs openssl: apt-get install openssl")
        pytest.skip("openssl is not here")
    path = tmp_path / "server.pem"
    command = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-keyout", str(path), "-out", str(tmp_path / "public.pem"), "-subj", "/CN=localhost"]
    subprocess.run([*command, "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "public.pem").read_text())
    return path


@pytest.fixture
def secured(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server(("127.0.0.1", 0), Echo)
    server.lines, server.over = set(), threading.Event()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def wire_to(server: Server) -> Wire:
    return Wire(f"https://localhost:{server.server_port}/v1", {}, 10_000_000)


def test_a_connection_over_tls_is_kept_and_large_answers_come_whole(
    secured: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    wire = wire_to(secured)
    for body in (b"a", b"b" * 3_000_000, b"c" * 70_000):
        assert wire.post("/chat/completions", body, lambda: 10.0).body == body
    assert len(secured.lines) == 1
    assert wire.post("/x", b"close", lambda: 10.0).body == b"close"
    assert wire.post("/x", b"d", lambda: 10.0).body == b"d"
    assert len(secured.lines) == 2
    wire.close()


def test_a_drip_over_tls_ends_at_the_deadline(
    secured: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    wire = wire_to(secured)
    with pytest.raises(WireError, match="No whole answer"):
        wire.post("/x", b"drip", lambda: 0.5)
    wire.close()


def test_a_server_with_an_unknown_certificate_gets_nothing(secured: Server) -> None:
    wire = wire_to(secured)
    with pytest.raises(WireError, match="certificate") as caught:
        wire.post("/x", b"secret", lambda: 5.0)
    assert not caught.value.sent
    assert secured.lines == set()
