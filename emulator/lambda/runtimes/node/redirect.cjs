// Loaded before a function's code: whatever endpoint that names, its AWS calls reach the emulator.
// A call is one of AWS if it goes to an AWS host or carries an AWS signature.
'use strict';

const http = require('http');
const https = require('https');
const http2 = require('http2');
const { syncBuiltinESMExports } = require('module');
const { urlToHttpOptions } = require('url');

const endpoint = new URL(process.env._PADDOCK_ENDPOINT);
const AWS_HOST = /(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$/i;
const LOCAL_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$|\.localhost$/i;
const agent = new http.Agent({ keepAlive: true });
const requests = { 'http:': http.request, 'https:': https.request };

function header(headers, name) {
  if (!headers) return undefined;
  if (typeof headers.get === 'function') return headers.get(name) || undefined;
  const pairs = !Array.isArray(headers) ? Object.entries(headers)
    : Array.isArray(headers[0]) ? headers
      : headers.reduce((all, text, i) => (i % 2 ? all : [...all, [text, headers[i + 1]]]), []);
  const found = pairs.find(([key]) => String(key).toLowerCase() === name);
  return found && String(found[1]);
}

function isForUs(hostname, headers) {
  if (AWS_HOST.test(hostname)) return true;
  return String(header(headers, 'authorization') || '').startsWith('AWS4-HMAC-SHA256');
}

// Names that the emulator takes for its own stay, since they may name a bucket or an API.
function hostFor(hostname, port) {
  if (AWS_HOST.test(hostname) || LOCAL_HOST.test(hostname)) {
    return port ? `${hostname}:${port}` : hostname;
  }
  return endpoint.host;
}

// (url[, options][, callback]) or (options[, callback]), as Node's request takes them.
function parse(args) {
  const rest = [...args];
  let options = {};
  if (typeof rest[0] === 'string' || rest[0] instanceof URL) {
    options = urlToHttpOptions(new URL(rest.shift()));
  }
  if (rest[0] && typeof rest[0] === 'object') options = { ...options, ...rest.shift() };
  return { options, callback: rest.find(arg => typeof arg === 'function') };
}

function redirecting(protocol) {
  return function request(...args) {
    const original = requests[protocol];
    const { options, callback } = parse(args);
    const hostname = String(options.hostname || options.host || 'localhost').replace(/:\d+$/, '');
    const port = Number(options.port) || undefined;
    const already = hostname === endpoint.hostname && String(port) === endpoint.port;
    if (options.socketPath || already || !isForUs(hostname, options.headers)) {
      return original.apply(this, args);
    }
    const given = header(options.headers, 'host');
    const to = { ...options, protocol: 'http:', host: endpoint.hostname,
      hostname: endpoint.hostname, port: endpoint.port, agent };
    for (const name of ['href', 'servername', 'ca', 'cert', 'key', 'lookup']) delete to[name];
    const sent = requests['http:'].call(http, to, callback);
    sent.setHeader('Host', given && AWS_HOST.test(hostname) ? given : hostFor(hostname, port));
    return sent;
  };
}

for (const [module, protocol] of [[http, 'http:'], [https, 'https:']]) {
  const request = redirecting(protocol);
  module.request = request;
  module.get = function get(...args) {
    const sent = request.apply(this, args);
    sent.end();
    return sent;
  };
}

const connect = http2.connect;
http2.connect = function (authority, options, listener) {
  const url = new URL(authority);
  if (!AWS_HOST.test(url.hostname)) return connect.call(this, authority, options, listener);
  return connect.call(this, endpoint.origin, typeof options === 'function' ? options : listener);
};

if (globalThis.fetch) {
  const fetch = globalThis.fetch;
  globalThis.fetch = function (input, init) {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = (init && init.headers) || (input instanceof Request && input.headers);
    if (!isForUs(url.hostname, headers)) return fetch(input, init);
    const to = new URL(url.pathname + url.search, endpoint);
    return fetch(input instanceof Request ? new Request(to, input) : to, init);
  };
}
syncBuiltinESMExports();
