# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform does on a request, each in a thread of its own, and the events in which it tells of it."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Callable, Mapping

import boto3

from . import options
from .bundle import BundleError
from .fleet import Health, UnwellError, answers
from .instance import CommandError
from .state import LOCK, STATE, Environment, Option, now

TROUBLE = "For more information, see troubleshooting documentation."
MIXED = (
    "During an aborted deployment, some instances may have deployed the new application version."
    " To ensure all instances are running the same version, re-deploy the appropriate application version."
)
# what an instance profile gives on the platform
PROFILE = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
FAILURES = (BundleError, CommandError, UnwellError, options.OptionError)
UNHEALTHY_AFTER, WATCH_SECONDS = 3, 1.0


class Work:
    """One request about one environment."""

    def __init__(self, environment: Environment, request: str) -> None:
        self.environment, self.request = environment, request

    def begin(self, status: str, work: Callable[[], None]) -> None:
        self.environment.status, self.environment.updated = status, now()
        threading.Thread(target=self._guarded, args=(work,), daemon=True).start()

    def say(self, severity: str, message: str) -> None:
        about = {"EnvironmentName": self.environment.name, "ApplicationName": self.environment.application}
        STATE.say(severity, message, self.request, **about)

    def create(self, version: str) -> None:
        one = self.environment
        self.say("INFO", "createEnvironment is starting.")
        bucket, _key = source(one.application, version)
        self.say("INFO", f"Using {bucket} as Amazon S3 storage bucket for environment data.")
        try:
            content = fetch(one.application, version)
            one.bundled = options.of_bundle(content)
            one.fleet.in_place(content, environment(one.bundled, one.options), health(one))
        except FAILURES as error:
            self._failure(error)
            self.say("ERROR", "Failed to deploy application.")
            self._end("Red", f"Create environment operation is complete, but with errors. {TROUBLE}")
        else:
            one.version = version
            self.say("INFO", "Instance deployment completed successfully.")
            self.say("INFO", f"Application available at {one.fleet.front.address}.")
            self._end("Green", f"Successfully launched environment: {one.name}")

    def update(self, version: str, wanted: Mapping[Option, str]) -> None:
        one = self.environment
        self.say("INFO", "Environment update is starting.")
        immutable = options.immutable(one, wanted, with_version=bool(version))
        try:
            if immutable:
                self._replace(version, wanted)
            elif version:
                self._in_place(version, wanted)
            else:
                self._configure(wanted)
        except FAILURES as error:
            self._failure(error)
            self.say("ERROR", "Failed to deploy application." if version else "Failed to deploy configuration.")
            if not immutable and version:
                self.say("ERROR", MIXED)
            health = "Red" if isinstance(error, UnwellError) and not immutable else one.health
            self._end(health, f"Update environment operation is complete, but with errors. {TROUBLE}")
        else:
            if version:
                self.say("INFO", "New application version was deployed to running EC2 instances.")
            else:
                self.say("INFO", "Successfully deployed new configuration to environment.")
            self._end("Green", "Environment update completed successfully.")

    def terminate(self) -> None:
        self.say("INFO", "terminateEnvironment is starting.")
        self.environment.fleet.end()
        self.environment.health = "Grey"
        self.say("INFO", f"Deleted the instances of {self.environment.name}.")
        self.say("INFO", "terminateEnvironment completed successfully.")
        self.environment.status = "Terminated"

    def _replace(self, version: str, wanted: Mapping[Option, str]) -> None:
        one = self.environment
        self.say(
            "INFO",
            "Immutable deployment policy enabled. Launching one instance with the new settings to verify health.",
        )
        content = fetch(one.application, version or one.version)
        bundled = options.of_bundle(content)
        one.fleet.replace(content, environment(bundled, wanted), health(one, wanted))
        one.options, one.bundled, one.version = dict(wanted), bundled, version or one.version
        self.say("INFO", "Instance deployment completed successfully.")

    def _in_place(self, version: str, wanted: Mapping[Option, str]) -> None:
        """Options are there first; the version is, once the old one has been stopped for it."""
        one = self.environment
        self.say("INFO", "Deploying new version to instance(s).")
        content = fetch(one.application, version)
        bundled = options.of_bundle(content)
        one.options = dict(wanted)
        try:
            one.fleet.in_place(content, environment(bundled, wanted), health(one))
        except UnwellError:
            one.version, one.bundled = version, bundled
            raise
        one.version, one.bundled = version, bundled
        self.say("INFO", "Instance deployment completed successfully.")

    def _configure(self, wanted: Mapping[Option, str]) -> None:
        one, old = self.environment, dict(self.environment.options)
        self.say("INFO", "Updating environment's configuration settings.")
        try:
            one.options = dict(wanted)
            one.fleet.reconfigure(environment(one.bundled, wanted), health(one))
        except FAILURES:
            one.options = old
            one.fleet.reconfigure(environment(one.bundled, old), health(one))
            self.say("ERROR", "The environment was reverted to the previous configuration setting.")
            raise

    def _failure(self, error: Exception) -> None:
        print(f"{type(error).__name__}: {error}", flush=True)
        if isinstance(error, UnwellError):
            self.say(
                "ERROR", "Following instances have not responded in the allowed command timeout time. " + str(error)
            )
            return
        self.say("ERROR", "Instance deployment failed. For details, see 'eb-engine.log'.")
        output = (
            str(error)
            if isinstance(error, BundleError | options.OptionError)
            else "Engine execution has encountered an error."
        )
        self.say("ERROR", f"[Instance: i-1] Command failed on instance. Return code: 1 Output: {output}")
        self.say("INFO", "Command execution completed on all instances. Summary: [Successful: 0, Failed: 1].")
        self.say("ERROR", "Unsuccessful command execution on instance id(s) 'i-1'. Aborting the operation.")

    def _end(self, health: str, message: str) -> None:
        self.environment.health, self.environment.status = health, "Ready"
        self.say("INFO", message)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            traceback.print_exc()
            self.say("FATAL", "The stand-in itself failed; see its log.")
            self._end("Red", f"Update environment operation is complete, but with errors. {TROUBLE}")


def source(application: str, version: str) -> tuple[str, str]:
    with LOCK:
        row = STATE.versions[application, version]
    return row.bucket, row.key


def fetch(application: str, version: str) -> bytes:
    bucket, key = source(application, version)
    return bytes(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def environment(bundled: Mapping[Option, str], wanted: Mapping[Option, str]) -> dict[str, str]:
    """What processes and commands of an instance see."""
    profile = {name: os.environ[name] for name in PROFILE}
    return {**profile, **options.properties({**bundled, **wanted})}


def health(one: Environment, wanted: Mapping[Option, str] | None = None) -> Health:
    return options.health({**one.bundled, **(one.options if wanted is None else wanted)})


def watch() -> None:
    """See how the environments are that nobody works on."""
    failures: dict[str, int] = {}
    while True:
        time.sleep(WATCH_SECONDS)
        for one in [one for one in STATE.environments if one.status == "Ready"]:
            well = answers(one.fleet.front.target, health(one).path)
            failures[one.id] = 0 if well else failures.get(one.id, 0) + 1
            colour = "Green" if well else "Red" if failures[one.id] >= UNHEALTHY_AFTER else one.health
            if one.status == "Ready" and colour != one.health:
                about = {"EnvironmentName": one.name, "ApplicationName": one.application}
                STATE.say(
                    "WARN" if colour == "Red" else "INFO",
                    f"Environment health has been set to {colour.upper()}",
                    **about,
                )
                one.health = colour
