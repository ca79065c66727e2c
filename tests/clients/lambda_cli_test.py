"""Versions, aliases, layers and settings of functions through the AWS CLI."""
import io
import json
import os
import subprocess
import tempfile
import unittest
import zipfile

from harness import PADDOCK, Paddock

ROLE = "arn:aws:iam::000000000000:role/r"


def archive(folder, name, files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        for path, text in files.items():
            package.writestr(path, text)
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data.getvalue())
    return "fileb://" + path


class LambdaCliTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.paddock = Paddock().start()

    @classmethod
    def tearDownClass(cls):
        cls.paddock.stop()

    def aws(self, *arguments, fails=False):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment["AWS_ENDPOINT_URL"] = self.paddock.url
        environment["PATH"] = "/usr/bin:" + os.environ["PATH"]
        done = subprocess.run([PADDOCK, "aws", "lambda", *arguments], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode != 0, fails, done.stderr)
        if fails:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def invoke(self, folder, *arguments):
        out = os.path.join(folder, "out.json")
        answer = self.aws("invoke", *arguments, out)
        with open(out, encoding="utf-8") as file:
            return answer, json.load(file)

    def test_versions_aliases_and_layers(self):
        with tempfile.TemporaryDirectory() as folder:
            layer = self.aws("publish-layer-version", "--layer-name", "words", "--zip-file",
                             archive(folder, "layer.zip", {"python/word.py": "WORD = 'layer'\n"}),
                             "--compatible-runtimes", "python3.11")
            source = "import word\ndef handler(event, context):\n  return [word.WORD, %d]\n"
            self.aws("create-function", "--function-name", "f", "--runtime", "python3.11",
                     "--handler", "main.handler", "--role", ROLE, "--zip-file",
                     archive(folder, "one.zip", {"main.py": source % 1}),
                     "--layers", layer["LayerVersionArn"])
            self.aws("wait", "function-active-v2", "--function-name", "f")
            first = self.aws("publish-version", "--function-name", "f", "--description", "one")
            self.assertEqual(first["Version"], "1")
            self.aws("wait", "published-version-active", "--function-name", "f",
                     "--qualifier", "1")
            self.aws("create-alias", "--function-name", "f", "--name", "live",
                     "--function-version", "1")
            self.aws("update-function-code", "--function-name", "f", "--publish", "--zip-file",
                     archive(folder, "two.zip", {"main.py": source % 2}))
            self.aws("wait", "function-updated-v2", "--function-name", "f")
            answer, result = self.invoke(folder, "--function-name", "f", "--qualifier", "live")
            self.assertEqual((answer["ExecutedVersion"], result), ("1", ["layer", 1]))
            self.aws("update-alias", "--function-name", "f", "--name", "live",
                     "--function-version", "2")
            answer, result = self.invoke(folder, "--function-name", "f:live")
            self.assertEqual((answer["ExecutedVersion"], result), ("2", ["layer", 2]))
            aliases = self.aws("list-aliases", "--function-name", "f")["Aliases"]
            self.assertEqual([alias["Name"] for alias in aliases], ["live"])
            versions = self.aws("list-versions-by-function", "--function-name", "f")["Versions"]
            self.assertEqual([v["Version"] for v in versions], ["$LATEST", "1", "2"])
            self.assertIn("Unable to delete version because the following aliases reference it: "
                          "[live]", self.aws("delete-function", "--function-name", "f",
                                             "--qualifier", "2", fails=True))
            layers = self.aws("list-layers", "--compatible-runtime", "python3.11")["Layers"]
            self.assertEqual(layers[0]["LatestMatchingVersion"]["Version"], 1)

    def test_weights_permissions_and_settings(self):
        with tempfile.TemporaryDirectory() as folder:
            self.aws("create-function", "--function-name", "g", "--runtime", "java21", "--handler",
                     "a.B", "--role", ROLE, "--publish", "--zip-file",
                     archive(folder, "g.zip", {"x": "y"}),
                     "--vpc-config", "SubnetIds=subnet-1,SecurityGroupIds=sg-1",
                     "--dead-letter-config", "TargetArn=arn:aws:sns:us-east-1:000000000000:t")
            self.aws("update-function-configuration", "--function-name", "g", "--timeout", "9")
            self.aws("publish-version", "--function-name", "g")
            alias = self.aws("create-alias", "--function-name", "g", "--name", "canary",
                             "--function-version", "1", "--routing-config",
                             '{"AdditionalVersionWeights": {"2": 0.1}}')
            self.assertEqual(alias["RoutingConfig"], {"AdditionalVersionWeights": {"2": 0.1}})
            self.aws("add-permission", "--function-name", "g", "--qualifier", "canary",
                     "--statement-id", "s", "--action", "lambda:InvokeFunction", "--principal",
                     "s3.amazonaws.com")
            policy = json.loads(self.aws("get-policy", "--function-name", "g", "--qualifier",
                                         "canary")["Policy"])
            self.assertTrue(policy["Statement"][0]["Resource"].endswith(":function:g:canary"))
            put = self.aws("put-provisioned-concurrency-config", "--function-name", "g",
                           "--qualifier", "canary", "--provisioned-concurrent-executions", "2")
            self.assertEqual(put["Status"], "IN_PROGRESS")
            got = self.aws("get-provisioned-concurrency-config", "--function-name", "g",
                           "--qualifier", "canary")
            self.assertEqual(got["Status"], "READY")
            signing = self.aws("create-code-signing-config", "--allowed-publishers",
                               "SigningProfileVersionArns=arn:aws:signer:us-east-1:000000000000:"
                               "/signing-profiles/test")["CodeSigningConfig"]
            self.aws("put-function-code-signing-config", "--function-name", "g",
                     "--code-signing-config-arn", signing["CodeSigningConfigArn"])
            functions = self.aws("list-functions-by-code-signing-config",
                                 "--code-signing-config-arn", signing["CodeSigningConfigArn"])
            self.assertEqual(len(functions["FunctionArns"]), 1)
            everything = self.aws("list-functions", "--function-version", "ALL")["Functions"]
            self.assertEqual([f["Version"] for f in everything if f["FunctionName"] == "g"],
                             ["$LATEST", "1", "2"])


if __name__ == "__main__":
    unittest.main()
