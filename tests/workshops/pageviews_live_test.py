"""The exercise beside the page-view workshop: every command of its README as printed, with a client
of the WebSocket API listening; its page in two windows of a browser; a connection that broke off;
teardown."""
import json
import re
import shutil
import tempfile
import unittest

from workshop import ROOT, browse, fixture, node_packages, run_printed
from harness import Paddock, free_port
from websocket import WebSocket

EXERCISE = "pageviews/exercise"
HTTP_HOST = "pageviews-http.execute-api.localhost"
LIVE_HOST = "pageviews-live.execute-api.localhost"


def printed_commands():
    """The shell blocks of the README but those that start Paddock, by number of their section."""
    text = (ROOT / "fixtures" / EXERCISE / "README.md").read_text()
    sections = re.split(r"^## (\d+)\..*$", text, flags=re.MULTILINE)[1:]
    blocks = {}
    for number, section in zip(sections[::2], sections[1::2]):
        commands = re.findall(r"^```sh\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
        blocks[int(number)] = "".join(c for c in commands if "emulator/run" not in c)
    return blocks


class Listener:
    """A client that keeps the newest counts, as the page does."""

    def __init__(self, paddock):
        self.socket = WebSocket(paddock.port, f"{LIVE_HOST}:{paddock.port}", "/live")
        assert self.socket.status == 101, self.socket.status
        self.views, self.total = {}, 0
        self.socket.send('{"action": "counts"}')
        self.hear()

    def hear(self):
        message = json.loads(self.socket.receive())
        self.views.update(message.get("views", {}))
        self.total = message.get("total", self.total)

    def hear_until(self, views, total):
        """Fails by the socket's time-out."""
        while (self.views, self.total) != (views, total):
            self.hear()


class PageViewsLiveTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="paddock-live-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def test_the_readme_as_printed_and_two_windows_and_a_kill(self):
        port, blocks = free_port(), printed_commands()
        with Paddock(data_dir=f"{self.folder}/data", port=port) as paddock:
            said = run_printed(blocks[1], paddock).splitlines()
            self.assertEqual(said[-1], f"http://pageviews-site.s3-website.localhost:{port}/")
            self.follow(paddock, blocks)
            modules = node_packages(self.folder)
            if modules and shutil.which("chromium"):
                # By host the page, its HTTP API and its WebSocket API have an origin each; by path
                # they have one.
                browse("pageviews_live_page.cjs", said[-1], modules)
                browse("pageviews_live_page.cjs", said[-2], modules)
            broken = Listener(paddock)
            paddock.wait_idle()
            kept = self.connections(paddock)
            self.assertEqual(len(kept), 1)
            paddock.kill()
            broken.socket.close()
        with Paddock(data_dir=f"{self.folder}/data", port=port) as paddock:
            self.assertEqual(self.connections(paddock), kept)
            self.go_on_after_the_kill(paddock, kept)
            run_printed(blocks[8] + blocks[8], paddock)
            self.assert_nothing_is_left(paddock)

    def follow(self, paddock, blocks):
        listener = Listener(paddock)
        self.assertEqual((listener.views, listener.total), ({}, 0))
        said = run_printed(blocks[2] + blocks[3] + blocks[4] + blocks[5], paddock)
        for wanted in ('{"views":{"home":1}}', '{"views":{"away":1}}', '{"message":"Not Found"}',
                       "A tag is needed", "GET /views", "POST /views",
                       '"PayloadFormatVersion": "2.0"', '"SourceIp": "127.0.0.1"', "$connect",
                       "pageviews-broadcast", "\n200\n200\n429\n429\n"):
            self.assertIn(wanted, said)
        listener.hear_until({"home": 2, "away": 1, "a ghost": 13}, 3)
        listener.socket.close()
        paddock.wait_idle()
        self.assertEqual(self.connections(paddock), [])

    def go_on_after_the_kill(self, paddock, kept):
        """What broke off is forgotten with the next visit; a mapping that is gone is made anew."""
        lambdas = paddock.client("lambda")
        mapping = lambdas.list_event_source_mappings(
            FunctionName="pageviews-broadcast")["EventSourceMappings"][0]
        lambdas.delete_event_source_mapping(UUID=mapping["UUID"])
        self.assertIn("Already deployed.", fixture(EXERCISE, paddock, "deploy"))
        listener = Listener(paddock)
        views, total = dict(listener.views), listener.total
        views["later"] = 1
        self.visit(paddock, "later")
        listener.hear_until(views, total + 1)
        paddock.wait_idle()
        left = self.connections(paddock)
        self.assertEqual(len(left), 1)
        self.assertNotEqual(left, kept)
        listener.socket.close()

    def visit(self, paddock, tag):
        status, headers, text = paddock.http(
            "POST", "/views", {"tag": tag}, headers={
                "Host": f"{HTTP_HOST}:{paddock.port}", "Content-Type": "application/json",
                "Origin": "http://elsewhere.localhost"})
        self.assertEqual((status, json.loads(text)), (200, {"views": {tag: 1}}))
        self.assertEqual(headers["Access-Control-Allow-Origin"], "*")

    def connections(self, paddock):
        items = paddock.client("dynamodb").scan(TableName="pageviews-connections")["Items"]
        return [item["ConnectionId"]["S"] for item in items]

    def assert_nothing_is_left(self, paddock):
        self.assertEqual(paddock.client("dynamodb").list_tables()["TableNames"], [])
        lambdas = paddock.client("lambda")
        self.assertEqual(lambdas.list_functions()["Functions"], [])
        self.assertEqual(lambdas.list_event_source_mappings()["EventSourceMappings"], [])
        self.assertEqual(paddock.client("apigateway").get_rest_apis().get("items", []), [])
        self.assertEqual(paddock.client("apigatewayv2").get_apis()["Items"], [])
        self.assertEqual(paddock.client("iam").list_roles()["Roles"], [])


if __name__ == "__main__":
    unittest.main()
