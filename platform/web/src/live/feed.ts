/** What others change: the event feed is asked every few seconds while somebody looks. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask } from "@/api/client";
import { keys } from "@/api/queries";
import type { TaskEvent } from "@/api/types";

const EVERY_MS = 4000;
const AFTER_FAILURE_MS = 15_000;
const LIMIT = 100;

interface Feed {
  events: TaskEvent[];
  next: string;
  more: boolean;
}

type Listener = (events: readonly TaskEvent[]) => void;
const listeners = new Set<Listener>();

/** Calls back with what happened, oldest first; keep the listener in a `useCallback`. */
export function useEvents(listener: Listener): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listener]);
}

/** Keeps the query cache in step with the server; used once, by the shell. */
export function useLive(): void {
  const cache = useQueryClient();
  useEffect(() => {
    const tell = (events: readonly TaskEvent[]) => {
      for (const workflow of new Set(events.map((event) => event.workflow))) {
        cache.invalidateQueries({ queryKey: keys.tasks(workflow) });
        cache.invalidateQueries({ queryKey: keys.report(workflow) });
        cache.invalidateQueries({ queryKey: keys.views(workflow) });
        cache.invalidateQueries({ queryKey: ["history", workflow] });
      }
      for (const { workflow, task } of events) {
        cache.invalidateQueries({ queryKey: keys.task(workflow, task) });
      }
      for (const listener of listeners) {
        listener(events);
      }
    };
    return follow(tell);
  }, [cache]);
}

/** Follows the feed until the function it returns is called. */
function follow(tell: Listener): () => void {
  let cursor: string | undefined;
  let timer = 0;
  let stopped = false;
  let busy = false;
  const asking = new AbortController();
  const look = async () => {
    let wait = EVERY_MS;
    busy = true;
    if (document.visibilityState === "visible") {
      try {
        const query = { _limit: LIMIT, after: cursor };
        const { data } = await ask<Feed>("GET", "/api/v1/events", { query, signal: asking.signal });
        cursor = data.next;
        if (data.events.length > 0) {
          tell(data.events);
        }
        wait = data.more ? 0 : EVERY_MS;
      } catch {
        wait = AFTER_FAILURE_MS;
      }
    }
    busy = false;
    if (!stopped) {
      timer = window.setTimeout(look, wait);
    }
  };
  const seen = () => {
    if (document.visibilityState === "visible" && !busy) {
      window.clearTimeout(timer);
      look();
    }
  };
  look();
  document.addEventListener("visibilitychange", seen);
  return () => {
    stopped = true;
    window.clearTimeout(timer);
    asking.abort();
    document.removeEventListener("visibilitychange", seen);
  };
}
