// The AWS SDK for JavaScript v3 against Paddock, unchanged but for AWS_ENDPOINT_URL.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { connect } from 'node:http2';
import { after, before, test } from 'node:test';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import * as apigateway from '@aws-sdk/client-api-gateway';
import * as management from '@aws-sdk/client-apigatewaymanagementapi';
import * as apigatewayv2 from '@aws-sdk/client-apigatewayv2';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as db from '@aws-sdk/client-dynamodb';
import * as streams from '@aws-sdk/client-dynamodb-streams';
import * as iam from '@aws-sdk/client-iam';
import * as kinesis from '@aws-sdk/client-kinesis';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import * as sts from '@aws-sdk/client-sts';
import * as document from '@aws-sdk/lib-dynamodb';
import { Upload } from '@aws-sdk/lib-storage';
import { NodeHttp2Handler } from '@smithy/node-http-handler';

const EMPTY_ZIP = Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]);
const ROLE = 'arn:aws:iam::000000000000:role/lambda';
let paddock, url;

const freePort = () => new Promise(resolve => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

before(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  paddock = spawn(process.env.PADDOCK, ['--in-memory', '--port', port, '--log', 'warn'],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  Object.assign(process.env, { AWS_ENDPOINT_URL: url, AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  for (let i = 0; i < 1000; ++i) {
    try {
      if ((await fetch(`${url}/_paddock/ready`)).ok) return;
    } catch { /* not listening yet */ }
    await pause(10);
  }
  throw new Error('paddock is not ready');
});

after(() => paddock.kill());

const makeTable = async (client, TableName, more = {}) => {
  await client.send(new db.CreateTableCommand({
    TableName, BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }], ...more }));
  await db.waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 30 }, { TableName });
};

