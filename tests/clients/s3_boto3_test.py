"""boto3 and S3, unchanged but for the endpoint: objects, transfers in parts, pages, versions."""
import io
import os
import unittest

import boto3.s3.transfer
import botocore.exceptions

from harness import Paddock


class S3Boto3Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock().start()

    @classmethod
    def tearDownClass(cls):
        cls.paddock.stop()

    def bucket(self, name):
        s3 = self.paddock.client("s3")
        s3.create_bucket(Bucket=name)
        s3.get_waiter("bucket_exists").wait(Bucket=name)
        return s3

    def test_objects_come_back_with_their_metadata(self):
        s3 = self.bucket("plain-objects")
        key = "a b/\u00fc+%.txt"
        s3.put_object(Bucket="plain-objects", Key=key, Body=b"hello", Metadata={"Colour": "blue"},
                      ContentType="text/plain", CacheControl="no-store")
        read = s3.get_object(Bucket="plain-objects", Key=key)
        self.assertEqual(read["Body"].read(), b"hello")
        self.assertEqual(read["Metadata"], {"colour": "blue"})
        self.assertEqual(read["ContentType"], "text/plain")
        self.assertEqual(s3.list_objects_v2(Bucket="plain-objects")["Contents"][0]["Key"], key)
        with self.assertRaises(s3.exceptions.NoSuchKey):
            s3.get_object(Bucket="plain-objects", Key="none")
        with self.assertRaises(botocore.exceptions.ClientError) as missing:
            s3.head_object(Bucket="plain-objects", Key="none")
        self.assertEqual(missing.exception.response["Error"]["Code"], "404")

    def test_transfers_go_in_parts(self):
        s3 = self.bucket("transfers")
        parts = boto3.s3.transfer.TransferConfig(multipart_threshold=5 << 20,
                                                 multipart_chunksize=5 << 20)
        body = os.urandom(4096) * 4096
        s3.upload_fileobj(io.BytesIO(body), "transfers", "big", Config=parts)
        s3.copy({"Bucket": "transfers", "Key": "big"}, "transfers", "copy", Config=parts)
        back = io.BytesIO()
        s3.download_fileobj("transfers", "copy", back, Config=parts)
        self.assertEqual(back.getvalue(), body)

    def test_pages_meet(self):
        s3 = self.bucket("many-keys")
        for i in range(25):
            s3.put_object(Bucket="many-keys", Key=f"{i % 5}/{i:03}", Body=b"x")
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket="many-keys", PaginationConfig={"PageSize": 7})
        keys = [entry["Key"] for page in pages for entry in page["Contents"]]
        self.assertEqual(keys, sorted(f"{i % 5}/{i:03}" for i in range(25)))
        rolled = s3.get_paginator("list_objects").paginate(
            Bucket="many-keys", Delimiter="/", PaginationConfig={"PageSize": 2})
        self.assertEqual([one["Prefix"] for page in rolled for one in page["CommonPrefixes"]],
                         [f"{i}/" for i in range(5)])
        objects = [{"Key": key} for key in keys]
        gone = s3.delete_objects(Bucket="many-keys", Delete={"Objects": objects})
        self.assertEqual(len(gone["Deleted"]), 25)

    def test_versions_can_be_read_and_dropped(self):
        s3 = self.bucket("versions")
        s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
        first = s3.put_object(Bucket="versions", Key="k", Body=b"1")["VersionId"]
        s3.put_object(Bucket="versions", Key="k", Body=b"2")
        s3.delete_object(Bucket="versions", Key="k")
        read = s3.get_object(Bucket="versions", Key="k", VersionId=first)
        self.assertEqual(read["Body"].read(), b"1")
        listed = s3.list_object_versions(Bucket="versions")
        for version in listed["Versions"] + listed["DeleteMarkers"]:
            s3.delete_object(Bucket="versions", Key="k", VersionId=version["VersionId"])
        s3.delete_bucket(Bucket="versions")


if __name__ == "__main__":
    unittest.main()
