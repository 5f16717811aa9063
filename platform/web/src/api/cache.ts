/** The query cache: what the server said, kept while it is true. */
import { QueryClient } from "@tanstack/react-query";
import { Problem, Unreachable } from "./problem";

const RETRIES = 3;
const FRESH_MS = 15_000;
const TOO_MANY = 429;
const UNAVAILABLE = 503;

function worthRetrying(times: number, failure: Error): boolean {
  if (failure instanceof Unreachable) {
    return times < RETRIES;
  }
  const passing = failure instanceof Problem && [TOO_MANY, UNAVAILABLE].includes(failure.status);
  return passing && times < RETRIES;
}

function delayMs(times: number, failure: Error): number {
  const asked = failure instanceof Problem ? failure.retryAfterSeconds : null;
  return asked ? asked * 1000 : Math.min(1000 * 2 ** times, 8000);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always",
      staleTime: FRESH_MS,
      retry: worthRetrying,
      retryDelay: delayMs,
      refetchOnWindowFocus: true,
      throwOnError: false,
    },
    mutations: { networkMode: "always", retry: false },
  },
});
