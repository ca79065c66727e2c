"""The `paddock` program itself: flags, variables, banner, busy port, locked directory, hooks."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from harness import PADDOCK, Paddock


def run(*arguments, **environment):
    return subprocess.run([PADDOCK, *arguments], env={**os.environ, **environment}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)


class CommandLineTest(unittest.TestCase):
    def test_help_names_every_flag(self):
        text = run("--help").stdout
        for flag in ("--port", "--host", "--data-dir", "--in-memory", "--durability", "--init",
                     "--seed", "--log", "--verify-signatures", "--credentials", "--limits",
                     "--dynamodb-port", "--dynamodb-read-lag", "--dynamodb-index-lag"):
            self.assertIn(flag, text)

    def test_env_prints_exports(self):
        done = subprocess.run(["sh", "-c", f'eval "$({PADDOCK} env)"; echo $AWS_ENDPOINT_URL'],
                              text=True, stdout=subprocess.PIPE,
                              env={k: v for k, v in os.environ.items() if k != "AWS_ENDPOINT_URL"})
        self.assertEqual(done.stdout, "http://127.0.0.1:4566\n")

    def test_unknown_flag_is_refused_with_the_nearest(self):
        done = run("--in-memry")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--in-memory", done.stderr)

    def test_unknown_variable_is_refused(self):
        done = run(PADDOCK_DATADIR="/tmp/x")
        self.assertEqual(done.returncode, 1)
        self.assertIn("PADDOCK_DATA_DIR", done.stderr)

    def test_values_of_switches_are_checked(self):
        for flag, value in (("--limits", "on"), ("--dynamodb-read-lag", "-1"),
                            ("--dynamodb-index-lag", "3600001"), ("--dynamodb-port", "65536")):
            done = run("--in-memory", flag, value)
            self.assertEqual(done.returncode, 1)
            self.assertIn(flag, done.stderr)
            self.assertIn(value, done.stderr)

    def test_switches_come_from_variables_too(self):
        with Paddock(environment={"PADDOCK_LIMITS": "enforce",
                                  "PADDOCK_DYNAMODB_READ_LAG": "250"}) as paddock:
            settings = json.loads(paddock.http("GET", "/_paddock/settings")[2])
        self.assertEqual(settings["dynamodb"]["limits"], "enforce")
        self.assertEqual(settings["dynamodb"]["read_lag_ms"], 250)

    def test_a_busy_second_port_names_its_flag(self):
        with Paddock() as paddock:
            done = run("--in-memory", "--port", "0", "--dynamodb-port", str(paddock.port))
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(paddock.port), done.stderr)
        self.assertIn("--dynamodb-port", done.stderr)

    def test_ready_is_printed_alone_on_its_line(self):
        with Paddock() as paddock:
            pass
        self.assertIn("\nReady.\n", paddock.printed())

    def test_busy_port_is_named(self):
        with Paddock() as paddock:
            done = run("--in-memory", "--port", str(paddock.port))
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(paddock.port), done.stderr)

    def test_locked_data_directory_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            with Paddock(data_dir=folder):
                done = run("--data-dir", folder, "--port", "0")
            self.assertEqual(done.returncode, 1)
            self.assertIn(folder, done.stderr)

    def test_init_hooks_run_before_ready(self):
        with tempfile.TemporaryDirectory() as folder:
            hook = pathlib.Path(folder, "10-table.sh")
            # Line ends as a checkout on Windows has them.
            hook.write_text("echo \"$AWS_ENDPOINT_URL\" > " + folder + "/seen\r\n", newline="")
            pathlib.Path(folder, "20-fails.sh").write_text("exit 3\n")
            with Paddock("--init", folder, "--log", "off") as paddock:
                self.assertEqual(pathlib.Path(folder, "seen").read_text().strip(), paddock.url)
                _, _, text = paddock.http("GET", "/_localstack/init/ready")
            self.assertEqual(text, '{"completed": true, "scripts": ['
                             '{"stage": "READY", "name": "10-table.sh", "state": "SUCCESSFUL"}, '
                             '{"stage": "READY", "name": "20-fails.sh", "state": "ERROR"}]}')


if __name__ == "__main__":
    unittest.main()
