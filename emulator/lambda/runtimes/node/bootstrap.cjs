// A runtime for functions in Node.js: asks the Runtime API for invocations and runs the handler.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
'use strict';

const fs = require('fs');
const http = require('http');
const net = require('net');
const path = require('path');
const { Writable } = require('stream');
const { pathToFileURL } = require('url');
const util = require('util');

const [HOST, PORT] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const PREFIX = '/2018-06-01/runtime/';
const STREAMS = Symbol('the handler writes to a stream');
const request = http.request;  // whatever a function does to it
let current;  // the request id of the invocation that runs

// ---- output ------------------------------------------------------------------------------------

function writeAll(fd, text) {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(fs.writeSync(fd, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

// One event of the log per call: '\r' stands for the newlines within.
function writeLine(level, text) {
  const folded = text.replace(/\r?\n/g, '\r');
  writeAll(1, `${new Date().toISOString()}\t${current}\t${level}\t${folded}\n`);
}

const JSON_LOGS = (process.env.AWS_LAMBDA_LOG_FORMAT || '').toUpperCase() === 'JSON';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const LEAST_LEVEL = JSON_LOGS
  ? Math.max(LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL || '').toUpperCase()), 0) : 0;

function errorMembers(error) {
  return { errorType: (error.constructor && error.constructor.name) || 'UnknownError',
    errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [] };
}

// One value is kept as it is, several become a text.
function writeJson(level, args) {
  const line = { timestamp: new Date().toISOString(), level, requestId: current };
  const plain = (key, value) => (value instanceof Error ? { ...errorMembers(value), ...value }
    : value);
  let text;
  if (args.length === 1) {
    try {
      text = JSON.stringify({ ...line, message: args[0] }, plain);
    } catch {
      text = undefined;  // of a circle, for example
    }
  }
  if (text === undefined) {
    const error = args.find(value => value instanceof Error);
    text = JSON.stringify({ ...line, message: util.format(...args),
      ...(error ? errorMembers(error) : {}) });
  }
  writeAll(1, `${text}\n`);
}

for (const [name, level] of Object.entries({ log: 'INFO', info: 'INFO', debug: 'DEBUG',
  warn: 'WARN', error: 'ERROR', trace: 'TRACE' })) {
  console[name] = (...args) => {
    if (LEVELS.indexOf(level) < LEAST_LEVEL) return;
    if (JSON_LOGS) writeJson(level, args);
    else writeLine(level, util.format(...args));
  };
}

// ---- errors ------------------------------------------------------------------------------------

class RuntimeError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

function isError(value) {
  return util.types.isNativeError(value) ||
    Boolean(value && value.name && value.message && value.stack);
}

function errorDocument(error) {
  try {
    if (isError(error)) {
      return { errorType: error.name, errorMessage: error.message,
        trace: String(error.stack || '').split('\n') };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return { errorType: 'handled', errorMessage: 'callback called with Error argument, but there ' +
      'was a problem while retrieving one or more of its message, name, and stack' };
  }
}

function logError(what, error) {
  if (JSON_LOGS) return writeJson('ERROR', isError(error) ? [error] : [what, error]);
  const { errorType, errorMessage, trace } = errorDocument(error);
  let told = { errorType, errorMessage };
  if (isError(error)) {
    told = { ...told, ...(error.code ? { code: error.code } : {}), ...error, stack: trace };
  }
  let text;
  try {
    text = JSON.stringify(told);
  } catch {
    text = util.inspect(told);
  }
  writeLine('ERROR', `${what} \t${text}`);
}

// ---- the Runtime API ---------------------------------------------------------------------------

// One connection, on which requests may follow each other before the answers are there. Node's own
// client takes as long as the rest of an invocation.
class Connection {
  constructor() {
    this.waiting = [];
    this.pieces = [];
    this.size = 0;
    this.needed = 1;
    this.socket = net.connect(Number(PORT), HOST);
    this.socket.setNoDelay(true);
    this.socket.on('data', piece => this.take(piece));
    const end = error => {
      const failure = error || new Error('The Runtime API has closed the connection');
      for (const { reject } of this.waiting.splice(0)) reject(failure);
    };
    this.socket.on('error', end);
    this.socket.on('close', () => end());
  }
  call(method, target, headers, body) {
    const lines = Object.entries({ Host: `${HOST}:${PORT}`, ...headers,
      ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }) });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.socket.ref();
      this.socket.write(`${method} ${PREFIX}${target} HTTP/1.1\r\n${head}\r\n${body || ''}`);
    });
  }
  take(piece) {
    this.pieces.push(piece);
    this.size += piece.length;
    if (this.size < this.needed) return;
    let bytes = Buffer.concat(this.pieces);
    for (;;) {
      const end = bytes.indexOf('\r\n\r\n');
      this.needed = bytes.length + 1;
      if (end < 0) break;
      const [first, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
      const headers = {};
      for (const line of lines) {
        const colon = line.indexOf(':');
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      }
      const total = end + 4 + Number(headers['content-length'] || 0);
      if (bytes.length < total) {
        this.needed = total;
        break;
      }
      this.waiting.shift().resolve({ status: Number(first.split(' ')[1]), headers,
        body: bytes.toString('utf8', end + 4, total) });
      bytes = bytes.subarray(total);
    }
    this.pieces = [bytes];
    this.size = bytes.length;
    // While a handler runs, nothing of ours keeps the process from being idle.
    if (this.waiting.length === 0) this.socket.unref();
  }
}

