import createFetchClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import { Problem } from './problem';
import type { paths } from './schema';
import { scope } from './scope';

/** The keys of writes whose answer never came, so that doing the same again does it once. */
const unanswered = new Map<string, string>();

/** The version of each thing as it was last read, by its address. */
const versions = new Map<string, string>();

/** The version of a thing that was read before, for `If-Match`: of two people who change it the second learns of the first. */
export function versionOf(address: string): string | undefined {
  return versions.get(address);
}

async function fingerprint(request: Request): Promise<string> {
  return `${request.method} ${request.url} ${scope()} ${await request.clone().text()}`;
}

/** Adds what every call carries, and turns every failure into a `Problem`. */
const conventions: Middleware = {
  async onRequest({ request }) {
    request.headers.set('X-Entity-Scope', scope());
    if (request.method === 'POST') {
      const write = await fingerprint(request);
      const key = unanswered.get(write) ?? crypto.randomUUID();
      unanswered.set(write, key);
      request.headers.set('Idempotency-Key', key);
    }
    return request;
  },
  async onResponse({ request, response }) {
    const key = request.headers.get('Idempotency-Key');
    // Whatever the service answered is settled; only silence and its own trouble leave the outcome open.
    if (key !== null && response.status < 500) {
      for (const [write, known] of unanswered) if (known === key) unanswered.delete(write);
    }
    const version = response.headers.get('etag');
    if (version !== null) versions.set(new URL(request.url).pathname, version);
    if (!response.ok) throw await Problem.of(response);
  },
  onError({ error }) {
    return error instanceof Problem || (error instanceof DOMException && error.name === 'AbortError') ? (error as Error) : Problem.offline(error);
  },
};

/** The API, typed by its OpenAPI document. The one way out of the console. */
export const client = createFetchClient<paths>({ baseUrl: '/' });
client.use(conventions);

/** The same as queries and mutations. */
export const api = createQueryClient(client);