test('table, documents, conditional write and query', async () => {
  const client = new db.DynamoDBClient({});
  await makeTable(client, 'people');
  const documents = document.DynamoDBDocumentClient.from(client);
  const item = { id: 'ada', born: 1815, tags: new Set(['math', 'poetry']), bytes: Uint8Array.of(1, 2) };
  await documents.send(new document.PutCommand({ TableName: 'people', Item: item }));
  const got = await documents.send(new document.GetCommand({ TableName: 'people', Key: { id: 'ada' } }));
  assert.deepEqual(got.Item, item);
  await assert.rejects(
    documents.send(new document.PutCommand({ TableName: 'people', Item: item,
      ConditionExpression: 'attribute_not_exists(id)' })),
    db.ConditionalCheckFailedException);
  const found = await documents.send(new document.QueryCommand({ TableName: 'people',
    KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': 'ada' } }));
  assert.equal(found.Count, 1);
});

test('HTTP/2: many requests on one connection', async () => {
  const client = new db.DynamoDBClient({ requestHandler: new NodeHttp2Handler() });
  await makeTable(client, 'multiplexed');
  const ids = Array.from({ length: 100 }, (_, i) => `item-${i}`);
  const put = id => client.send(new db.PutItemCommand({ TableName: 'multiplexed',
    Item: { id: { S: id }, text: { S: id.repeat(1000) } } }));
  const get = id => client.send(new db.GetItemCommand({ TableName: 'multiplexed', Key: { id: { S: id } } }));
  await Promise.all(ids.map(put));
  const got = await Promise.all(ids.map(get));
  assert.deepEqual(got.map(answer => answer.Item.text.S), ids.map(id => id.repeat(1000)));
  await assert.rejects(client.send(new db.DescribeTableCommand({ TableName: 'none-here' })),
    db.ResourceNotFoundException);
  client.destroy();
});

test('HTTP/2: bodies both ways, resets and the end of a session', async () => {
  const session = connect(url);
  const signed = { 'x-amz-date': '20260101T000000Z', authorization: 'AWS4-HMAC-SHA256 ' +
    'Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0' };
  const ask = (headers, body) => new Promise((resolve, reject) => {
    const stream = session.request({ ...signed, ...headers });
    let head;
    const pieces = [];
    stream.on('response', received => { head = received; });
    stream.on('data', piece => pieces.push(piece));
    stream.on('end', () => resolve({ ...head, body: Buffer.concat(pieces) }));
    stream.on('error', reject);
    stream.end(body);
  });
  assert.equal((await ask({ ':method': 'PUT', ':path': '/over-http2' }))[':status'], 200);
  const bytes = Buffer.alloc(3_000_000, 'h2');
  const put = await ask({ ':method': 'PUT', ':path': '/over-http2/object', 'content-length': bytes.length,
    expect: '100-continue' }, bytes);
  assert.equal(put[':status'], 200);
  const broken = session.request({ ...signed, ':path': '/over-http2/object' });
  broken.on('error', () => {});
  broken.close(8);
  const got = await ask({ ':path': '/over-http2/object' });
  assert.equal(got.connection, undefined);
  assert.ok(got.body.equals(bytes));
  const head = await ask({ ':method': 'HEAD', ':path': '/over-http2/object' });
  assert.equal(head['content-length'], '3000000');
  await new Promise(resolve => session.close(resolve));
});

test('every error is typed', async () => {
  const client = new db.DynamoDBClient({});
  await assert.rejects(client.send(new db.DescribeTableCommand({ TableName: 'none-here' })),
    db.ResourceNotFoundException);
  await assert.rejects(client.send(new db.CreateGlobalTableCommand({
    GlobalTableName: 'things', ReplicationGroup: [{ RegionName: 'us-east-1' }] })), error => {
    assert.notEqual(error.name, 'Unknown');
    assert.equal(error.$metadata.httpStatusCode, 501);
    assert.match(error.message, /CreateGlobalTable/);
    return true;
  });
  await assert.rejects(
    new lambda.LambdaClient({}).send(new lambda.GetFunctionCommand({ FunctionName: 'none-here' })),
    lambda.ResourceNotFoundException);
  await assert.rejects(new iam.IAMClient({}).send(new iam.GetRoleCommand({ RoleName: 'none-here' })),
    iam.NoSuchEntityException);
  await assert.rejects(
    new apigateway.APIGatewayClient({}).send(new apigateway.GetRestApiCommand({ restApiId: 'none' })),
    apigateway.NotFoundException);
  await assert.rejects(
    new logs.CloudWatchLogsClient({}).send(new logs.GetLogEventsCommand(
      { logGroupName: 'none', logStreamName: 'none' })),
    logs.ResourceNotFoundException);
});

test('stream', async () => {
  const client = new db.DynamoDBClient({});
  await makeTable(client, 'streamed',
    { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } });
  await client.send(new db.PutItemCommand({ TableName: 'streamed', Item: { id: { S: 'x' } } }));
  const reader = new streams.DynamoDBStreamsClient({});
  const { Table } = await client.send(new db.DescribeTableCommand({ TableName: 'streamed' }));
  const StreamArn = Table.LatestStreamArn;
  const { StreamDescription } = await reader.send(new streams.DescribeStreamCommand({ StreamArn }));
  const { ShardIterator } = await reader.send(new streams.GetShardIteratorCommand({ StreamArn,
    ShardId: StreamDescription.Shards[0].ShardId, ShardIteratorType: 'TRIM_HORIZON' }));
  const { Records } = await reader.send(new streams.GetRecordsCommand({ ShardIterator }));
  assert.deepEqual(Records.map(record => record.eventName), ['INSERT']);
  assert.ok(Records[0].dynamodb.ApproximateCreationDateTime instanceof Date);
});

test('function, its log, its identity', async () => {
  const client = new lambda.LambdaClient({});
  await client.send(new lambda.CreateFunctionCommand({ FunctionName: 'count', Role: ROLE,
    Runtime: 'provided.al2023', Handler: 'pageviews-processor', Code: { ZipFile: EMPTY_ZIP } }));
  await lambda.waitUntilFunctionActiveV2({ client, minDelay: 1, maxWaitTime: 30 }, { FunctionName: 'count' });
  const answer = await client.send(new lambda.InvokeCommand({ FunctionName: 'count',
    Payload: JSON.stringify({ Records: [] }), LogType: 'Tail' }));
  assert.equal(answer.StatusCode, 200);
  assert.match(Buffer.from(answer.LogResult, 'base64').toString(), /REPORT RequestId/);
  const identity = await new sts.STSClient({}).send(new sts.GetCallerIdentityCommand({}));
  assert.equal(identity.Account, '000000000000');
});

test('live tail shows events as they are written', async () => {
  // The SDK would put "streaming-" before the host's name.
  const client = new logs.CloudWatchLogsClient({ disableHostPrefix: true });
  const names = { logGroupName: 'tailed', logStreamName: 's' };
  await client.send(new logs.CreateLogGroupCommand({ logGroupName: 'tailed' }));
  await client.send(new logs.CreateLogStreamCommand(names));
  const { responseStream } = await client.send(new logs.StartLiveTailCommand({
    logGroupIdentifiers: ['arn:aws:logs:us-east-1:000000000000:log-group:tailed'],
    logEventFilterPattern: '{ $.level = "ERROR" }' }));
  const seen = [];
  for await (const event of responseStream) {
    if (event.sessionStart) {
      assert.equal(event.sessionStart.logEventFilterPattern, '{ $.level = "ERROR" }');
      await client.send(new logs.PutLogEventsCommand({ ...names, logEvents: [
        { timestamp: Date.now(), message: '{"level":"INFO"}' },
        { timestamp: Date.now(), message: '{"level":"ERROR"}' }] }));
    } else {
      seen.push(...event.sessionUpdate.sessionResults);
    }
    if (seen.length) break;
  }
  assert.deepEqual(seen.map(one => one.message), ['{"level":"ERROR"}']);
  assert.equal(seen[0].logStreamName, 's');
  client.destroy();
});

test('versions, aliases and layers', async () => {
  const client = new lambda.LambdaClient({});
  const FunctionName = 'versioned';
  const limits = { client, minDelay: 1, maxWaitTime: 30 };
  await client.send(new lambda.CreateFunctionCommand({ FunctionName, Role: ROLE,
    Runtime: 'java21', Handler: 'a.B', Code: { ZipFile: EMPTY_ZIP } }));
  await lambda.waitUntilFunctionActiveV2(limits, { FunctionName });
  const first = await client.send(new lambda.PublishVersionCommand({ FunctionName }));
  assert.equal(first.Version, '1');
  const layer = await client.send(new lambda.PublishLayerVersionCommand({ LayerName: 'common',
    Content: { ZipFile: EMPTY_ZIP }, CompatibleArchitectures: ['x86_64'] }));
  assert.equal(layer.Version, 1);
  await client.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName,
    Layers: [layer.LayerVersionArn] }));
  await lambda.waitUntilFunctionUpdatedV2(limits, { FunctionName });
  await client.send(new lambda.PublishVersionCommand({ FunctionName }));
  const alias = await client.send(new lambda.CreateAliasCommand({ FunctionName, Name: 'live',
    FunctionVersion: '1', RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } } }));
  assert.deepEqual(alias.RoutingConfig, { AdditionalVersionWeights: { 2: 0.25 } });
  const read = await client.send(new lambda.GetFunctionCommand({ FunctionName, Qualifier: 'live' }));
  assert.equal(read.Configuration.FunctionArn, alias.AliasArn);
  assert.equal(read.Configuration.Version, '1');
  const versions = [];
  for await (const page of lambda.paginateListVersionsByFunction({ client, pageSize: 2 },
    { FunctionName })) versions.push(...page.Versions.map(version => version.Version));
  assert.deepEqual(versions, ['$LATEST', '1', '2']);
  await assert.rejects(client.send(new lambda.UpdateAliasCommand({ FunctionName, Name: 'live',
    RevisionId: 'other' })), lambda.PreconditionFailedException);
  await assert.rejects(client.send(new lambda.GetProvisionedConcurrencyConfigCommand({ FunctionName,
    Qualifier: '1' })), lambda.ProvisionedConcurrencyConfigNotFoundException);
});

