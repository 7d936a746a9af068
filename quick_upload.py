"""``python quick_upload.py FOLDER``: the earlier analyser's way in, for ``flask --app flask_app gcs upload FOLDER``."""

from __future__ import annotations

import sys

from flask.cli import ScriptInfo

from flask_app import create_app

if __name__ == "__main__":
    app = create_app()
    words = ["gcs", "upload", *(sys.argv[1:] or ["--help"])]
    app.cli.main(args=words, prog_name="quick_upload.py", obj=ScriptInfo(create_app=lambda: app))
