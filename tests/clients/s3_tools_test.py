"""Storage tools on S3, with nothing but an endpoint set: rclone, s3cmd, and s3fs where the machine
lets a test mount."""
import filecmp
import os
import pathlib
import random
import subprocess
import tempfile
import time
import unittest

from harness import Paddock


class S3ToolsTest(unittest.TestCase):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock().start()

    @classmethod
    def tearDownClass(cls):
        cls.paddock.stop()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.here = pathlib.Path(folder.name)
        self.source = self.here / "source"
        (self.source / "deep er" / "ü").mkdir(parents=True)
        (self.source / "index.html").write_text("<p>hello</p>")
        (self.source / "deep er" / "a+b.txt").write_text("plus")
        (self.source / "deep er" / "ü" / "100% & more.txt").write_text("signs")
        (self.source / "empty").write_bytes(b"")
        self.big = random.Random(1).randbytes(33 * 1024 * 1024)
        (self.source / "big").write_bytes(self.big)

    def run_tool(self, *command, environment=None, fails=False):
        done = subprocess.run([*map(str, command)], text=True, timeout=300,
                              env={**self.clean, "HOME": str(self.here), **(environment or {})},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode != 0, fails, done.stdout)
        return done.stdout

    def assert_same(self, one, other):
        compared = filecmp.dircmp(one, other)
        self.assertEqual((compared.left_only, compared.right_only, compared.diff_files),
                         ([], [], []))
        for name in compared.common_dirs:
            self.assert_same(one / name, other / name)

    def test_rclone(self):
        def rclone(*command, **more):
            return self.run_tool("rclone", "--retries", 1, *command, environment={
                "RCLONE_CONFIG_AWS_TYPE": "s3", "RCLONE_CONFIG_AWS_PROVIDER": "Other",
                "RCLONE_CONFIG_AWS_ENDPOINT": self.paddock.url,
                "RCLONE_CONFIG_AWS_ACCESS_KEY_ID": "test",
                "RCLONE_CONFIG_AWS_SECRET_ACCESS_KEY": "test",
                "RCLONE_CONFIG_AWS_REGION": "us-east-1"}, **more)

        rclone("mkdir", "aws:rclone")
        rclone("sync", self.source, "aws:rclone/site", "--s3-upload-cutoff", "5M",
               "--s3-chunk-size", "5M", "--s3-upload-concurrency", 4)
        self.assertIn("0 differences found", rclone("check", self.source, "aws:rclone/site"))
        self.assertIn("0 differences found",
                      rclone("check", self.source, "aws:rclone/site", "--download"))
        rclone("copy", "aws:rclone/site", self.here / "back", "--multi-thread-cutoff", "8M",
               "--multi-thread-streams", 4)
        self.assert_same(self.source, self.here / "back")
        (self.source / "index.html").unlink()
        (self.source / "empty").write_text("no longer")
        rclone("sync", self.source, "aws:rclone/site")
        self.assertNotIn("index.html", rclone("ls", "aws:rclone/site"))
        self.assertIn("no longer", rclone("cat", "aws:rclone/site/empty"))
        rclone("moveto", "aws:rclone/site/big", "aws:rclone/moved", "--s3-copy-cutoff", "8M",
               "--s3-chunk-size", "8M")
        rclone("copyto", "aws:rclone/moved", self.here / "moved")
        self.assertEqual((self.here / "moved").read_bytes(), self.big)
        rclone("purge", "aws:rclone")
        self.assertFalse(rclone("lsd", "aws:").endswith(" rclone\n"))

    def test_s3cmd(self):
        def s3cmd(*command, **more):
            # Without --acl-private this version copies the ACL of what it copies, which buckets
            # refuse by default, on AWS too.
            return self.run_tool("s3cmd", "--no-progress", "--acl-private", "--access_key=test",
                                 "--secret_key=test", "--no-ssl", f"--host=127.0.0.1:{self.paddock.port}",
                                 f"--host-bucket=127.0.0.1:{self.paddock.port}", *command, **more)

        s3cmd("mb", "s3://s3cmd")
        s3cmd("sync", "--multipart-chunk-size-mb=5", f"{self.source}/", "s3://s3cmd/site/")
        listed = s3cmd("ls", "--recursive", "s3://s3cmd")
        for name in ("deep er/a+b.txt", "deep er/ü/100% & more.txt", "index.html", "empty", "big"):
            self.assertIn(f"s3://s3cmd/site/{name}\n", listed)
        (self.here / "back").mkdir()
        s3cmd("sync", "s3://s3cmd/site/", f"{self.here / 'back'}/")
        self.assert_same(self.source, self.here / "back")
        s3cmd("cp", "s3://s3cmd/site/index.html", "s3://s3cmd/copy.html")
        s3cmd("mv", "s3://s3cmd/copy.html", "s3://s3cmd/moved.html")
        self.assertIn("MIME type: text/", s3cmd("info", "s3://s3cmd/moved.html"))
        s3cmd("modify", "--add-header=x-amz-meta-colour: blue", "s3://s3cmd/moved.html")
        self.assertIn("blue", s3cmd("info", "s3://s3cmd/moved.html"))
        self.assertIn("BucketNotEmpty", s3cmd("rb", "s3://s3cmd", fails=True))
        s3cmd("del", "--recursive", "--force", "s3://s3cmd")
        s3cmd("rb", "s3://s3cmd")
        self.assertNotIn("s3cmd", s3cmd("ls"))

    def test_s3fs(self):
        if not os.access("/dev/fuse", os.W_OK):
            self.skipTest("no mounts here")
        self.paddock.client("s3").create_bucket(Bucket="s3fs")
        place = self.here / "mount"
        place.mkdir()
        command = ["s3fs", "s3fs", str(place), "-f", "-o", f"url={self.paddock.url}", "-o",
                   "use_path_request_style", "-o", "enable_noobj_cache", "-o", "multipart_size=10"]
        mounted = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={
            **self.clean, "AWSACCESSKEYID": "test", "AWSSECRETACCESSKEY": "test"})

        def unmount():
            subprocess.run(["fusermount", "-u", str(place)], stderr=subprocess.DEVNULL)
            mounted.wait(timeout=60)

        self.addCleanup(unmount)
        deadline = time.monotonic() + 30
        while not os.path.ismount(place):
            if mounted.poll() is not None:
                self.skipTest("no mounts here")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        (place / "folder").mkdir()
        (place / "folder" / "a.txt").write_text("first")
        with open(place / "folder" / "a.txt", "a") as file:
            file.write(", more")
        (place / "big").write_bytes(self.big)
        os.rename(place / "folder" / "a.txt", place / "folder" / "b.txt")
        self.assertEqual(os.listdir(place / "folder"), ["b.txt"])
        self.assertEqual((place / "folder" / "b.txt").read_text(), "first, more")
        self.assertEqual((place / "big").read_bytes(), self.big)
        listed = self.paddock.client("s3").list_objects_v2(Bucket="s3fs")["Contents"]
        self.assertEqual({entry["Key"] for entry in listed}, {"big", "folder/", "folder/b.txt"})
        os.unlink(place / "big")
        self.assertEqual(os.listdir(place), ["folder"])


if __name__ == "__main__":
    unittest.main()
