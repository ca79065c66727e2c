"""Functions in processes of their own, against the program itself: none of them outlives it."""
import io
import json
import os
import shutil
import time
import unittest
import zipfile

from harness import Paddock

ROLE = "arn:aws:iam::000000000000:role/functions"
SPAWNING = """
const { spawn } = require('child_process');
exports.handler = async () => {
  const near = spawn('sleep', ['1000']);
  const far = spawn('sleep', ['1000'], {stdio: 'ignore', detached: true});
  return {pids: [process.pid, near.pid, far.pid], folder: process.env.LAMBDA_TASK_ROOT};
};
"""
CALLING = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""


def package(name, text):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


class LambdaProcessesTest(unittest.TestCase):
    def create(self, paddock, runtime, handler, zip_file, **more):
        paddock.client("lambda").create_function(
            FunctionName="f", Role=ROLE, Runtime=runtime, Handler=handler, Timeout=30,
            Code={"ZipFile": zip_file}, **more)

    def invoke(self, paddock):
        answer = paddock.client("lambda").invoke(FunctionName="f")
        text = answer["Payload"].read().decode()
        self.assertNotIn("FunctionError", answer, text)
        return json.loads(text)

    @unittest.skipUnless(shutil.which("node"), "no Node.js here")
    def test_nothing_outlives_it_however_it_ends(self):
        for end in (Paddock.stop, Paddock.kill):
            paddock = Paddock().start()
            self.create(paddock, "nodejs20.x", "index.handler", package("index.js", SPAWNING))
            started = self.invoke(paddock)
            end(paddock)
            deadline = time.monotonic() + 30
            left = started["pids"]
            while (left or os.path.exists(started["folder"])) and time.monotonic() < deadline:
                left = [pid for pid in left if not is_gone(pid)]
                time.sleep(0.01)
            self.assertEqual(left, [], end)
            self.assertFalse(os.path.exists(started["folder"]), end)

    def test_a_function_is_a_session_of_its_role(self):
        with Paddock("--verify-signatures", environment={"PATH": "/usr/bin:/bin"}) as paddock:
            self.create(paddock, "python3.11", "main.handler", package("main.py", CALLING),
                        MemorySize=512)
            self.assertEqual(self.invoke(paddock),
                             "arn:aws:sts::000000000000:assumed-role/functions/f")


if __name__ == "__main__":
    unittest.main()
