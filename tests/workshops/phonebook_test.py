"""The phonebook as its README has it: deploy, five functions behind an API with CORS, its page in a
browser, teardown; with the functions in C++ and in Node.js."""
import json
import shutil
import tempfile
import unittest

from workshop import browse, fixture, node_packages
from harness import Paddock

PATH = "/restapis/phonebook/prod/_user_request_/contacts"


class PhonebookTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="paddock-phonebook-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def call(self, method, path="", body=None):
        status, headers, text = self.paddock.http(method, PATH + path, body)
        self.assertEqual(headers["Access-Control-Allow-Origin"], "*")
        return status, json.loads(text)

    def all_calls(self):
        """What a client of the API sees, but for the ids."""
        ada = {"firstName": "Ada", "lastName": "Lovelace", "phone": "1", "email": "ada@example.com"}
        status, made = self.call("POST", "", ada)
        self.assertEqual((status, made), (201, {**ada, "contactId": made["contactId"]}))
        one = "/" + made["contactId"]
        self.assertEqual(self.call("GET", one), (200, made))
        self.assertEqual(self.call("POST", "", {"firstName": "Nobody"}),
                         (400, {"message": "firstName and lastName are needed"}))
        self.assertEqual(self.call("POST", "", b"[]"),
                         (400, {"message": "The body is no JSON object"}))
        changed = {**made, "phone": "2"}
        self.assertEqual(self.call("PUT", one, changed), (200, changed))
        status, grace = self.call("POST", "", {"firstName": "Grace", "lastName": "Hopper"})
        self.assertEqual(status, 201)
        self.assertEqual(self.call("GET", "?name=Lovelace"), (200, {"contacts": [changed]}))
        status, everyone = self.call("GET")
        self.assertEqual(sorted(c["lastName"] for c in everyone["contacts"]), ["Hopper", "Lovelace"])
        self.assertEqual(self.call("DELETE", one), (200, {"contactId": made["contactId"]}))
        gone = (404, {"message": "There is no such contact"})
        self.assertEqual(self.call("GET", one), gone)
        self.assertEqual(self.call("PUT", one, ada), gone)
        self.assertEqual(self.call("GET"), (200, {"contacts": [grace]}))
        status, headers, _ = self.paddock.http("OPTIONS", PATH, headers={
            "Origin": "http://elsewhere.localhost", "Access-Control-Request-Method": "POST"})
        self.assertEqual(status, 200)
        self.assertEqual(headers["Access-Control-Allow-Methods"], "GET,OPTIONS,POST")
        self.assertEqual(headers["Access-Control-Allow-Origin"], "*")

    def test_contacts_in_cpp_and_the_page_in_a_browser(self):
        with Paddock() as self.paddock:
            said = fixture("phonebook", self.paddock, "deploy").splitlines()
            self.all_calls()
            self.paddock.http("DELETE", PATH + "/" + self.call("GET")[1]["contacts"][0]["contactId"])
            modules = node_packages(self.folder)
            if modules and shutil.which("chromium"):
                browse("phonebook_page.cjs", said[-1], modules)
            self.assertIn("Already deployed.", fixture("phonebook", self.paddock, "deploy"))
            for _ in range(2):
                fixture("phonebook", self.paddock, "teardown")
            self.assertEqual(self.paddock.client("dynamodb").list_tables()["TableNames"], [])
            self.assertEqual(self.paddock.client("lambda").list_functions()["Functions"], [])
            self.assertEqual(self.paddock.client("apigateway").get_rest_apis().get("items", []), [])
            self.assertEqual(self.paddock.client("iam").list_roles()["Roles"], [])

    def test_contacts_in_node(self):
        modules = node_packages(self.folder)
        if not modules:
            self.skipTest("no Node.js here")
        with Paddock("--node-modules", modules) as self.paddock:
            fixture("phonebook", self.paddock, "deploy", "--node")
            self.all_calls()


if __name__ == "__main__":
    unittest.main()
