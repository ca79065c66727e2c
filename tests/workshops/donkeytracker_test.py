"""DonkeyTracker: its first step as printed with the AWS CLI (the table Tracks, its auto scaling, an
item); the whole of it deployed: key, usage plan, both functions in C++ and Node.js, the pages in a
browser, and the command donkey-sim."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

from workshop import browse, fixture, node_packages
from harness import PADDOCK, Paddock

ITEM = {
    "uuid": {"S": "ec17d3d9-9c8f-4f4a-9d7b-0c3b6f1f2b1a"},
    "timestamp": {"S": "2017-12-26T08:00:00.000Z"},
    "latitude": {"N": "47.37688819999999"},
    "longitude": {"N": "8.5416940999999952"},
    "accuracy": {"N": "65"},
    "heading": {"N": "-1"},
    "speed": {"N": "-1"},
    "altitude": {"N": "408.10000610351562"},
    "altitude_accuracy": {"N": "10"},
    "manufacturer": {"S": "Apple"},
    "model": {"S": "iPhone9,3"},
    "platform": {"S": "iOS"},
    "version": {"S": "11.2.1"},
    "cordova": {"S": "4.4.0"},
}


class DonkeyTrackerTest(unittest.TestCase):
    def aws(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment["AWS_ENDPOINT_URL"] = self.paddock.url
        environment["PATH"] = "/usr/bin:" + os.environ["PATH"]
        done = subprocess.run([PADDOCK, "aws", *arguments], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def scaled(self, units):
        return ["--service-namespace", "dynamodb", "--resource-id", "table/Tracks",
                "--scalable-dimension", f"dynamodb:table:{units}CapacityUnits"]

    def test_the_table_with_auto_scaling_takes_an_item(self):
        with Paddock() as self.paddock:
            self.aws("dynamodb", "create-table", "--table-name", "Tracks",
                     "--attribute-definitions", "AttributeName=uuid,AttributeType=S",
                     "AttributeName=timestamp,AttributeType=S",
                     "--key-schema", "AttributeName=uuid,KeyType=HASH",
                     "AttributeName=timestamp,KeyType=RANGE",
                     "--provisioned-throughput", "ReadCapacityUnits=5,WriteCapacityUnits=5")
            self.aws("dynamodb", "wait", "table-exists", "--table-name", "Tracks")
            for units in ("Read", "Write"):
                self.aws("application-autoscaling", "register-scalable-target",
                         *self.scaled(units), "--min-capacity", "5", "--max-capacity", "1000")
                policy = {"TargetValue": 70.0, "PredefinedMetricSpecification": {
                    "PredefinedMetricType": f"DynamoDB{units}CapacityUtilization"}}
                name = f"DynamoDB{units}CapacityUtilization:table/Tracks"
                put = self.aws("application-autoscaling", "put-scaling-policy",
                               *self.scaled(units), "--policy-name", name,
                               "--policy-type", "TargetTrackingScaling",
                               "--target-tracking-scaling-policy-configuration",
                               json.dumps(policy))
                self.assertTrue(put["PolicyARN"].endswith(f"policyName/{name}"))
                self.assertEqual(len(put["Alarms"]), 4)
            targets = self.aws("application-autoscaling", "describe-scalable-targets",
                               "--service-namespace", "dynamodb")["ScalableTargets"]
            self.assertEqual([target["MaxCapacity"] for target in targets], [1000, 1000])
            table = self.aws("dynamodb", "describe-table", "--table-name", "Tracks")["Table"]
            self.assertEqual(table["TableStatus"], "ACTIVE")
            self.assertEqual(self.aws("dynamodb", "list-tables")["TableNames"], ["Tracks"])
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(ITEM, file)
                file.flush()
                put = self.aws("dynamodb", "put-item", "--table-name", "Tracks", "--item",
                               "file://" + file.name, "--return-consumed-capacity", "TOTAL")
            self.assertEqual(put,
                             {"ConsumedCapacity": {"TableName": "Tracks", "CapacityUnits": 1.0}})
            scanned = self.aws("dynamodb", "scan", "--table-name", "Tracks")
            self.assertEqual(scanned["Items"], [ITEM])


PHONE = "ec17d3d9-9c8f-4f4a-9d7b-0c3b6f1f2b1a"
KEY = {"x-api-key": "donkeytracker-key-for-all-phones", "Content-Type": "application/json"}
POST = "/restapis/donkeytracker/prod/_user_request_/"
TRACKS = "/restapis/donkeytracker-tracks/prod/_user_request_/"


def place(second):
    return {
        "location": {
            "coords": {"speed": 12.5, "longitude": 8.541694099999995, "latitude": 47.37688819999999,
                       "accuracy": 65, "altitude_accuracy": 10, "altitude": 408, "heading": -1},
            "extras": {}, "is_moving": True, "odometer": 0, "uuid": "1",
            "activity": {"type": "still", "confidence": 100},
            "battery": {"level": 1, "is_charging": True},
            "timestamp": f"2017-12-26T08:00:{second:02d}.000Z"},
        "device": {"version": "11.2.1", "uuid": PHONE, "model": "iPhone9,3",
                   "manufacturer": "Apple", "platform": "iOS"}}


class DonkeyTrackerApiTest(unittest.TestCase):
    """The bucket of a key is refilled by the emulator's clock, which stands still here."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="paddock-donkeytracker-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def post(self, second, headers=KEY):
        status, headers, text = self.paddock.http("POST", POST, place(second), headers)
        return status, headers, json.loads(text)

    def tracks(self, query):
        status, _, text = self.paddock.http("GET", TRACKS + query, headers=KEY)
        return status, json.loads(text)

    def clock(self, change):
        self.assertEqual(self.paddock.http("POST", "/_paddock/clock", change)[0], 200)

    def usage_plan(self):
        apigateway = self.gateway()
        return apigateway, apigateway.get_usage_plans()["items"][0]["id"]

    def gateway(self):
        import boto3
        return boto3.client("apigateway", endpoint_url=self.paddock.url, region_name="us-west-2",
                            aws_access_key_id="test", aws_secret_access_key="test")

    def check_functions(self):
        status, headers, item = self.post(0)
        self.assertEqual(status, 200, item)
        self.assertEqual(headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(headers["Access-Control-Allow-Credentials"], "true")
        # `altitude_accuracy` is there, `is_moving` (which is no coordinate) and `cordova` (which
        # the phone did not send) are not.
        self.assertEqual(item, {
            "uuid": PHONE, "timestamp": "2017-12-26T08:00:00.000Z", "speed": 12.5, "heading": -1,
            "longitude": 8.541694099999995, "latitude": 47.37688819999999, "accuracy": 65,
            "altitude": 408, "altitude_accuracy": 10, "version": "11.2.1", "model": "iPhone9,3",
            "manufacturer": "Apple", "platform": "iOS"})
        self.assertEqual(self.paddock.http("POST", POST, {"device": {}}, KEY)[0], 500)
        status, found = self.tracks(f"?u={PHONE}&t=2017-12-26")
        self.assertEqual((status, found["Count"], found["ScannedCount"]), (200, 1, 1))
        self.assertEqual(found["Items"][0]["latitude"], 47.37688819999999)
        self.assertEqual(self.tracks(f"?u={PHONE}&t=2017-12-27")[1]["Count"], 0)
        self.assertEqual(self.tracks("?u=1"), (400, {
            "message": "Missing required request parameters: [t]"}))

    def test_key_plan_and_quota(self):
        with Paddock() as self.paddock:
            said = fixture("donkeytracker", self.paddock, "deploy").splitlines()
            self.clock({"freeze": True})
            self.check_functions()
            forbidden = {"message": "Forbidden"}
            self.assertEqual(self.post(1, {})[::2], (403, forbidden))
            self.assertEqual(self.post(1, {"x-api-key": "another"})[::2], (403, forbidden))
            self.clock({"advance": "1m"})
            answers = [self.post(second)[::2] for second in range(1, 12)]
            self.assertEqual([status for status, _ in answers], [200] * 10 + [429])
            self.assertEqual(answers[-1][1], {"message": "Too Many Requests"})
            apigateway, plan = self.usage_plan()
            apigateway.update_usage_plan(usagePlanId=plan, patchOperations=[
                {"op": "replace", "path": "/quota/limit", "value": "3"}])
            self.clock({"advance": "32d"})
            answers = [self.post(second)[::2] for second in range(20, 24)]
            self.assertEqual([status for status, _ in answers], [200] * 3 + [429])
            self.assertEqual(answers[-1][1], {"message": "Limit Exceeded"})
            apigateway.update_usage_plan(usagePlanId=plan, patchOperations=[
                {"op": "replace", "path": "/quota/limit", "value": "50000"}])
            self.clock({"advance": "32d"})
            self.clock({"freeze": False})
            self.donkey_sim()
            modules = node_packages(self.folder)
            if modules and shutil.which("chromium"):
                browse("donkeytracker_pages.cjs", said[-1], modules)
            self.assertIn("Already deployed.", fixture("donkeytracker", self.paddock, "deploy"))
            for _ in range(2):
                fixture("donkeytracker", self.paddock, "teardown")
            self.assertEqual(self.gateway().get_usage_plans().get("items", []), [])
            self.assertEqual(self.gateway().get_api_keys().get("items", []), [])

    def donkey_sim(self):
        sim = os.path.join(os.path.dirname(PADDOCK), "donkey-sim")
        done = subprocess.run([sim, "-device", "sim", "-points", "3", "-interval", "1"], text=True,
                              env={**os.environ, "AWS_ENDPOINT_URL": self.paddock.url},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        sent = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([item["uuid"] for item in sent], ["sim"] * 3)
        day = sent[0]["timestamp"][:10]
        self.assertEqual(self.tracks(f"?u=sim&t={day}")[1]["Count"], 3)
        help_ = subprocess.run([sim, "-h"], text=True, stdout=subprocess.PIPE, timeout=60)
        self.assertIn("-interval int", help_.stdout)
        wrong = subprocess.run([sim, "-colour", "brown"], stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(wrong.returncode, 2)

    def test_functions_in_node(self):
        modules = node_packages(self.folder)
        if not modules:
            self.skipTest("no Node.js here")
        with Paddock("--node-modules", modules) as self.paddock:
            fixture("donkeytracker", self.paddock, "deploy", "--node")
            self.check_functions()

    def test_a_phone_finds_the_pages_in_the_network(self):
        with Paddock() as self.paddock:
            said = fixture("donkeytracker", self.paddock, "deploy", LAN_URL="http://192.0.2.1:4566")
            self.assertIn("http://192.0.2.1:4566/_aws/s3-website/donkeytracker-site/",
                          said)
            if shutil.which("qrencode"):
                self.assertIn("\u2588", said)


if __name__ == "__main__":
    unittest.main()
