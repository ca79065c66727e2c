"""A runtime for functions in Python: asks the Runtime API for invocations and runs the handler.
https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html"""
import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback

PREFIX = "/2018-06-01/runtime/"


class Fault(Exception):
    """An error of the runtime's own: a type, a text and a trace."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.trace = list(trace)


class RuntimeClient:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address)

    def call(self, method, target, body=None, headers=None):
        self.connection.request(method, PREFIX + target, body, headers or {})
        answer = self.connection.getresponse()
        return answer, answer.read()

    def post_error(self, target, document):
        cause = json.dumps({"working_directory": os.getcwd(), "paths": [], "exceptions": [
            {"type": document["errorType"], "message": document["errorMessage"], "stack": []}]})
        headers = {"Content-Type": "application/json",
                   "Lambda-Runtime-Function-Error-Type": ascii_line(document["errorType"])}
        if len(cause) < 16384:
            headers["Lambda-Runtime-Function-XRay-Error-Cause"] = cause
        self.call("POST", target, json.dumps(document).encode(), headers)


def ascii_line(text):
    return "".join(c if " " <= c <= "~" else "?" for c in str(text))


class ClientContext:
    def __init__(self, document):
        client = document.get("client")
        self.custom = document.get("custom")
        self.env = document.get("env")
        self.client = client and type("Client", (), {
            name: client.get(name) for name in (
                "installation_id", "app_title", "app_version_name", "app_version_code",
                "app_package_name")})()


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    def __init__(self, headers):
        context = headers.get("Lambda-Runtime-Client-Context")
        self.aws_request_id = headers.get("Lambda-Runtime-Aws-Request-Id")
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.client_context = ClientContext(json.loads(context)) if context else None
        self.identity = CognitoIdentity()
        self._deadline_ms = int(headers.get("Lambda-Runtime-Deadline-Ms"))

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, text):
        sys.stdout.write(str(text))


# One event of the log per call: '\r' stands for the newlines within.
def write_line(text):
    sys.stdout.write(text.replace("\n", "\r") + "\n")


class LogHandler(logging.Handler):
    request_id = ""

    def emit(self, record):
        record.aws_request_id = LogHandler.request_id
        write_line(self.format(record))


JSON_LOGS = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
RECORD_MEMBERS = set(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {
    "message", "asctime", "aws_request_id"}


class JsonFormatter(logging.Formatter):
    converter = time.gmtime

    def format(self, record):
        line = {"timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") +
                             f".{int(record.msecs):03d}Z",
                "level": record.levelname, "message": record.getMessage(), "logger": record.name,
                "requestId": record.aws_request_id}
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            line["errorType"] = kind.__name__
            line["errorMessage"] = str(error)
            line["stackTrace"] = traceback.format_list(traceback.extract_tb(trace))
            line["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        line.update((name, value) for name, value in vars(record).items()
                    if name not in RECORD_MEMBERS and name not in line)
        return json.dumps(line, default=str)


def set_up_logging():
    handler = LogHandler()
    if JSON_LOGS:
        handler.setFormatter(JsonFormatter())
        logging.root.addHandler(handler)
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
        names = {"TRACE": "DEBUG", "FATAL": "CRITICAL"}
        if level:
            logging.root.setLevel(names.get(level, level))
        return
    form = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s",
        "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    logging.root.addHandler(handler)


def load_handler(text):
    try:
        module_name, function_name = text.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{text}': {error}") from None
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError",
                    f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Fault("Runtime.UserCodeSyntaxError",
                    f"Syntax error in module '{module_name}': {error}", trace) from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound",
                    f"Handler '{function_name}' missing on module '{module_name}'") from None


def error_document(error, request_id):
    if isinstance(error, Fault):
        kind, message, trace = error.kind, error.message, error.trace
    else:
        kind, message = type(error).__name__, str(error)
        own = [frame for frame in traceback.extract_tb(error.__traceback__)
               if frame.filename != __file__]
        trace = traceback.format_list(own)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id,
            "stackTrace": trace}


def log_error(document):
    if JSON_LOGS:
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        return write_line(json.dumps({
            "timestamp": f"{stamp}.{int(now * 1000) % 1000:03d}Z",
            "level": "ERROR", "errorType": document["errorType"],
            "errorMessage": document["errorMessage"], "stackTrace": document["stackTrace"],
            "requestId": LogHandler.request_id}))
    text = f"[ERROR] {document['errorType']}: {document['errorMessage']}"
    if document["stackTrace"]:
        text += "\nTraceback (most recent call last):\n" + "".join(document["stackTrace"])
    write_line(text.rstrip("\n"))


def run(handler, body, context):
    try:
        event = json.loads(body)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None
    result = handler(event, context)
    try:
        return json.dumps(result, ensure_ascii=False).encode()
    except Exception as error:  # whatever an object's conversion throws
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def serve(client, handler):
    while True:
        answer, body = client.call("GET", "invocation/next")
        if answer.status != 200:
            sys.exit(f"The Runtime API answered {answer.status}")
        request_id = LogHandler.request_id = answer.getheader("Lambda-Runtime-Aws-Request-Id")
        os.environ["_X_AMZN_TRACE_ID"] = answer.getheader("Lambda-Runtime-Trace-Id") or ""
        try:
            result = run(handler, body, LambdaContext(answer.headers))
        except Exception as error:
            document = error_document(error, request_id)
            log_error(document)
            client.post_error(f"invocation/{request_id}/error", document)
        else:
            client.call("POST", f"invocation/{request_id}/response", result,
                        {"Content-Type": "application/json"})


def main():
    client = RuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"])
    # The function's folder stands where ours did: first.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    set_up_logging()
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        document = error_document(error, "")
        log_error(document)
        client.post_error("init/error", document)
        sys.exit(1)
    serve(client, handler)


main()
