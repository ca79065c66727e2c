"""DonkeyTracker's first step as printed: the table Tracks, its auto scaling, and an item put with the
AWS CLI."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "clients"))
from harness import PADDOCK, Paddock  # noqa: E402

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


if __name__ == "__main__":
    unittest.main()