test('REST API from a document, exported again, with models and keys', async () => {
  const api = new apigateway.APIGatewayClient({});
  const body = Buffer.from(JSON.stringify({ openapi: '3.0.1', info: { title: 'js', version: '1' },
    paths: { '/pets': { post: {
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } } },
      responses: { 200: { description: 'ok' } },
      'x-amazon-apigateway-integration': { type: 'mock',
        requestTemplates: { 'application/json': '{"statusCode": 200}' } } } } },
    components: { schemas: { Pet: { type: 'object' } } } }));
  const { id: restApiId } = await api.send(new apigateway.ImportRestApiCommand(
    { body, parameters: { basepath: 'prepend' } }));
  const model = await api.send(new apigateway.GetModelCommand({ restApiId, modelName: 'Pet' }));
  assert.deepEqual(JSON.parse(model.schema), { type: 'object' });
  await api.send(new apigateway.CreateDeploymentCommand({ restApiId, stageName: 'dev' }));
  const exported = await api.send(new apigateway.GetExportCommand({ restApiId, stageName: 'dev',
    exportType: 'swagger', parameters: { extensions: 'apigateway' }, accepts: 'application/json' }));
  const document = JSON.parse(Buffer.from(exported.body).toString());
  assert.equal(document.paths['/pets'].post['x-amazon-apigateway-integration'].type, 'mock');
  const again = await api.send(new apigateway.PutRestApiCommand(
    { restApiId, mode: 'overwrite', body: exported.body }));
  assert.equal(again.name, 'js');
  const key = await api.send(new apigateway.CreateApiKeyCommand({ name: 'k', enabled: true }));
  assert.equal(key.value.length, 40);
  assert.ok(key.createdDate instanceof Date);
  await assert.rejects(api.send(new apigateway.GetAuthorizersCommand({ restApiId: 'none' })),
    apigateway.NotFoundException);
});

