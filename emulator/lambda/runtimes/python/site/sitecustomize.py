"""Runs before a function's code: whatever endpoint that names, its AWS calls reach the emulator,
once it imports botocore. Debian's packages serve interpreters that have no boto3 of their own."""
import importlib.abc
import importlib.util
import os
import re
import sys
from urllib.parse import urlsplit, urlunsplit

_ENDPOINT = os.environ.get("_PADDOCK_ENDPOINT")
_AWS_HOST = re.compile(r"(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$", re.I)
_LOCAL_HOST = re.compile(r"^(localhost|127\.\d+\.\d+\.\d+|::1)$|\.localhost$", re.I)


def _text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")


def _redirect(request):
    here = urlsplit(_ENDPOINT)
    url = urlsplit(request.url)
    host = url.hostname or ""
    signed = _text(request.headers.get("Authorization")).startswith("AWS4-HMAC-SHA256")
    if url.netloc == here.netloc or not (signed or _AWS_HOST.search(host)):
        return
    # Names that the emulator takes for its own stay, since they may name a bucket or an API.
    ours = _AWS_HOST.search(host) or _LOCAL_HOST.search(host)
    del request.headers["Host"]
    request.headers["Host"] = url.netloc if ours else here.netloc
    request.url = urlunsplit((here.scheme, here.netloc, url.path, url.query, ""))


class _Loader(importlib.abc.Loader):
    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        send = module.URLLib3Session.send

        def redirected(session, request):
            _redirect(request)
            return send(session, request)

        module.URLLib3Session.send = redirected


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "botocore.httpsession":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            spec.loader = _Loader(spec.loader)
        return spec


if _ENDPOINT:
    sys.meta_path.insert(0, _Finder())
    _fallback = os.environ.get("_PADDOCK_PYTHON_FALLBACK")
    if _fallback and _fallback not in sys.path:
        sys.path.append(_fallback)
