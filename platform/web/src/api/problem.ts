/** What went wrong, as the server tells it: every fault at once. */

export interface Fault {
  path: (string | number)[];
  key?: string | null;
  code: string;
  message: string;
  hint?: string | null;
}

/** Of a 412 and of an undo that comes too late: by field title. */
export type Conflicts = Record<string, { base: unknown; theirs: unknown; yours?: unknown }>;

interface Told {
  title?: string;
  detail?: string;
  code?: string;
  faults?: Fault[];
  conflicts?: Conflicts;
  error?: string;
  errors?: Record<string, string[]>;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: Fault[];
  readonly conflicts: Conflicts;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, told: Told, retryAfterSeconds: number | null = null) {
    super(told.detail ?? told.error ?? told.title ?? String(status));
    this.name = "Problem";
    this.status = status;
    this.code = told.code ?? "";
    this.faults = told.faults ?? faultsOf(told.errors);
    this.conflicts = told.conflicts ?? {};
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The faults of one field, told by its title or its key. */
  of(field: { id: string; name: string }): Fault[] {
    return this.faults.filter((fault) => fault.path[0] === field.name || fault.key === field.id);
  }
}

/** The server cannot be reached: nobody knows whether it took the request. */
export class Unreachable extends Error {
  constructor() {
    super("unreachable");
    this.name = "Unreachable";
  }
}

/** Nobody is signed in, and the one who was asked to sign in would not. */
export class NotSignedIn extends Error {
  constructor() {
    super("not signed in");
    this.name = "NotSignedIn";
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get("Retry-After"));
  const text = await response.text();
  return new Problem(response.status, toldIn(text), wait > 0 ? wait : null);
}

function toldIn(text: string): Told {
  try {
    const told: unknown = JSON.parse(text);
    return typeof told === "object" && told !== null ? told : {};
  } catch {
    return {};
  }
}

function faultsOf(errors: Record<string, string[]> | undefined): Fault[] {
  return Object.entries(errors ?? {}).flatMap(([name, messages]) =>
    messages.map((message) => ({
      path: name === "base" ? [] : [name],
      code: "invalid",
      message,
    })),
  );
}

/** One fault in a sentence. */
export function sentence(fault: Fault): string {
  return fault.hint ? `${fault.message}; ${fault.hint}` : fault.message;
}