// A function that comes with Paddock, and its table.
async function functionWithTable(client, name, handler) {
  await new db.DynamoDBClient({}).send(new db.CreateTableCommand({ TableName: name,
    BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'ID', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'ID', AttributeType: 'S' }] }));
  await client.send(new lambda.CreateFunctionCommand({ FunctionName: name, Role: ROLE,
    Runtime: 'provided.al2023', Handler: handler, Code: { ZipFile: EMPTY_ZIP },
    Environment: { Variables: { TABLE_NAME: name } } }));
}

test('streamed answer', async () => {
  const client = new lambda.LambdaClient({});
  await functionWithTable(client, 'streamer', 'pageviews-processor');
  const answer = await client.send(new lambda.InvokeWithResponseStreamCommand({
    FunctionName: 'streamer', Payload: JSON.stringify({ Records: [] }), LogType: 'Tail' }));
  let text = '', complete;
  for await (const event of answer.EventStream) {
    if (event.PayloadChunk) text += Buffer.from(event.PayloadChunk.Payload).toString();
    if (event.InvokeComplete) complete = event.InvokeComplete;
  }
  assert.equal(answer.ExecutedVersion, '$LATEST');
  assert.ok(JSON.parse(text) !== undefined);
  assert.equal(complete.ErrorCode, undefined);
  assert.match(Buffer.from(complete.LogResult, 'base64').toString(), /REPORT RequestId/);
});

test('function URL and event invoke config', async () => {
  const client = new lambda.LambdaClient({});
  await functionWithTable(client, 'shop', 'pageviews-hello');
  const { FunctionUrl } = await client.send(new lambda.CreateFunctionUrlConfigCommand({
    FunctionName: 'shop', AuthType: 'NONE' }));
  const id = new URL(FunctionUrl).hostname.split('.')[0];
  const answer = await fetch(`${url}/_aws/lambda-url/${id}/`);
  assert.equal(answer.status, 200, await answer.clone().text());
  const config = await client.send(new lambda.PutFunctionEventInvokeConfigCommand({
    FunctionName: 'shop', MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 }));
  assert.ok(config.LastModified instanceof Date);
  await assert.rejects(client.send(new lambda.GetFunctionEventInvokeConfigCommand({
    FunctionName: 'none-here' })), lambda.ResourceNotFoundException);
});

