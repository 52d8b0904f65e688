import type { Problem as ProblemBody } from './schema';

const PREFIX = 'urn:comptoir:problem:';

/** Why a request failed: the service's problem (RFC 9457), or that no answer came at all. */
export class Problem extends Error {
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The stable code, such as `permission_missing`; `offline` when no answer came. */
  readonly code: string;
  /** What is wrong with single fields. */
  readonly fields: ProblemBody['errors'];
  /** Name it when asking for help. */
  readonly requestId: string | undefined;
  /** Seconds to wait before trying again, where the service says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, detail: string, rest: Partial<Pick<Problem, 'fields' | 'requestId' | 'retryAfter'>> = {}) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.fields = rest.fields;
    this.requestId = rest.requestId;
    this.retryAfter = rest.retryAfter;
  }

  /** Whether asking again can help: no answer, or trouble on the service's side. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  static async of(response: Response): Promise<Problem> {
    const wait = Number(response.headers.get('retry-after'));
    const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : undefined;
    const requestId = response.headers.get('x-request-id') ?? undefined;
    if (!response.headers.get('content-type')?.startsWith('application/problem+json')) {
      return new Problem(response.status, 'unavailable', response.statusText, { requestId, retryAfter });
    }
    const body = (await response.json()) as ProblemBody;
    return new Problem(response.status, body.type.replace(PREFIX, ''), body.detail, {
      fields: body.errors,
      requestId: body.request_id,
      retryAfter,
    });
  }

  static offline(cause: unknown): Problem {
    return new Problem(0, 'offline', cause instanceof Error ? cause.message : 'no answer');
  }

  /** Whatever was thrown, as a problem. */
  static from(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown;
    return new Problem(-1, 'internal', thrown instanceof Error ? thrown.message : String(thrown));
  }
}
