# SPDX-License-Identifier: GPL-3.0-or-later
"""A small application for Elastic Beanstalk, and somebody who ships it with a playbook."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from tests.platforms.beanstalk import Aws

from .ground import LOGS
from .play import Playing, Run
from .probe import ask
from .project import ROOT

PLAYBOOK = str(ROOT / "tests" / "ship" / "playbooks" / "beanstalk.yml")
APPLICATION, NAME, PREFIX = "shop", "shop-prod", "the-shop"
APP = """
import os
from flask import Flask
app = Flask(__name__)

@app.get("/health")
def health():
    return "well"

@app.get("/")
def home():
    told = {name: os.environ.get(name) for name in ("GREETING", "TOKEN", "LEFT", "SLIPWAY_CONFIG")}
    return {"edition": EDITION, "marked": open("marked.txt").read().split(), **told}
"""
FILES = {
    "Procfile": "web: gunicorn --bind :${PORT:-8000} --workers 1 app:app\n",
    "requirements.txt": "flask==3.1.2\ngunicorn==23.0.0\n",
    ".ebextensions/10-app.config": """
option_settings:
  aws:elasticbeanstalk:application:environment: {LEFT: of the bundle, GREETING: of the bundle}
container_commands:
  02_second: {command: "echo $GREETING >>marked.txt"}
  01_first: {command: "echo first >marked.txt", leader_only: true}
""",
}


class Shop:
    def __init__(self, folder: Path, aws: Aws) -> None:
        self.folder, self.aws, self.runs = folder, aws, 0
        self.wanted: dict[str, Any] = {"application": APPLICATION, "name": NAME, "cname_prefix": PREFIX}
        self.result: Mapping[str, Any] = {}

    def client(self, service: str) -> Any:
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
        access, secret, region = (self.aws.environment[key] for key in keys)
        return boto3.client(
            service,
            endpoint_url=self.aws.endpoint_url,
            region_name=region,
            aws_access_key_id=access,
            aws_secret_access_key=secret,
        )

    def bundle(self, edition: int, **changed: str) -> tuple[str, str]:
        """A zip and its label, which is a digest of its content."""
        files = {**FILES, "app.py": f"EDITION = {edition}\n{APP}", **changed}
        label = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:12]
        path = self.folder / f"{label}.zip"
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in files.items():
                packed.writestr(name, content)
        return str(path), label

    def ship(self, *arguments: str, bundle: tuple[str, str] | None = None, **wanted: Any) -> Run:
        """A run of the playbook; what its last module said is in `result`."""
        self.runs += 1
        file = self.folder / f"result-{self.runs}.json"
        asked = {**self.wanted, **wanted}
        extra: dict[str, Any] = {"aws_endpoint": self.aws.endpoint_url, "result_file": str(file), "wanted": asked}
        if bundle:
            extra["bundle"], asked["version_label"] = bundle
        argv = ["ansible-playbook", "-i", "localhost,", PLAYBOOK, *arguments, "--extra-vars", json.dumps(extra)]
        log = LOGS / "beanstalk" / f"{self.runs:02}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        run = Playing(argv, {**self.aws.environment, "ANSIBLE_NOCOLOR": "1"}, log).wait()
        self.result = json.loads(file.read_text()) if file.exists() else {}
        return run

    def make_version(self, path: str, label: str) -> None:
        """As somebody else does it."""
        eb, s3 = self.client("elasticbeanstalk"), self.client("s3")
        source = {"S3Bucket": eb.create_storage_location()["S3Bucket"], "S3Key": f"{label}.zip"}
        s3.upload_file(path, source["S3Bucket"], source["S3Key"])
        eb.create_application_version(ApplicationName=APPLICATION, VersionLabel=label, SourceBundle=source)

    @property
    def home(self) -> dict[str, Any]:
        """What a visitor gets."""
        return dict(json.loads(ask(f"{self.result['environment']['url']}/")))

    @property
    def answers(self) -> bool:
        try:
            return bool(self.home)
        except OSError:
            return False