test('REST API with a proxy integration, by path', async () => {
  const api = new apigateway.APIGatewayClient({});
  const { id, rootResourceId } = await api.send(new apigateway.CreateRestApiCommand({ name: 'js' }));
  const functions = new lambda.LambdaClient({});
  const created = await functions.send(new lambda.CreateFunctionCommand({ FunctionName: 'page',
    Role: ROLE, Runtime: 'provided.al2023', Handler: 'pageviews-hello', Code: { ZipFile: EMPTY_ZIP },
    Environment: { Variables: { TABLE_NAME: 'people' } } }));
  const method = { restApiId: id, resourceId: rootResourceId, httpMethod: 'GET' };
  await api.send(new apigateway.PutMethodCommand({ ...method, authorizationType: 'NONE' }));
  await api.send(new apigateway.PutIntegrationCommand({ ...method, type: 'AWS_PROXY',
    integrationHttpMethod: 'POST', uri: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/' +
      `${created.FunctionArn}/invocations` }));
  await api.send(new apigateway.CreateDeploymentCommand({ restApiId: id, stageName: 'dev' }));
  const answer = await fetch(`${url}/restapis/${id}/dev/_user_request_/`);
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.ok((await answer.json()).message);
});

test('HTTP API of one command, and a connection that has gone', async () => {
  const functions = new lambda.LambdaClient({});
  const created = await functions.send(new lambda.CreateFunctionCommand({ FunctionName: 'quick',
    Role: ROLE, Runtime: 'provided.al2023', Handler: 'pageviews-hello', Code: { ZipFile: EMPTY_ZIP },
    Environment: { Variables: { TABLE_NAME: 'people' } } }));
  const client = new apigatewayv2.ApiGatewayV2Client({});
  const api = await client.send(new apigatewayv2.CreateApiCommand({ Name: 'quick',
    ProtocolType: 'HTTP', Target: created.FunctionArn, CorsConfiguration: { AllowOrigins: ['*'] } }));
  assert.ok(api.CreatedDate instanceof Date);
  const { Items } = await client.send(new apigatewayv2.GetRoutesCommand({ ApiId: api.ApiId }));
  assert.deepEqual(Items.map(route => route.RouteKey), ['$default']);
  const answer = await fetch(`${url}/_aws/execute-api/${api.ApiId}/any`, { headers: { Origin: 'http://x' } });
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  await assert.rejects(new management.ApiGatewayManagementApiClient({ endpoint: url }).send(
    new management.PostToConnectionCommand({ ConnectionId: 'L0SM9cOFvHcCIhw=', Data: 'x' })),
  { name: 'GoneException' });
});

test('Kinesis over HTTP/2, as this client always talks to it, with a subscription', async () => {
  const client = new kinesis.KinesisClient({});
  const StreamName = 'rides';
  await client.send(new kinesis.CreateStreamCommand({ StreamName, ShardCount: 2 }));
  const put = await client.send(new kinesis.PutRecordsCommand({ StreamName,
    Records: [...Array(20).keys()].map(i => ({ PartitionKey: `k${i}`, Data: Buffer.from(`r${i}`) })) }));
  assert.equal(put.FailedRecordCount, 0);
  const { Shards } = await client.send(new kinesis.ListShardsCommand({ StreamName }));
  const seen = [];
  for (const { ShardId } of Shards) {
    const { ShardIterator } = await client.send(new kinesis.GetShardIteratorCommand({ StreamName,
      ShardId, ShardIteratorType: 'TRIM_HORIZON' }));
    const { Records } = await client.send(new kinesis.GetRecordsCommand({ ShardIterator }));
    seen.push(...Records.map(({ Data }) => Buffer.from(Data).toString()));
  }
  assert.deepEqual(seen.sort(), [...Array(20).keys()].map(i => `r${i}`).sort());
  const { StreamDescriptionSummary: { StreamARN } } = await client.send(
    new kinesis.DescribeStreamSummaryCommand({ StreamName }));
  const { Consumer: { ConsumerARN } } = await client.send(
    new kinesis.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'js' }));
  const { ShardId } = await client.send(new kinesis.PutRecordCommand({ StreamName,
    PartitionKey: 'k', Data: Buffer.from('before') }));
  const { EventStream } = await client.send(new kinesis.SubscribeToShardCommand({ ConsumerARN,
    ShardId, StartingPosition: { Type: 'LATEST' } }));
  const arrived = (async () => {
    for await (const { SubscribeToShardEvent: event } of EventStream) {
      if (event?.Records.length) return event.Records.map(({ Data }) => Buffer.from(Data).toString());
    }
  })();
  await client.send(new kinesis.PutRecordCommand({ StreamName, PartitionKey: 'k',
    Data: Buffer.from('live') }));
  assert.deepEqual(await arrived, ['live']);
  await assert.rejects(client.send(new kinesis.DescribeStreamSummaryCommand({ StreamName: 'none' })),
    kinesis.ResourceNotFoundException);
  client.destroy();
});

