"""Wild Rydes as its README has it. Module 1: a file in a bucket becomes items of a table; with the
function in C++ and in Node.js. Module 2: producer and consumer on a stream."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from workshop import fixture, node_packages, run_printed
from harness import PADDOCK, ROOT, Paddock

README = (ROOT / "fixtures/wildrydes/README.md").read_text()
DATA = subprocess.run([str(ROOT / "fixtures/wildrydes/make_data")], check=True,
                      stdout=subprocess.PIPE).stdout


def printed(title):
    """The commands under a heading of the README."""
    section = README[README.index(title):]
    return re.search(r"```sh\n(.*?)```", section, re.S).group(1)


class WildRydesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="paddock-wildrydes-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def items(self, paddock):
        pages = paddock.client("dynamodb").get_paginator("scan").paginate(
            TableName="UnicornSensorData")
        return [item for page in pages for item in page["Items"]]

    def check_module(self, paddock):
        run_printed(printed("### 2."), paddock)
        paddock.wait_idle()
        items = self.items(paddock)
        self.assertEqual(len(items), 1440)
        times = [int(item["StatusTime"]["N"]) for item in items]
        self.assertEqual((min(times), max(times)), (1455235200000, 1455321540000))
        self.assertEqual(sum(int(item["Distance"]["N"]) for item in items),
                         sum(json.loads(line)["Distance"] for line in DATA.splitlines()))
        said = run_printed('alias aws="$PWD/build/release/paddock aws"\n' + printed("### 3."), paddock)
        self.assertIn("1440 records of wildrydes-uploads/shadowfax-2016-02-12.json", said)

    def test_the_data_file_has_the_workshops_shape(self):
        lines = DATA.splitlines()
        self.assertEqual((len(lines), len(DATA)), (1440, 233280))
        self.assertEqual(list(json.loads(lines[0])), [
            "Name", "StatusTime", "Distance", "MinMagicPoints", "MaxMagicPoints", "MinHealthPoints",
            "MaxHealthPoints"])

    def test_module_1_in_cpp(self):
        with Paddock() as paddock:
            for _ in range(2):
                fixture("wildrydes", paddock, "deploy")
            self.check_module(paddock)
            # Keys are encoded in events; what is no record is left out.
            lines = DATA.splitlines()[:2]
            paddock.client("s3").put_object(
                Bucket="wildrydes-uploads", Key="a b/ü+1.json",
                Body=b"\n".join([lines[0].replace(b"Shadowfax", b"Rocinante"), b"{broken", lines[1][:40]]))
            paddock.wait_idle()
            self.assertEqual(sum(i["Name"]["S"] == "Rocinante" for i in self.items(paddock)), 1)
            for _ in range(2):
                fixture("wildrydes", paddock, "teardown")
            self.assertEqual(paddock.client("dynamodb").list_tables()["TableNames"], [])
            self.assertEqual(paddock.client("lambda").list_functions()["Functions"], [])
            self.assertEqual(paddock.client("iam").list_roles()["Roles"], [])

    def client(self, paddock, program, *flags, **variables):
        """A client with nothing but what the test gives it; ended with the test."""
        path = os.path.join(os.path.dirname(PADDOCK), program)
        process = subprocess.Popen([path, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env={"HOME": self.folder, "AWS_ENDPOINT_URL": paddock.url,
                                        **variables})

        def end():
            process.kill()
            process.communicate(timeout=60)

        self.addCleanup(end)
        return process

    def test_module_2(self):
        with Paddock() as paddock:
            fixture("wildrydes", paddock, "deploy")
            consumer = self.client(paddock, "consumer")
            shadowfax = self.client(paddock, "producer")
            bucephalus = self.client(paddock, "producer", "-name=Bucephalus")
            self.assertEqual(shadowfax.stdout.read(2), b"..")
            self.assertEqual(bucephalus.stdout.read(2), b"..")
            names, text = set(), ""
            while names != {"Shadowfax", "Bucephalus"}:
                text += consumer.stdout.readline().decode()
                if text.endswith("\n}\n"):
                    record = json.loads(text)
                    self.assertEqual(text, json.dumps(record, indent=4) + "\n")
                    self.assertEqual(list(record), ["Name", "StatusTime", "Latitude", "Longitude",
                                                    "Distance", "MagicPoints", "HealthPoints"])
                    self.assertRegex(record["StatusTime"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$")
                    names.add(record["Name"])
                    text = ""
            records = paddock.client("kinesis")
            shard = records.list_shards(StreamName="wildrydes")["Shards"][0]["ShardId"]
            first = records.get_records(ShardIterator=records.get_shard_iterator(
                StreamName="wildrydes", ShardId=shard, ShardIteratorType="TRIM_HORIZON",
            )["ShardIterator"])["Records"][0]
            self.assertEqual(first["PartitionKey"], json.loads(first["Data"])["Name"])
            self.assertFalse(first["Data"].endswith(b"\n"))

    def test_clients_say_what_is_wrong(self):
        with Paddock() as paddock:
            for program in ("producer", "consumer"):
                gone = self.client(paddock, program, "-stream", "none", "-endpoint", paddock.url)
                _, said = gone.communicate(timeout=60)
                self.assertEqual(gone.returncode, 1)
                self.assertIn(b"Stream none under account 000000000000 not found", said)
                bad = self.client(paddock, program, "-speed", "1")
                _, said = bad.communicate(timeout=60)
                self.assertEqual(bad.returncode, 2)
                self.assertIn(b"flag provided but not defined: -speed\nUsage of", said)
                lost = self.client(paddock, program, AWS_PROFILE="nobody")
                _, said = lost.communicate(timeout=60)
                self.assertEqual(lost.returncode, 1)
                self.assertIn(b"There is no profile nobody", said)
            os.mkdir(os.path.join(self.folder, ".aws"))
            with open(os.path.join(self.folder, ".aws", "credentials"), "w") as file:
                file.write("[other]\naws_access_key_id = x\n\n[mine]\n"
                           "aws_access_key_id = 111122223333\naws_secret_access_key = s\n")
            mine = self.client(paddock, "producer", AWS_PROFILE="mine")
            _, said = mine.communicate(timeout=60)
            self.assertIn(b"under account 111122223333 not found", said)
            help_ = self.client(paddock, "producer", "-h")
            said, _ = help_.communicate(timeout=60)
            self.assertIn(b'  -name string\n    \tUnicorn Name (default "Shadowfax")\n', said)

    def test_module_1_in_node(self):
        modules = node_packages(self.folder)
        if not modules:
            self.skipTest("no Node.js here")
        with Paddock("--node-modules", modules) as paddock:
            fixture("wildrydes", paddock, "deploy", "--node")
            self.check_module(paddock)


if __name__ == "__main__":
    unittest.main()
