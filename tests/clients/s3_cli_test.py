"""The AWS CLI's `s3` and `s3api` commands, as people type them, through `paddock aws`."""
import filecmp
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.request

from harness import PADDOCK, Paddock


class S3CliTest(unittest.TestCase):
    path = "/usr/bin:" + os.environ["PATH"]  # Debian's

    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock().start()

    @classmethod
    def tearDownClass(cls):
        cls.paddock.stop()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.here = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def aws(self, *arguments, fails=False):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment["AWS_ENDPOINT_URL"] = self.paddock.url
        environment["PATH"] = self.path
        done = subprocess.run([PADDOCK, "aws", *map(str, arguments)], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode != 0, fails, done.stderr)
        return done.stderr if fails else done.stdout

    def test_a_folder_is_synchronised_both_ways(self):
        self.aws("s3", "mb", "s3://sync-there")
        source = self.here / "source"
        (source / "deep er").mkdir(parents=True)
        (source / "index.html").write_text("<p>hello</p>")
        (source / "deep er" / "a+b.txt").write_text("plus")
        self.aws("s3", "sync", source, "s3://sync-there/site")
        listed = self.aws("s3", "ls", "s3://sync-there/site/", "--recursive")
        self.assertEqual([line.split(maxsplit=3)[3] for line in listed.splitlines()],
                         ["site/deep er/a+b.txt", "site/index.html"])
        self.assertIn("PRE deep er/", self.aws("s3", "ls", "s3://sync-there/site/"))
        self.aws("s3", "sync", "s3://sync-there/site", self.here / "back")
        self.assertTrue(filecmp.cmp(source / "index.html", self.here / "back" / "index.html"))
        (source / "index.html").unlink()
        self.assertIn("delete:", self.aws("s3", "sync", source, "s3://sync-there/site", "--delete"))
        head = json.loads(self.aws("s3api", "head-object", "--bucket", "sync-there", "--key",
                                   "site/deep er/a+b.txt"))
        self.assertEqual(head["ContentType"], "text/plain")
        self.assertIn("remove_bucket", self.aws("s3", "rb", "s3://sync-there", "--force"))

    def test_large_files_go_in_parts(self):
        self.aws("s3", "mb", "s3://large-files")
        large = self.here / "large"
        large.write_bytes(os.urandom(1024) * (20 * 1024))
        self.aws("s3", "cp", large, "s3://large-files/large", "--quiet")
        head = json.loads(self.aws("s3api", "head-object", "--bucket", "large-files", "--key",
                                   "large"))
        self.assertTrue(head["ETag"].endswith('-3"'), head)
        self.aws("s3", "cp", "s3://large-files/large", "s3://large-files/copy", "--quiet")
        self.aws("s3", "mv", "s3://large-files/copy", self.here / "back", "--quiet")
        self.assertTrue(filecmp.cmp(large, self.here / "back", shallow=False))
        self.assertEqual(self.aws("s3", "ls", "s3://large-files/copy", fails=True), "")

    def test_a_presigned_address_needs_no_keys(self):
        self.aws("s3", "mb", "s3://presigned-urls")
        (self.here / "note").write_text("for all")
        self.aws("s3", "cp", self.here / "note", "s3://presigned-urls/a note")
        address = self.aws("s3", "presign", "s3://presigned-urls/a note").strip()
        with urllib.request.urlopen(address, timeout=30) as answer:
            self.assertEqual(answer.read(), b"for all")

    def test_errors_read_as_the_cli_prints_them_for_aws(self):
        said = self.aws("s3", "ls", "s3://no-such-bucket-here", fails=True)
        self.assertIn("An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: "
                      "The specified bucket does not exist", said)
        said = self.aws("s3api", "put-bucket-replication", "--bucket", "no-such-bucket-here",
                        "--replication-configuration", '{"Role":"","Rules":[]}', fails=True)
        self.assertIn("PutBucketReplication", said)
        self.assertIn("not emulated yet", said)

    def test_versions_are_listed(self):
        self.aws("s3", "mb", "s3://kept-versions")
        self.aws("s3api", "put-bucket-versioning", "--bucket", "kept-versions",
                 "--versioning-configuration", "Status=Enabled")
        for text in ("one", "two"):
            (self.here / "file").write_text(text)
            self.aws("s3", "cp", self.here / "file", "s3://kept-versions/file")
        self.aws("s3", "rm", "s3://kept-versions/file")
        versions = json.loads(self.aws("s3api", "list-object-versions", "--bucket",
                                       "kept-versions"))
        self.assertEqual([v["IsLatest"] for v in versions["Versions"]], [False, False])
        self.assertTrue(versions["DeleteMarkers"][0]["IsLatest"])


if __name__ == "__main__":
    unittest.main()