test('queues: digests that the client checks, batches, a consumer that loops', async () => {
  const client = new sqs.SQSClient({});
  const { QueueUrl } = await client.send(new sqs.CreateQueueCommand({ QueueName: 'jobs' }));
  assert.equal(QueueUrl, `${url}/000000000000/jobs`);
  await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'first',
    MessageAttributes: { raw: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) } } }));
  const Entries = [...Array(9).keys()].map(i => ({ Id: `${i}`, MessageBody: `m${i}` }));
  const sent = await client.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }));
  assert.equal(sent.Successful.length, 9);
  const bodies = new Set();
  while (bodies.size < 10) {
    const { Messages = [] } = await client.send(new sqs.ReceiveMessageCommand({ QueueUrl,
      MaxNumberOfMessages: 3, WaitTimeSeconds: 5, MessageAttributeNames: ['All'] }));
    for (const message of Messages) {
      bodies.add(message.Body);
      if (message.Body === 'first') {
        assert.deepEqual([...message.MessageAttributes.raw.BinaryValue], [0, 255]);
      }
      await client.send(new sqs.DeleteMessageCommand({ QueueUrl,
        ReceiptHandle: message.ReceiptHandle }));
    }
  }
  await assert.rejects(client.send(new sqs.GetQueueUrlCommand({ QueueName: 'none' })),
    error => error instanceof sqs.QueueDoesNotExist);
});

test('S3 objects with the checksums of 2025, from buffers and streams', async () => {
  const client = new s3.S3Client({});
  const Bucket = 'js-objects';
  await client.send(new s3.CreateBucketCommand({ Bucket }));
  const put = await client.send(new s3.PutObjectCommand({ Bucket, Key: 'a b/\u00fc+', Body: 'hello',
    Metadata: { colour: 'blue' } }));
  assert.equal(put.ChecksumCRC32, 'NhCmhg==');
  const read = await client.send(new s3.GetObjectCommand({ Bucket, Key: 'a b/\u00fc+' }));
  assert.equal(await read.Body.transformToString(), 'hello');
  assert.deepEqual(read.Metadata, { colour: 'blue' });
  // Of a stream nothing is known in advance but what is said here: aws-chunked, with a trailer.
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'stream', ContentLength: 10,
    Body: Readable.from([Buffer.from('01234'), Buffer.from('56789')]) }));
  const part = await client.send(new s3.GetObjectCommand({ Bucket, Key: 'stream', Range: 'bytes=3-5' }));
  assert.equal(await part.Body.transformToString(), '345');
  const { Contents } = await client.send(new s3.ListObjectsV2Command({ Bucket }));
  assert.deepEqual(Contents.map(entry => entry.Key), ['a b/\u00fc+', 'stream']);
  await assert.rejects(client.send(new s3.PutObjectCommand({ Bucket, Key: 'stream', Body: 'x',
    IfNoneMatch: '*' })), { name: 'PreconditionFailed' });
  await assert.rejects(client.send(new s3.GetObjectCommand({ Bucket, Key: 'none' })), s3.NoSuchKey);
  const gone = await client.send(new s3.DeleteObjectsCommand({ Bucket,
    Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } }));
  assert.equal(gone.Deleted.length, 2);
});

test('S3 uploads in parts', async () => {
  const client = new s3.S3Client({});
  const Bucket = 'js-uploads';
  await client.send(new s3.CreateBucketCommand({ Bucket }));
  const body = Buffer.alloc(11 * 1024 * 1024, 'paddock');
  const done = await new Upload({ client, params: { Bucket, Key: 'big', Body: Readable.from(
    [body.subarray(0, 7_000_000), body.subarray(7_000_000)]) } }).done();
  assert.match(done.ETag, /-3"$/);
  const read = await client.send(new s3.GetObjectCommand({ Bucket, Key: 'big' }));
  assert.ok(body.equals(Buffer.from(await read.Body.transformToByteArray())));
  const second = await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'big', PartNumber: 2 }));
  assert.equal(second.PartsCount, 3);
});