const api = new Connection();
const call = (...args) => api.call(...args);

function errorHeaders(error, document) {
  const cause = { working_directory: process.cwd(), exceptions: [{ type: document.errorType,
    message: document.errorMessage, stack: [] }], paths: [] };
  const text = JSON.stringify(cause).replace(/[\u0080-\uffff]/g,
    c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
  const type = String(document.errorType).replace(/[^\x20-\x7e]/g, '?');
  return { 'Content-Type': 'application/json', 'Lambda-Runtime-Function-Error-Type': type,
    ...(text.length < 16384 ? { 'Lambda-Runtime-Function-XRay-Error-Cause': text } : {}) };
}

function postError(target, error) {
  const document = errorDocument(error);
  return call('POST', target, errorHeaders(error, document), JSON.stringify(document));
}

// ---- the handler -------------------------------------------------------------------------------

function importFailure(error) {
  if (error instanceof SyntaxError) {
    const failure = new RuntimeError('Runtime.UserCodeSyntaxError', String(error));
    failure.stack = error.stack;
    return failure;
  }
  if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')) {
    const failure = new RuntimeError('Runtime.ImportModuleError', String(error));
    failure.stack = `Runtime.ImportModuleError: ${error.stack}`;
    return failure;
  }
  return error;
}

// CommonJS first; what only `import` takes is imported.
async function loadFile(file) {
  if (file.endsWith('.mjs')) return import(pathToFileURL(file).href);
  try {
    return require(file);
  } catch (error) {
    const esm = error && (error.code === 'ERR_REQUIRE_ESM' ||
      (error instanceof SyntaxError && /import statement|Unexpected token 'export'|await is only/
        .test(error.message)));
    if (!esm || file.endsWith('.cjs')) throw error;
    return import(pathToFileURL(file).href);
  }
}

async function loadModule(root, folder, name) {
  const base = path.resolve(root, folder, name);
  for (const ending of ['', '.js', '.mjs', '.cjs']) {
    const file = base + ending;
    if (fs.existsSync(file) && fs.statSync(file).isFile()) return loadFile(file);
  }
  return loadFile(require.resolve(name, { paths: [path.resolve(root, folder), root] }));
}

