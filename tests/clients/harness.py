"""A running Paddock for the tests of real clients: on a free port, in memory or in a directory."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PADDOCK = os.environ.get("PADDOCK", str(ROOT / "build" / "release" / "paddock"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Paddock:
    """`with Paddock() as paddock:`; `paddock.url` is its endpoint."""

    def __init__(self, *flags, data_dir=None, port=None, environment=None):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = ["--data-dir", data_dir] if data_dir else ["--in-memory"]
        self.command = [PADDOCK, "--port", str(self.port), "--log", "warn", *kept, *flags]
        self.environment = {**os.environ, **(environment or {})}
        self.output = tempfile.TemporaryFile()
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, env=self.environment, stdout=self.output)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"paddock ended with {self.process.returncode}")
            try:
                urllib.request.urlopen(self.url + "/_paddock/ready", timeout=5)
                return self
            except OSError:
                time.sleep(0.005)
        raise RuntimeError("paddock is not ready after 30 s")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(timeout=30)
        self.output.flush()
        return status

    def kill(self):
        return self.stop(signal.SIGKILL)

    def printed(self):
        self.output.seek(0)
        return self.output.read().decode()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    def http(self, method, path, body=None, headers=None):
        """(status, headers, text) of any request."""
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def wait_idle(self):
        status, _, text = self.http("POST", "/_paddock/idle")
        assert status == 200, text

    def client(self, service, **more):
        import boto3
        from botocore.config import Config
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1",
                            aws_access_key_id=more.pop("access_key", "test"),
                            aws_secret_access_key="test",
                            config=Config(retries={"max_attempts": 0}), **more)
