"""Wild Rydes, module 1, as its README has it: a file in a bucket becomes items of a table; with the
function in C++ and in Node.js."""
import json
import re
import shutil
import subprocess
import tempfile
import unittest

from workshop import fixture, node_packages, run_printed
from harness import ROOT, Paddock

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

    def test_module_1_in_node(self):
        modules = node_packages(self.folder)
        if not modules:
            self.skipTest("no Node.js here")
        with Paddock("--node-modules", modules) as paddock:
            fixture("wildrydes", paddock, "deploy", "--node")
            self.check_module(paddock)


if __name__ == "__main__":
    unittest.main()
