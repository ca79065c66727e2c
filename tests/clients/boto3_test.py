"""boto3 against Paddock, unchanged but for the endpoint: table, writes, query, stream, functions."""
import base64
import http.server
import io
import json
import queue
import threading
import time
import unittest
import urllib.request
import zipfile

import boto3
import botocore.exceptions

from harness import Paddock, free_port

ROLE = "arn:aws:iam::000000000000:role/lambda"


def empty_zip():
    archive = io.BytesIO()
    zipfile.ZipFile(archive, "w").close()
    return archive.getvalue()


class Boto3Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock().start()

    @classmethod
    def tearDownClass(cls):
        cls.paddock.stop()

    def client(self, service, **more):
        return self.paddock.client(service, **more)

    def make_table(self, name, **more):
        db = self.client("dynamodb")
        db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"},
                                   {"AttributeName": "at", "KeyType": "RANGE"}],
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"},
                                              {"AttributeName": "at", "AttributeType": "N"}],
                        **more)
        db.get_waiter("table_exists").wait(TableName=name)
        return db

    def assert_code(self, code, call, **arguments):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        self.assertLess(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 500)
        return caught.exception

    def test_writes_reads_queries_and_scans(self):
        db = self.make_table("orders")
        for i in range(30):
            db.put_item(TableName="orders", Item={"id": {"S": f"c{i % 3}"}, "at": {"N": str(i)},
                                                  "blob": {"B": bytes([i])},
                                                  "tags": {"SS": ["a", "b"]}})
        item = db.get_item(TableName="orders", Key={"id": {"S": "c1"}, "at": {"N": "4"}})["Item"]
        self.assertEqual(item["blob"]["B"], b"\x04")
        pages = db.get_paginator("query").paginate(
            TableName="orders", KeyConditionExpression="id = :c AND #at >= :from",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={":c": {"S": "c1"}, ":from": {"N": "10"}},
            PaginationConfig={"PageSize": 3})
        numbers = [int(item["at"]["N"]) for page in pages for item in page["Items"]]
        self.assertEqual(numbers, [10, 13, 16, 19, 22, 25, 28])
        scanned = db.get_paginator("scan").paginate(TableName="orders",
                                                    PaginationConfig={"PageSize": 7})
        self.assertEqual(sum(len(page["Items"]) for page in scanned), 30)

    def test_conditional_write_fails_typed(self):
        db = self.make_table("conditions")
        put = dict(TableName="conditions", Item={"id": {"S": "x"}, "at": {"N": "1"}},
                   ConditionExpression="attribute_not_exists(id)")
        db.put_item(**put)
        self.assert_code("ConditionalCheckFailedException", db.put_item, **put)
        with self.assertRaises(db.exceptions.ConditionalCheckFailedException):
            db.put_item(**put)

    def test_transactions_happen_as_a_whole_or_not_at_all(self):
        db = self.make_table("accounts")
        key = {name: {"id": {"S": name}, "at": {"N": "1"}} for name in ("from", "to")}
        db.put_item(TableName="accounts", Item={**key["from"], "money": {"N": "10"}})

        def transfer(amount, **more):
            take = {"TableName": "accounts", "Key": key["from"],
                    "UpdateExpression": "SET money = money - :n",
                    "ConditionExpression": "money >= :n",
                    "ExpressionAttributeValues": {":n": {"N": str(amount)}}}
            give = {"TableName": "accounts", "Key": key["to"], "UpdateExpression": "ADD money :n",
                    "ExpressionAttributeValues": {":n": {"N": str(amount)}}}
            return dict(TransactItems=[{"Update": take}, {"Update": give}], **more)

        db.transact_write_items(**transfer(4, ClientRequestToken="once"))
        db.transact_write_items(**transfer(4, ClientRequestToken="once"))  # is not run again
        self.assert_code("IdempotentParameterMismatchException", db.transact_write_items,
                         **transfer(5, ClientRequestToken="once"))
        error = self.assert_code("TransactionCanceledException", db.transact_write_items,
                                 **transfer(10))
        self.assertIn("[ConditionalCheckFailed, None]", str(error))
        self.assertEqual([r["Code"] for r in error.response["CancellationReasons"]],
                         ["ConditionalCheckFailed", "None"])
        with self.assertRaises(db.exceptions.TransactionCanceledException):
            db.transact_write_items(**transfer(10))
        answer = db.transact_get_items(ReturnConsumedCapacity="TOTAL", TransactItems=[
            {"Get": {"TableName": "accounts", "Key": key["from"]}},
            {"Get": {"TableName": "accounts", "Key": key["to"], "ProjectionExpression": "money"}},
            {"Get": {"TableName": "accounts", "Key": {"id": {"S": "none"}, "at": {"N": "1"}}}}])
        self.assertEqual(answer["Responses"][0]["Item"]["money"], {"N": "6"})
        self.assertEqual(answer["Responses"][1]["Item"], {"money": {"N": "4"}})
        self.assertNotIn("Item", answer["Responses"][2])
        self.assertEqual(answer["ConsumedCapacity"][0]["ReadCapacityUnits"], 6.0)

    def test_every_error_is_typed(self):
        db = self.client("dynamodb")
        self.assert_code("ResourceNotFoundException", db.describe_table, TableName="none-here")
        self.make_table("typed")
        self.assert_code("ValidationException", db.put_item, TableName="typed",
                         Item={"id": {"N": "1"}, "at": {"N": "1"}})
        self.assert_code("ResourceInUseException", self.make_table, name="typed")
        self.assert_code("ResourceNotFoundException", self.client("lambda").get_function,
                         FunctionName="none-here")
        self.assert_code("NoSuchEntity", self.client("iam").get_role, RoleName="none-here")
        self.assert_code("NotFoundException", self.client("apigateway").get_rest_api,
                         restApiId="none")
        self.assert_code("ResourceNotFoundException", self.client("logs").get_log_events,
                         logGroupName="none", logStreamName="none")

    def test_partiql_statements(self):
        db = self.make_table("sqlish")
        for i in range(3):
            db.execute_statement(Statement="INSERT INTO \"sqlish\" VALUE {'id': ?, 'at': ?, 'b': ?}",
                                 Parameters=[{"S": "a"}, {"N": str(i)}, {"B": bytes([i])}])
        pages, token = [], {}
        while True:
            page = db.execute_statement(Statement="SELECT \"at\", b FROM sqlish WHERE id = 'a'", Limit=2,
                                        **token)
            pages.append([item["b"]["B"] for item in page["Items"]])
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        self.assertEqual(pages, [[b"\0", b"\1"], [b"\2"]])
        self.assert_code("DuplicateItemException", db.execute_statement,
                         Statement="INSERT INTO sqlish VALUE {'id': 'a', 'at': 0}")
        answer = db.batch_execute_statement(Statements=[
            {"Statement": "UPDATE sqlish SET v = 1 WHERE id = 'a' AND \"at\" = 1 "
                          "RETURNING ALL NEW *"},
            {"Statement": "UPDATE sqlish SET v = 1 WHERE id = 'a' AND \"at\" = 9"}])["Responses"]
        self.assertEqual(answer[0]["Item"]["v"], {"N": "1"})
        self.assertEqual(answer[1]["Error"]["Code"], "ConditionalCheckFailed")

    def test_an_operation_that_is_not_built_names_itself(self):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            self.client("dynamodb").create_global_table(
                GlobalTableName="things", ReplicationGroup=[{"RegionName": "us-east-1"}])
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 501)
        self.assertIn("CreateGlobalTable", str(caught.exception))

    def test_stream_shows_the_changes_in_order(self):
        db = self.make_table("streamed", StreamSpecification={
            "StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
        key = {"id": {"S": "x"}, "at": {"N": "1"}}
        db.put_item(TableName="streamed", Item={**key, "v": {"N": "1"}})
        db.put_item(TableName="streamed", Item={**key, "v": {"N": "1"}})  # changes nothing
        db.update_item(TableName="streamed", Key=key, UpdateExpression="SET v = v + :one",
                       ExpressionAttributeValues={":one": {"N": "1"}})
        db.delete_item(TableName="streamed", Key=key)
        streams = self.client("dynamodbstreams")
        arn = streams.list_streams(TableName="streamed")["Streams"][0]["StreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                              ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        records = streams.get_records(ShardIterator=iterator)["Records"]
        self.assertEqual([r["eventName"] for r in records], ["INSERT", "MODIFY", "REMOVE"])
        self.assertEqual(records[1]["dynamodb"]["NewImage"]["v"], {"N": "2"})

    def read_shard(self, streams, arn, shard):
        """All records of one shard, and whether it has ended."""
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                              ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        records = []
        while iterator:
            page = streams.get_records(ShardIterator=iterator, Limit=2)
            records += page["Records"]
            iterator = page.get("NextShardIterator")
            if not page["Records"]:
                break
        return records, iterator is None

    def test_consumer_walks_the_shards_from_parent_to_child(self):
        with Paddock() as paddock:
            db, streams = paddock.client("dynamodb"), paddock.client("dynamodbstreams")
            table = db.create_table(
                TableName="rolled", BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
            arn = table["TableDescription"]["LatestStreamArn"]
            for i in range(12):
                db.put_item(TableName="rolled", Item={"id": {"S": str(i)}})
                if i % 3 == 2:
                    self.assertEqual(paddock.http("POST", "/_paddock/clock",
                                                  {"advance": "241m"})[0], 200)
            described, found = {}, []
            while "LastEvaluatedShardId" in described or not found:
                after = ({"ExclusiveStartShardId": described["LastEvaluatedShardId"]}
                         if described else {})
                described = streams.describe_stream(StreamArn=arn, Limit=2,
                                                    **after)["StreamDescription"]
                found += described["Shards"]
            self.assertEqual(len(found), 5)
            by_id = {shard["ShardId"]: shard for shard in found}
            seen, done = [], set()
            while len(done) < len(found):
                shard = next(s for s in found if s["ShardId"] not in done and
                             (s.get("ParentShardId") not in by_id or s["ParentShardId"] in done))
                records, ended = self.read_shard(streams, arn, shard)
                numbers = shard["SequenceNumberRange"]
                self.assertEqual(ended, "EndingSequenceNumber" in numbers)
                for record in records:
                    number = int(record["dynamodb"]["SequenceNumber"])
                    self.assertGreaterEqual(number, int(numbers["StartingSequenceNumber"]))
                    self.assertLessEqual(number, int(numbers.get("EndingSequenceNumber", number)))
                seen += [int(r["dynamodb"]["Keys"]["id"]["S"]) for r in records]
                done.add(shard["ShardId"])
            self.assertEqual(seen, list(range(12)))

    def test_port_for_dynamodb_alone_takes_any_region(self):
        port = free_port()
        with Paddock("--dynamodb-port", str(port)) as paddock:
            url = f"http://127.0.0.1:{port}"
            for region, access_key in (("localhost", "fakeMyKeyId"), ("eu-west-1", "111122223333")):
                db = boto3.client("dynamodb", endpoint_url=url, region_name=region,
                                  aws_access_key_id=access_key, aws_secret_access_key="x")
                name = "from-" + region
                db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                AttributeDefinitions=[{"AttributeName": "id",
                                                       "AttributeType": "S"}])
                self.assertIn("from-localhost", db.list_tables()["TableNames"])
            self.assertEqual(paddock.client("dynamodb").list_tables()["TableNames"],
                             ["from-eu-west-1", "from-localhost"])

    def test_function_is_created_invoked_and_logs(self):
        functions = self.client("lambda")
        self.make_table("visits")
        functions.create_function(FunctionName="hello", Runtime="provided.al2023", Role=ROLE,
                                  Handler="pageviews-hello", Code={"ZipFile": empty_zip()},
                                  Environment={"Variables": {"TABLE_NAME": "visits"}})
        functions.get_waiter("function_active").wait(FunctionName="hello")
        answer = functions.invoke(FunctionName="hello", Payload=b"{}", LogType="Tail")
        self.assertNotIn("FunctionError", answer)
        body = json.loads(json.load(answer["Payload"])["body"])
        self.assertIn("message", body)
        tail = base64.b64decode(answer["LogResult"]).decode()
        self.assertIn("START RequestId: ", tail)
        self.assertIn("REPORT RequestId: ", tail)
        self.paddock.wait_idle()
        events = self.client("logs").filter_log_events(logGroupName="/aws/lambda/hello")["events"]
        self.assertTrue(any(e["message"].startswith("REPORT") for e in events))

    def test_log_events_and_filters_come_in_pages(self):
        logs = self.client("logs")
        logs.create_log_group(logGroupName="paged")
        logs.create_log_stream(logGroupName="paged", logStreamName="s")
        now = int(time.time() * 1000)
        logs.put_log_events(logGroupName="paged", logStreamName="s", logEvents=[
            {"timestamp": now, "message": str(n)} for n in range(25)])
        pages = list(logs.get_paginator("filter_log_events").paginate(
            logGroupName="paged", PaginationConfig={"PageSize": 10}))
        self.assertEqual([int(e["message"]) for page in pages for e in page["events"]],
                         list(range(25)))
        self.assertEqual(len(pages), 3)
        for name in ("a", "b", "c"):
            logs.put_metric_filter(logGroupName="paged", filterName=name, filterPattern="ERROR",
                                   metricTransformations=[{"metricName": name, "metricValue": "1",
                                                           "metricNamespace": "tests"}])
        filters = logs.get_paginator("describe_metric_filters").paginate(
            logGroupName="paged", PaginationConfig={"PageSize": 2})
        self.assertEqual([f["filterName"] for page in filters for f in page["metricFilters"]],
                         ["a", "b", "c"])
        self.assert_code("InvalidParameterException", logs.put_metric_filter, logGroupName="paged",
                         filterName="d", filterPattern="{", metricTransformations=[
                             {"metricName": "d", "metricValue": "1", "metricNamespace": "tests"}])

    def test_unregistered_handler_is_refused_with_the_names_that_exist(self):
        error = self.assert_code(
            "InvalidParameterValueException", self.client("lambda").create_function,
            FunctionName="nope", Runtime="provided.al2023", Role=ROLE, Handler="no-such-function",
            Code={"ZipFile": empty_zip()})
        self.assertIn("pageviews-hello", str(error))

    def test_topic_calls_a_local_endpoint_and_signs_what_it_sends(self):
        got = queue.Queue()

        class Endpoint(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                got.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Endpoint)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        sns = self.client("sns")
        topic = sns.create_topic(Name="hooks")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http",
                      Endpoint=f"http://127.0.0.1:{server.server_port}/")
        asked = got.get(timeout=30)
        with urllib.request.urlopen(asked["SubscribeURL"], timeout=30) as answer:
            self.assertIn(b"<SubscriptionArn>" + topic.encode(), answer.read())
        sent = sns.publish(TopicArn=topic, Message="h\u00e9", Subject="s", MessageAttributes={
            "n": {"DataType": "Number", "StringValue": "1"},
            "b": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}})
        message = got.get(timeout=30)
        self.assertEqual(message["MessageId"], sent["MessageId"])
        self.assertEqual(message["Message"], "h\u00e9")
        self.assertEqual(message["MessageAttributes"], {
            "n": {"Type": "Number", "Value": "1"}, "b": {"Type": "Binary", "Value": "AAE="}})
        with urllib.request.urlopen(message["SigningCertURL"], timeout=30) as certificate:
            self.assertIn(b"BEGIN CERTIFICATE", certificate.read())
        batch = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
            {"Id": "1", "Message": "a"}, {"Id": "2", "Message": "b"}])
        self.assertEqual([entry["Id"] for entry in batch["Successful"]], ["1", "2"])
        self.assertEqual(batch["Failed"], [])
        self.assertEqual({got.get(timeout=30)["Message"] for _ in range(2)}, {"a", "b"})
        with self.assertRaises(sns.exceptions.NotFoundException):
            sns.publish(TopicArn=topic + "x", Message="m")
        with self.assertRaises(sns.exceptions.TooManyEntriesInBatchRequestException):
            sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
                {"Id": str(i), "Message": "m"} for i in range(11)])

    def test_accounts_and_regions_are_apart(self):
        self.make_table("mine")
        other = self.client("dynamodb", access_key="111122223333")
        self.assertNotIn("mine", other.list_tables()["TableNames"])
        self.assertEqual(self.client("sts", access_key="111122223333")
                         .get_caller_identity()["Account"], "111122223333")

    def test_role_and_access_key(self):
        iam = self.client("iam")
        trust = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": "lambda.amazonaws.com"}}]})
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust)
        self.assertEqual(iam.get_role(RoleName="r")["Role"]["AssumeRolePolicyDocument"],
                         json.loads(trust))
        self.assert_code("EntityAlreadyExists", iam.create_role, RoleName="r",
                         AssumeRolePolicyDocument=trust)
        iam.create_user(UserName="u")
        key = iam.create_access_key(UserName="u")["AccessKey"]
        self.assertEqual(len(key["AccessKeyId"]), 20)

    # Older clients speak the query protocol here, newer ones JSON; both check the digests.
    def test_queues_messages_and_dead_letters(self):
        sqs = self.client("sqs")
        dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
        dead_arn = sqs.get_queue_attributes(
            QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
        url = sqs.create_queue(QueueName="jobs", tags={"team": "blue"}, Attributes={
            "VisibilityTimeout": "0", "RedrivePolicy": policy})["QueueUrl"]
        self.assertEqual(url, f"{self.paddock.url}/000000000000/jobs")
        self.assertEqual(sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "blue"})
        attributes = {"kind": {"DataType": "String", "StringValue": "a"},
                      "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}}
        sent = sqs.send_message(QueueUrl=url, MessageBody="<1 & 2>", MessageAttributes=attributes)
        got = sqs.receive_message(QueueUrl=url, AttributeNames=["All"],
                                  MessageAttributeNames=["All"])["Messages"][0]
        self.assertEqual(got["MessageId"], sent["MessageId"])
        self.assertEqual(got["Body"], "<1 & 2>")
        self.assertEqual(got["MessageAttributes"], attributes)
        self.assertEqual(got["Attributes"]["ApproximateReceiveCount"], "1")
        self.assertNotIn("Messages", sqs.receive_message(QueueUrl=url))
        moved = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=5)["Messages"]
        self.assertEqual([m["Body"] for m in moved], ["<1 & 2>"])
        entries = [{"Id": str(i), "MessageBody": f"m{i}"} for i in range(10)]
        done = sqs.send_message_batch(QueueUrl=dead, Entries=entries)["Successful"]
        self.assertEqual(len(done), 10)
        got = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10)["Messages"]
        gone = sqs.delete_message_batch(QueueUrl=dead, Entries=[
            {"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got)])
        self.assertEqual(len(gone["Successful"]), 10)
        self.assert_code("AWS.SimpleQueueService.NonExistentQueue", sqs.send_message,
                         QueueUrl=url + "x", MessageBody="a")
        with self.assertRaises(sqs.exceptions.QueueDoesNotExist):
            sqs.get_queue_url(QueueName="none")
        self.assertEqual(sqs.list_queues(QueueNamePrefix="jo")["QueueUrls"], [url])

    def test_fifo_queues_keep_order(self):
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName="orders.fifo", Attributes={
            "FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
        for body in ("1", "2", "2", "3"):
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        self.assertEqual([m["Body"] for m in got], ["1", "2", "3"])

    def test_streams_of_records(self):
        kinesis = self.client("kinesis")
        kinesis.create_stream(StreamName="rides", ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName="rides")
        described = kinesis.describe_stream(StreamName="rides")["StreamDescription"]
        shard = described["Shards"][0]["ShardId"]
        first = kinesis.put_record(StreamName="rides", PartitionKey="k", Data=b"\x00\xff")
        kinesis.put_records(StreamName="rides", Records=[
            {"PartitionKey": f"k{i}", "Data": f"r{i}".encode()} for i in range(3)])
        iterator = kinesis.get_shard_iterator(
            StreamName="rides", ShardId=shard, ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=first["SequenceNumber"])["ShardIterator"]
        page = kinesis.get_records(ShardIterator=iterator)
        self.assertEqual([record["Data"] for record in page["Records"]],
                         [b"\x00\xff", b"r0", b"r1", b"r2"])
        self.assertEqual(page["MillisBehindLatest"], 0)
        consumer = kinesis.register_stream_consumer(
            StreamARN=described["StreamARN"], ConsumerName="boto3")["Consumer"]
        events = kinesis.subscribe_to_shard(
            ConsumerARN=consumer["ConsumerARN"], ShardId=shard,
            StartingPosition={"Type": "TRIM_HORIZON"})["EventStream"]
        event = next(iter(events))["SubscribeToShardEvent"]
        self.assertEqual(len(event["Records"]), 4)
        events.close()
        kinesis.split_shard(StreamName="rides", ShardToSplit=shard,
                            NewStartingHashKey=str(2**127))
        shards = kinesis.list_shards(StreamName="rides")["Shards"]
        self.assertEqual([s.get("ParentShardId") for s in shards], [None, shard, shard])
        with self.assertRaises(kinesis.exceptions.ResourceInUseException):
            kinesis.create_stream(StreamName="rides", ShardCount=1)
        kinesis.delete_stream(StreamName="rides", EnforceConsumerDeletion=True)


if __name__ == "__main__":
    unittest.main()
