/** The way to the server: one function sends everything, and knows what may happen on the way. */
import createClient from "openapi-fetch";
import { parseExact } from "./exact";
import { Problem, problemOf, Unreachable } from "./problem";
import type { paths } from "./schema";
import { began, type Session, session, signedInAgain } from "./session";
import { Store } from "./store";

const SESSION = "/api/v1/session";
const SAFE = new Set(["GET", "HEAD"]);
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const GATEWAY = new Set([502, 504]);

/** Whether the server answered last time. */
export const reachable = new Store(true);

/**
 * Sends a request. Resolves to a good answer; rejects with Problem, Unreachable or NotSignedIn.
 * A session that is over makes the request wait until somebody signs in, and then it is sent again.
 */
export function send(request: Request): Promise<Response> {
  return sent(request, false);
}

async function sent(request: Request, renewed: boolean): Promise<Response> {
  const again = request.clone();
  const response = await fetched(request);
  if (response.ok) {
    return response;
  }
  const atGate = request.url.endsWith(SESSION);
  if (response.status === UNAUTHORIZED && !atGate && session.get()) {
    await signedInAgain();
    return sent(again, renewed);
  }
  const problem = await problemOf(response);
  if (problem.status === FORBIDDEN && problem.code === "csrf" && !renewed) {
    began((await ask<Session>("GET", SESSION)).data);
    return sent(again, true);
  }
  throw problem;
}

async function fetched(request: Request): Promise<Response> {
  const csrf = session.get()?.csrf;
  if (csrf && !SAFE.has(request.method)) {
    request.headers.set("X-CSRF-Token", csrf);
  }
  if (!request.headers.has("Accept")) {
    request.headers.set("Accept", "application/json, application/problem+json");
  }
  try {
    const response = await fetch(request);
    reachable.set(!GATEWAY.has(response.status));
    return response;
  } catch (failure) {
    if (request.signal.aborted) {
      throw failure;
    }
    reachable.set(false);
    throw new Unreachable();
  }
}

/** The client that is typed by the server's own description; its errors are thrown by `send`. */
export const api = createClient<paths>({
  fetch: (request: Request) => send(request),
  headers: { Accept: "application/json, application/problem+json" },
});

/** The data of an answer of `api`. */
export async function data<T>(answered: Promise<{ data?: T }>): Promise<T> {
  return (await answered).data as T;
}

export interface Asking {
  query?: Record<string, string | number | boolean | undefined>;
  json?: unknown;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer<T> {
  data: T;
  headers: Headers;
  status: number;
}

/** Asks with JSON and reads JSON, exact numbers kept; what `api` has no types for goes this way. */
export async function ask<T>(
  method: string,
  path: string,
  asking: Asking = {},
): Promise<Answer<T>> {
  const response = await send(requestOf(method, path, asking));
  const text = await response.text();
  return {
    data: (text ? parseExact(text) : undefined) as T,
    headers: response.headers,
    status: response.status,
  };
}

/** Makes the request that `ask` sends; `send` takes it where the answer is no JSON. */
export function requestOf(method: string, path: string, asking: Asking = {}): Request {
  const { query, json, body, headers, signal } = asking;
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const address = given.length > 0 ? `${path}?${search}` : path;
  const sent = json === undefined ? body : JSON.stringify(json);
  return new Request(address, {
    method,
    credentials: "same-origin",
    headers: { ...(json === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    ...(sent === undefined ? {} : { body: sent }),
    ...(signal ? { signal } : {}),
  });
}

/** The address of something of a workflow: `at("orders", "tasks")`. */
export function at(workflow: string, ...parts: string[]): string {
  const path = parts.map(encodeURIComponent).join("/");
  return `/api/v1/workflows/${encodeURIComponent(workflow)}${path ? `/${path}` : ""}`;
}

export function isProblem(failure: unknown, status?: number): failure is Problem {
  return failure instanceof Problem && (status === undefined || failure.status === status);
}
