// The least that answers a call on Node: reads the request, sends constant JSON of BODY. Prints its port.
import { createServer } from 'node:http';

const body = process.env.BODY ?? '{}';
const headers = {
  'content-type': 'application/json;charset=utf-8',
  'content-length': Buffer.byteLength(body),
};

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, headers).end(body));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
