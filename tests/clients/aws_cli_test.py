"""The AWS CLI, as people type it, through `paddock aws`."""
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

from harness import PADDOCK, Paddock
from websocket import WebSocket


class AwsCliTest(unittest.TestCase):
    path = "/usr/bin:" + os.environ["PATH"]  # Debian's

    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock().start()

    @classmethod
    def tearDownClass(cls):
        cls.paddock.stop()

    def aws(self, *arguments, fails=False):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment["AWS_ENDPOINT_URL"] = self.paddock.url
        environment["PATH"] = self.path
        done = subprocess.run([PADDOCK, "aws", *arguments], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode != 0, fails, done.stderr)
        return done.stderr if fails else done.stdout

    def test_put_item_prints_its_capacity(self):
        self.aws("dynamodb", "create-table", "--table-name", "Tracks",
                 "--attribute-definitions", "AttributeName=uuid,AttributeType=S",
                 "AttributeName=timestamp,AttributeType=S",
                 "--key-schema", "AttributeName=uuid,KeyType=HASH",
                 "AttributeName=timestamp,KeyType=RANGE",
                 "--provisioned-throughput", "ReadCapacityUnits=5,WriteCapacityUnits=5")
        item = {"uuid": {"S": "donkey"}, "timestamp": {"S": "2017-12-26T08:00:00.000Z"},
                "latitude": {"N": "47.123456789012345"}}
        put = json.loads(self.aws("dynamodb", "put-item", "--table-name", "Tracks", "--item",
                                  json.dumps(item), "--return-consumed-capacity", "TOTAL"))
        self.assertEqual(put, {"ConsumedCapacity": {"TableName": "Tracks", "CapacityUnits": 1.0}})
        scanned = json.loads(self.aws("dynamodb", "scan", "--table-name", "Tracks"))
        self.assertEqual(scanned["Items"], [item])

    def test_a_queue_takes_and_gives_messages(self):
        url = json.loads(self.aws("sqs", "create-queue", "--queue-name", "typed",
                                  "--attributes", "VisibilityTimeout=5"))["QueueUrl"]
        self.assertEqual(url, f"{self.paddock.url}/000000000000/typed")
        self.aws("sqs", "send-message", "--queue-url", url, "--message-body", "hi", "--delay-seconds",
                 "0")
        got = json.loads(self.aws("sqs", "receive-message", "--queue-url", url, "--attribute-names",
                                  "All", "--wait-time-seconds", "2"))["Messages"][0]
        self.assertEqual(got["Body"], "hi")
        self.aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle",
                 got["ReceiptHandle"])
        counts = json.loads(self.aws(
            "sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names",
            "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"))["Attributes"]
        self.assertEqual(set(counts.values()), {"0"})
        said = self.aws("sqs", "get-queue-url", "--queue-name", "none-here", fails=True)
        self.assertIn("An error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the "
                      "GetQueueUrl operation: The specified queue does not exist", said)

    def test_errors_read_as_the_cli_prints_them_for_aws(self):
        said = self.aws("dynamodb", "describe-table", "--table-name", "none-here", fails=True)
        self.assertIn("An error occurred (ResourceNotFoundException) when calling the "
                      "DescribeTable operation: Requested resource not found: Table: none-here "
                      "not found", said)

    def test_invoke_takes_a_raw_payload(self):
        archive = "/tmp/paddock-cli-test.zip"
        with open(archive, "wb") as file:
            file.write(b"PK\x05\x06" + bytes(18))
        self.aws("lambda", "create-function", "--function-name", "hi", "--runtime",
                 "provided.al2023", "--handler", "pageviews-processor", "--role",
                 "arn:aws:iam::000000000000:role/r", "--zip-file", "fileb://" + archive)
        self.aws("lambda", "wait", "function-active", "--function-name", "hi")
        out = "/tmp/paddock-cli-test.json"
        answer = json.loads(self.aws("lambda", "invoke", "--function-name", "hi", "--payload",
                                     '{"Records": []}', out))
        self.assertEqual(answer["StatusCode"], 200)

    def write_log(self, group, *messages):
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": message} for message in messages]
        self.aws("logs", "put-log-events", "--log-group-name", group, "--log-stream-name", "s",
                 "--log-events", json.dumps(events))

    def test_log_events_are_filtered_and_followed(self):
        self.aws("logs", "create-log-group", "--log-group-name", "followed")
        self.aws("logs", "create-log-stream", "--log-group-name", "followed",
                 "--log-stream-name", "s")
        self.write_log("followed", '{"level":"ERROR","ms":12}', '{"level":"INFO","ms":12}')
        found = json.loads(self.aws(
            "logs", "filter-log-events", "--log-group-name", "followed", "--filter-pattern",
            '{ $.level = "ERR*" && $.ms > 10 }'))
        self.assertEqual([e["message"] for e in found["events"]], ['{"level":"ERROR","ms":12}'])
        said = self.aws("logs", "filter-log-events", "--log-group-name", "followed",
                        "--filter-pattern", "a:b", fails=True)
        self.assertIn("(InvalidParameterException)", said)
        self.assertIn("Invalid character(s) in term ':'", said)
        tried = json.loads(self.aws(
            "logs", "test-metric-filter", "--filter-pattern", "[ip, size > 10]",
            "--log-event-messages", "10.0.0.1 9", "10.0.0.1 11"))
        self.assertEqual([m["extractedValues"] for m in tried["matches"]],
                         [{"$ip": "10.0.0.1", "$size": "11"}])
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment.update({"AWS_ENDPOINT_URL": self.paddock.url, "PATH": self.path})
        version = subprocess.run([PADDOCK, "aws", "--version"], env=environment, text=True,
                                 stdout=subprocess.PIPE, check=True).stdout
        if version.startswith("aws-cli/1."):
            return  # it has no `logs tail`
        tail = subprocess.Popen([PADDOCK, "aws", "logs", "tail", "followed", "--follow", "--format",
                                 "short"], env=environment, text=True, stdout=subprocess.PIPE)
        try:
            self.assertIn("ERROR", tail.stdout.readline())
            self.assertIn("INFO", tail.stdout.readline())
            self.write_log("followed", "written later")
            self.assertIn("written later", tail.stdout.readline())
        finally:
            tail.terminate()
            tail.communicate()

    def test_rest_api_from_a_document_to_a_usage_plan(self):
        document = """swagger: "2.0"
info: {title: cli, version: "1"}
paths:
  /pets:
    get:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: "200"}}
"""
        with tempfile.TemporaryDirectory() as folder:
            with open(folder + "/api.yaml", "w") as file:
                file.write(document)
            api = json.loads(self.aws("apigateway", "import-rest-api", "--parameters",
                                      "basepath=ignore", "--body", f"fileb://{folder}/api.yaml"))
            self.aws("apigateway", "create-deployment", "--rest-api-id", api["id"],
                     "--stage-name", "dev")
            self.aws("apigateway", "get-export", "--rest-api-id", api["id"], "--stage-name", "dev",
                     "--export-type", "oas30", "--parameters", "extensions=integrations",
                     folder + "/out.json")
            with open(folder + "/out.json") as file:
                self.assertIn("/pets", json.load(file)["paths"])
        stage = json.loads(self.aws(
            "apigateway", "update-stage", "--rest-api-id", api["id"], "--stage-name", "dev",
            "--patch-operations", "op=replace,path=/*/*/throttling/rateLimit,value=5"))
        self.assertEqual(stage["methodSettings"]["*/*"]["throttlingRateLimit"], 5.0)
        key = json.loads(self.aws("apigateway", "create-api-key", "--name", "k", "--enabled"))
        plan = json.loads(self.aws("apigateway", "create-usage-plan", "--name", "p", "--api-stages",
                                   f"apiId={api['id']},stage=dev", "--quota",
                                   "limit=10,period=DAY"))
        self.aws("apigateway", "create-usage-plan-key", "--usage-plan-id", plan["id"], "--key-id",
                 key["id"], "--key-type", "API_KEY")
        keys = json.loads(self.aws("apigateway", "get-usage-plan-keys", "--usage-plan-id",
                                   plan["id"]))
        self.assertEqual(keys["items"][0]["value"], key["value"])

    def create_function(self, name, handler):
        self.aws("dynamodb", "create-table", "--table-name", name, "--billing-mode",
                 "PAY_PER_REQUEST", "--attribute-definitions", "AttributeName=ID,AttributeType=S",
                 "--key-schema", "AttributeName=ID,KeyType=HASH")
        archive = "/tmp/paddock-cli-test.zip"
        with open(archive, "wb") as file:
            file.write(b"PK\x05\x06" + bytes(18))
        made = json.loads(self.aws("lambda", "create-function", "--function-name", name,
                                   "--runtime", "provided.al2023", "--handler", handler,
                                   "--environment", f"Variables={{TABLE_NAME={name}}}", "--role",
                                   "arn:aws:iam::000000000000:role/r", "--zip-file",
                                   "fileb://" + archive))
        return made["FunctionArn"]

    def test_http_api_of_one_command(self):
        arn = self.create_function("http-hello", "pageviews-hello")
        api = json.loads(self.aws("apigatewayv2", "create-api", "--name", "quick",
                                  "--protocol-type", "HTTP", "--target", arn))
        self.assertTrue(api["ApiEndpoint"].endswith(f".execute-api.localhost:{self.paddock.port}"))
        status, _, text = self.paddock.http("GET", f"/_aws/execute-api/{api['ApiId']}/")
        self.assertEqual(status, 200, text)
        routes = json.loads(self.aws("apigatewayv2", "get-routes", "--api-id", api["ApiId"]))
        self.assertEqual([r["RouteKey"] for r in routes["Items"]], ["$default"])
        self.aws("apigatewayv2", "delete-api", "--api-id", api["ApiId"])
        said = self.aws("apigatewayv2", "get-api", "--api-id", api["ApiId"], fails=True)
        self.assertIn("An error occurred (NotFoundException) when calling the GetApi operation: "
                      "Invalid API identifier specified", said)

    def test_post_to_connection(self):
        api = json.loads(self.aws("apigatewayv2", "create-api", "--name", "chat",
                                  "--protocol-type", "WEBSOCKET", "--route-selection-expression",
                                  "$request.body.action"))["ApiId"]
        integration = json.loads(self.aws(
            "apigatewayv2", "create-integration", "--api-id", api, "--integration-type", "MOCK",
            "--request-templates", json.dumps({"$default": '{"statusCode":200}'})))
        self.aws("apigatewayv2", "create-route", "--api-id", api, "--route-key", "$default",
                 "--target", "integrations/" + integration["IntegrationId"])
        self.aws("apigatewayv2", "create-stage", "--api-id", api, "--stage-name", "dev",
                 "--auto-deploy")
        # Nothing but an error frame tells a client its own id: ask for a route that fails.
        broken = json.loads(self.aws(
            "apigatewayv2", "create-integration", "--api-id", api, "--integration-type",
            "AWS_PROXY", "--integration-uri",
            "arn:aws:lambda:us-east-1:000000000000:function:not-there"))
        self.aws("apigatewayv2", "create-route", "--api-id", api, "--route-key", "who",
                 "--target", "integrations/" + broken["IntegrationId"])
        endpoint = f"{self.paddock.url}/_aws/execute-api/{api}/dev"
        for tls in (True, False):
            client = WebSocket(self.paddock.port, f"{api}.execute-api.localhost", "/dev", tls)
            self.assertEqual(client.status, 101)
            client.send(json.dumps({"action": "who"}))
            connection = json.loads(client.receive())["connectionId"]
            self.aws("apigatewaymanagementapi", "post-to-connection", "--connection-id",
                     connection, "--data", "hello from the shell", "--endpoint-url", endpoint)
            self.assertEqual(client.receive(), "hello from the shell")
        known = json.loads(self.aws("apigatewaymanagementapi", "get-connection",
                                    "--connection-id", connection, "--endpoint-url", endpoint))
        self.assertEqual(known["Identity"]["SourceIp"], "127.0.0.1")
        client.close()
        self.paddock.wait_idle()
        said = self.aws("apigatewaymanagementapi", "post-to-connection", "--connection-id",
                        "L0SM9cOFvHcCIhw=", "--data", "x", "--endpoint-url", endpoint, fails=True)
        self.assertIn("GoneException", said)

    def test_topic_from_its_creation_to_a_text_message(self):
        topic = json.loads(self.aws("sns", "create-topic", "--name", "news", "--attributes",
                                    "DisplayName=News", "--tags", "Key=a,Value=b"))["TopicArn"]
        number = "+15551234567"
        subscription = json.loads(self.aws(
            "sns", "subscribe", "--topic-arn", topic, "--protocol", "sms",
            "--notification-endpoint", number,
            "--attributes", json.dumps({"FilterPolicy": '{"kind":[{"prefix":"go"}]}'})))
        attributes = json.loads(self.aws("sns", "get-subscription-attributes", "--subscription-arn",
                                         subscription["SubscriptionArn"]))["Attributes"]
        self.assertEqual(attributes["FilterPolicyScope"], "MessageAttributes")
        for kind in ("good", "bad"):
            self.aws("sns", "publish", "--topic-arn", topic, "--message", f"a {kind} one",
                     "--message-attributes",
                     json.dumps({"kind": {"DataType": "String", "StringValue": kind}}))
        self.aws("sns", "publish", "--phone-number", number, "--message", "direct")
        self.paddock.wait_idle()
        texts = json.loads(self.paddock.http("GET", "/_aws/sns/sms-messages")[2])
        texts = texts["sms_messages"][number]
        self.assertEqual([text["Message"] for text in texts], ["a good one", "direct"])
        said = self.aws("sns", "publish", "--topic-arn", topic + "x", "--message", "m", fails=True)
        self.assertIn("An error occurred (NotFound) when calling the Publish operation: Topic does "
                      "not exist", said)

    def test_identity(self):
        self.assertEqual(json.loads(self.aws("sts", "get-caller-identity"))["Account"],
                         "000000000000")


@unittest.skipIf(shutil.which("aws") in (None, "/usr/bin/aws"), "no other aws is first on PATH")
class AwsCliOnPathTest(AwsCliTest):
    path = os.environ["PATH"]


if __name__ == "__main__":
    unittest.main()