async function loadHandler(root, text) {
  if (text.includes('..')) {
    throw new RuntimeError('Runtime.MalformedHandlerName', `'${text}' is not a valid handler ` +
      'name. Use absolute paths when specifying root directories in handler names.');
  }
  const parts = /^([^.]*)\.(.+)$/.exec(path.basename(text));
  if (!parts) throw new RuntimeError('Runtime.MalformedHandlerName', 'Bad handler');
  const folder = text.slice(0, text.length - path.basename(text).length);
  let found;
  try {
    found = await loadModule(root, folder, parts[1]);
    if (found.default && !(parts[2].split('.')[0] in found)) found = found.default;
  } catch (error) {
    throw importFailure(error);
  }
  const handler = parts[2].split('.').reduce((object, name) => object && object[name], found);
  if (!handler) {
    throw new RuntimeError('Runtime.HandlerNotFound', `${text} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw new RuntimeError('Runtime.HandlerNotFound', `${text} is not a function`);
  }
  return handler;
}

// ---- streamed answers --------------------------------------------------------------------------

const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type';
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body';

class ResponseStream extends Writable {
  constructor(id) {
    super();
    this.id = id;
    this.contentType = 'application/octet-stream';
    this.answered = new Promise((resolve, reject) => { this.settle = { resolve, reject }; });
  }
  setContentType(type) {
    this.contentType = type;
  }
  open() {
    if (this.sent) return this.sent;
    this.sent = request({ host: HOST, port: PORT, method: 'POST',
      path: `${PREFIX}invocation/${this.id}/response`,
      headers: { 'Content-Type': this.contentType, 'Transfer-Encoding': 'chunked',
        'Lambda-Runtime-Function-Response-Mode': 'streaming',
        Trailer: `${ERROR_TYPE}, ${ERROR_BODY}` } }, answer => {
      answer.resume();
      answer.on('end', this.settle.resolve);
    });
    this.sent.on('error', this.settle.reject);
    if (this._onBeforeFirstWrite) this._onBeforeFirstWrite(piece => this.sent.write(piece));
    return this.sent;
  }
  _write(piece, encoding, done) {
    this.open().write(piece, encoding, done);
  }
  _final(done) {
    this.open().end(done);
  }
  // What came before stays sent; the trailers tell of the error.
  fail(error) {
    const document = errorDocument(error);
    this.open().addTrailers({ [ERROR_TYPE]: String(document.errorType).replace(/[^\x20-\x7e]/g, '?'),
      [ERROR_BODY]: Buffer.from(JSON.stringify(document)).toString('base64') });
    this.sent.end();
  }
}

globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMS] = true;
    return handler;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType('application/vnd.awslambda.http-integration-response');
      stream._onBeforeFirstWrite = write => {
        write(JSON.stringify(prelude));
        write(Buffer.alloc(8));
      };
      return stream;
    },
  },
};

async function runStreaming(handler, event, context, id) {
  const stream = new ResponseStream(id);
  try {
    await handler(event, stream, context);
    if (!stream.writableEnded) stream.end();
  } catch (error) {
    logError('Invoke Error', error);
    if (!stream.sent) return postError(`invocation/${id}/error`, error);
    stream.fail(error);
  }
  return stream.answered;
}

// ---- one invocation ----------------------------------------------------------------------------

function contextOf(headers, waiting) {
  const parse = name => (headers[name] ? JSON.parse(headers[name]) : undefined);
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    identity: parse('lambda-runtime-cognito-identity'),
    clientContext: parse('lambda-runtime-client-context'),
    getRemainingTimeInMillis: () => deadline - Date.now(),
    get callbackWaitsForEmptyEventLoop() { return waiting.forEmptyLoop; },
    set callbackWaitsForEmptyEventLoop(value) { waiting.forEmptyLoop = Boolean(value); },
  };
}

// How the handler ended: {error} or {result}. The callback's answer waits until nothing is left to
// do, unless the context says otherwise; that of a promise or of `context.done` does not.
function outcomeOf(handler, event, context, waiting) {
  return new Promise(resolve => {
    let told;
    const idle = () => finish(told || { result: null });
    const finish = outcome => {
      process.removeListener('beforeExit', idle);
      resolve(outcome);
    };
    const callback = (error, result) => {
      if (told) return;
      told = error !== undefined && error !== null ? { error } : { result };
      if (!waiting.forEmptyLoop) finish(told);
    };
    const done = (error, result) => {
      waiting.forEmptyLoop = false;
      callback(error, result);
      finish(told);
    };
    Object.assign(context, { done, succeed: result => done(null, result),
      fail: error => done(error === undefined || error === null ? 'handled' : error) });
    process.on('beforeExit', idle);
    try {
      const returned = handler(event, context, callback);
      if (returned && typeof returned.then === 'function') {
        returned.then(result => finish({ result }), error => finish({ error }));
      }
    } catch (error) {
      finish({ error });
    }
  });
}

function serialise(result) {
  try {
    const text = JSON.stringify(result === undefined ? null : result);
    return text === undefined ? 'null' : text;
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

async function runOnce(handler) {
  const next = await call('GET', 'invocation/next', {});
  if (next.status !== 200) throw new Error(`The Runtime API answered ${next.status}`);
  const id = next.headers['lambda-runtime-aws-request-id'];
  current = id;
  process.env._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'] || '';
  const waiting = { forEmptyLoop: true };
  const context = contextOf(next.headers, waiting);
  const event = JSON.parse(next.body);
  if (handler[STREAMS]) return runStreaming(handler, event, context, id);
  const outcome = await outcomeOf(handler, event, context, waiting);
  let body;
  try {
    if ('error' in outcome) throw outcome.error;
    body = serialise(outcome.result);
  } catch (error) {
    logError('Invoke Error', error);
    return postError(`invocation/${id}/error`, error);
  }
  // Its answer comes before that of the `next` that follows.
  call('POST', `invocation/${id}/response`, { 'Content-Type': 'application/json' }, body)
    .catch(() => {});
}

// What nobody caught ends the process, as in Lambda; the invocation is told first.
function fatal(what, error, status) {
  logError(what, error);
  const told = current ? postError(`invocation/${current}/error`, error)
    : postError('init/error', error);
  told.catch(() => {}).then(() => process.exit(status));
}

async function main() {
  process.on('uncaughtException', error => fatal('Uncaught Exception', error, 129));
  process.on('unhandledRejection', reason => {
    const error = new RuntimeError('Runtime.UnhandledPromiseRejection', String(
      isError(reason) ? `${reason.name}: ${reason.message}` : reason));
    if (isError(reason)) error.stack = `Runtime.UnhandledPromiseRejection: ${reason.stack}`;
    fatal('Unhandled Promise Rejection', error, 128);
  });
  let handler;
  try {
    handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  } catch (error) {
    logError('Uncaught Exception', error);
    await postError('init/error', error);
    process.exit(1);
  }
  for (;;) await runOnce(handler);
}

main().catch(error => {
  writeAll(2, `${error.stack}\n`);
  process.exit(1);
});
