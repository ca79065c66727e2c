"""What the tests of the workshops share: their scripts, and pages in a real browser."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "clients"))
from harness import PADDOCK, ROOT  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def fixture(workshop, paddock, script, *arguments, **variables):
    """Runs deploy or teardown; returns what it printed."""
    done = subprocess.run(
        [str(ROOT / "fixtures" / workshop / script), *arguments], text=True, timeout=300,
        env={**os.environ, "AWS_ENDPOINT_URL": paddock.url, "PADDOCK": PADDOCK, **variables},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise AssertionError(done.stdout)
    return done.stdout


def run_printed(commands, paddock):
    """Runs commands as a README prints them, in the folder of the project; returns what they said."""
    commands = commands.replace("4566", str(paddock.port))
    commands = commands.replace("$PWD/build/release/paddock", PADDOCK)
    done = subprocess.run(
        ["bash", "-c", "set -e; shopt -s expand_aliases\n" + commands], text=True, timeout=300,
        cwd=ROOT, env={**os.environ, "AWS_ENDPOINT_URL": paddock.url, "PADDOCK": PADDOCK},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise AssertionError(done.stdout)
    return done.stdout


def node_packages(folder):
    """The folder node_modules with the pinned packages; None if there is no Node.js."""
    if not shutil.which("node") or not shutil.which("npm"):
        return None
    packages = os.environ.get("NODE_PACKAGES", os.path.join(folder, "packages"))
    subprocess.run([str(ROOT / "tests" / "clients" / "node_packages"), packages], check=True)
    return os.path.join(packages, "node_modules")


def browse(script, url, modules):
    """Runs a script of this folder, which drives Chromium, on the page; fails with what it says."""
    done = subprocess.run(
        ["node", os.path.join(HERE, script), url], text=True, timeout=180,
        env={**os.environ, "NODE_PATH": modules, "CHROMIUM": shutil.which("chromium")},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise AssertionError(done.stdout)
    return done.stdout
