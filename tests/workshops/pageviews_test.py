"""The page-view workshop as its README has it: deploy, visit, count; with kill -9 in the middle; the
link in the page followed by a browser; teardown."""
import json
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import workshop
from harness import Paddock, free_port

HOST = "pageviews.execute-api.localhost"


def fixture(paddock, script, *arguments):
    return workshop.fixture("pageviews", paddock, script, *arguments)


def visit(paddock, path):
    """By host form, as curl and browsers resolve *.localhost."""
    status, _, text = paddock.http("GET", "/Prod" + path,
                                   headers={"Host": f"{HOST}:{paddock.port}"})
    assert status == 200, (path, status, text)
    return text


def numbers(page):
    return [int(number) for number in re.findall(r"\b\d+\b", re.sub(r"<[^>]*>", " ", page))]


class PageViewsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="paddock-pageviews-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def invocations(self, paddock):
        _, _, text = paddock.http("GET", "/_paddock/timeline?kind=function&limit=10000")
        return sum("pageviews-processor" in event["What"] for event in json.loads(text)["Events"])

    def items(self, paddock):
        return {item["ID"]["S"]: item
                for item in paddock.client("dynamodb").scan(TableName="pageviews")["Items"]}

    def test_counts_come_out_and_the_processor_stops_by_itself(self):
        with Paddock() as paddock:
            said = fixture(paddock, "deploy").splitlines()
            self.assertEqual(said[-1], f"http://{HOST}:{paddock.port}/Prod/")
            self.assertTrue(said[-2].endswith("/_user_request_/"))
            for _ in range(5):
                visit(paddock, "/tag/home")
            for _ in range(3):
                visit(paddock, "/tag/away")
            paddock.wait_idle()
            self.assertIn(5, numbers(visit(paddock, "/counts/home")))
            self.assertIn(8, numbers(visit(paddock, "/counts/home")))
            self.assertIn(0, numbers(visit(paddock, "/counts/nowhere")))
            items = self.items(paddock)
            self.assertEqual(set(items), {"home", "away", "COUNTER"})
            self.assertEqual(items["COUNTER"]["TotalViews"], {"N": "8"})
            # A write that changes nothing makes no record, so the processor's own write to the
            # table it reads from does not wake it for ever.
            paddock.wait_idle()
            before = self.invocations(paddock)
            self.assertGreater(before, 0)
            paddock.http("POST", "/_paddock/clock", {"advance": "1h"})
            self.assertEqual(self.invocations(paddock), before)

    def all_pages(self, paddock):
        """Scenario S2: every page that a visitor sees, and what is left in the table."""
        pages = [visit(paddock, "/tag/home") for _ in range(5)]
        pages += [visit(paddock, "/tag/away") for _ in range(3)]
        paddock.wait_idle()
        pages += [visit(paddock, path) for path in ("/counts/home", "/counts/away", "/counts/no")]
        before = self.invocations(paddock)
        paddock.http("POST", "/_paddock/clock", {"advance": "1h"})
        self.assertEqual(self.invocations(paddock), before)
        table = json.loads(visit(paddock, "/"))["table"]["Table"]
        return pages, table["TableName"], self.items(paddock)

    def test_functions_in_node_and_in_processes_do_the_same(self):
        modules = workshop.node_packages(self.folder)
        if not modules:
            self.skipTest("no Node.js here")
        with Paddock() as paddock:
            fixture(paddock, "deploy")
            wanted = self.all_pages(paddock)
        self.assertEqual(set(wanted[2]), {"home", "away", "COUNTER"})
        self.assertEqual(wanted[2]["COUNTER"]["TotalViews"], {"N": "8"})
        with Paddock("--lambda-isolation", "process") as paddock:
            fixture(paddock, "deploy")
            self.assertEqual(self.all_pages(paddock), wanted)
        with Paddock("--node-modules", modules) as paddock:
            fixture(paddock, "deploy", "--node")
            self.assertEqual(self.all_pages(paddock), wanted)

    def test_deploy_and_teardown_are_safe_to_repeat(self):
        with Paddock() as paddock:
            fixture(paddock, "deploy")
            self.assertIn("Already deployed.", fixture(paddock, "deploy"))
            fixture(paddock, "teardown")
            fixture(paddock, "teardown")
            self.assertEqual(paddock.client("dynamodb").list_tables()["TableNames"], [])
            self.assertEqual(paddock.client("lambda").list_functions()["Functions"], [])
            self.assertEqual(paddock.client("iam").list_roles()["Roles"], [])

    def test_kill_in_the_middle_loses_nothing_acknowledged(self):
        port = free_port()
        paddock = Paddock(data_dir=self.folder, port=port).start()
        fixture(paddock, "deploy")
        acknowledged = 0
        for round_ in range(4):
            for _ in range(25):
                visit(paddock, "/tag/home")
                acknowledged += 1
            paddock.kill()
            paddock = Paddock(data_dir=self.folder, port=port).start()
        with_end = time.monotonic() + 60
        paddock.wait_idle()
        items = self.items(paddock)
        self.assertEqual(int(items["home"]["Count"]["N"]), acknowledged)
        # The stream is delivered at least once: a batch whose function had run but whose position
        # was not yet saved is delivered again.
        total = int(items["COUNTER"]["TotalViews"]["N"])
        self.assertGreaterEqual(total, acknowledged)
        self.assertLess(time.monotonic(), with_end)
        paddock.stop()

    def test_a_browser_follows_the_link_in_the_page(self):
        chromium = shutil.which("chromium")
        if not chromium:
            self.skipTest("no chromium here")
        with Paddock() as paddock:
            fixture(paddock, "deploy")
            page = self.browse(chromium, f"http://{HOST}:{paddock.port}/Prod/tag/home")
            link = re.search(r'href="([^"]+)"', page).group(1)
            self.assertEqual(link, "/Prod/counts/home")
            counts = self.browse(chromium, f"http://{HOST}:{paddock.port}{link}")
            self.assertIn(1, numbers(counts))

    def browse(self, chromium, url):
        done = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={self.folder}/chromium", "--dump-dom", url],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120)
        self.assertEqual(done.returncode, 0)
        return done.stdout


if __name__ == "__main__":
    unittest.main()
