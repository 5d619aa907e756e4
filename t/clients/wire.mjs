// What a client that is a process of its own says to the server, for who can only watch from the
// outside: the client is pointed to a port here, and everything that it sends is kept and passed on.

import { once } from 'node:events';
import { createServer, request } from 'node:http';

// Listens before the server at `base`. Gives {url, sent, close}; `sent` grows by an entry
// {method, path, headers, body} for each request.
export async function tap(base) {
  const sent = [];

  const listener = createServer(async (asked, answer) => {
    const chunks = [];
    for await (const chunk of asked) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    sent.push({
      method: asked.method,
      path: asked.url,
      headers: new Headers(asked.headers),
      body: body.length > 0 ? JSON.parse(body) : undefined,
    });

    const onward = request(new URL(asked.url, base), { method: asked.method, headers: asked.headers });
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode, response.rawHeaders);
      response.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    onward.end(body);
  });

  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    sent,
    close() {
      listener.close();
      listener.closeAllConnections();
    },
  };
}

// The revision that the last message to the server named; in the legacy era the first one names none.
export function revisionOf(sent) {
  const name = 'mcp-protocol-version';
  return sent.findLast(({ headers }) => headers.has(name))?.headers.get(name);
}
