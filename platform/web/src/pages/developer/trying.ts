/** Sends what somebody tries, with the session: an answer of any status is a result. */
import { requestOf, send } from "@/api/client";
import { Unreachable } from "@/api/problem";
import { session } from "@/api/session";
import { type Body, mediaOf } from "./call";

const UNAUTHORIZED = 401;
const SAFE = new Set(["GET", "HEAD"]);

export interface Attempt {
  method: string;
  address: string;
  body: string | null;
  media: string;
}

export interface Outcome {
  status: number;
  reason: string;
  headers: [string, string][];
  text: string;
  ms: number;
  bytes: number;
}

/** Rejects with Unreachable, or with NotSignedIn where nobody would sign in again. */
export async function tried(attempt: Attempt): Promise<Outcome> {
  const began = performance.now();
  const response = await fetched(attempt);
  if (response.status === UNAUTHORIZED) {
    // This waits until somebody has signed in again.
    await send(requestOf("GET", "/api/v1/workspace"));
    return tried(attempt);
  }
  const bytes = await response.arrayBuffer();
  return {
    status: response.status,
    reason: response.statusText,
    headers: [...response.headers].sort(([a], [b]) => a.localeCompare(b)),
    text: new TextDecoder().decode(bytes),
    ms: Math.round(performance.now() - began),
    bytes: bytes.byteLength,
  };
}

async function fetched({ method, address, body, media }: Attempt): Promise<Response> {
  const csrf = session.get()?.csrf;
  const headers = {
    Accept: "application/json, application/problem+json",
    ...(body === null ? {} : { "Content-Type": media }),
    ...(csrf && !SAFE.has(method) ? { "X-CSRF-Token": csrf } : {}),
  };
  try {
    // `send` would make a failure of a refusal, and this page is there to show refusals.
    return await fetch(address, { method, headers, body, credentials: "same-origin" });
  } catch {
    throw new Unreachable();
  }
}

export function mediaFor(body: Body | null): string {
  return body ? mediaOf(body) : "application/json";
}
