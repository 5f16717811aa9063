/** What the page of a task asks and writes: always by the id in its address. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Answer, ask, at } from "@/api/client";
import { type HistoryPage, keys, replaceInLists, type Tagged, taskPage } from "@/api/queries";
import type { Task, Workflow } from "@/api/types";
import { taskId } from "@/api/types";

const PAGE = "30";
const FOUND = 8;

function byId(workflow: string, id: string, ...parts: string[]): string {
  return at(workflow, "tasks", "by-id", id, ...parts);
}

function tagged(answer: Answer<Task>): Tagged {
  return { task: answer.data, etag: answer.headers.get("ETag") ?? "" };
}

/** Shows a task as it was just written wherever it is shown. */
function useWritten(workflow: string) {
  const cache = useQueryClient();
  return (written: Tagged) => {
    cache.setQueryData(keys.task(workflow, taskId(written.task)), written);
    replaceInLists(cache, workflow, written.task);
    cache.invalidateQueries({ queryKey: ["history", workflow] });
    cache.invalidateQueries({ queryKey: keys.report(workflow) });
  };
}

export function useSave(workflow: string, id: string) {
  const written = useWritten(workflow);
  return useMutation({
    mutationFn: async ({ values, etag }: { values: Record<string, unknown>; etag: string }) => {
      const headers = { "If-Match": etag };
      return tagged(await ask<Task>("PUT", byId(workflow, id), { json: values, headers }));
    },
    onSuccess: written,
  });
}

/** Creates a task; the same `attempt` never makes two. */
export function useCreate(workflow: string) {
  const cache = useQueryClient();
  const written = useWritten(workflow);
  return useMutation({
    mutationFn: async (asked: { values: Record<string, unknown>; attempt: string }) => {
      const headers = { "Idempotency-Key": asked.attempt, "If-None-Match": "*" };
      const json = asked.values;
      return tagged(await ask<Task>("POST", at(workflow, "tasks"), { json, headers }));
    },
    onSuccess: (made) => {
      written(made);
      cache.invalidateQueries({ queryKey: keys.tasks(workflow) });
    },
  });
}

export function useRemove(workflow: string, id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (etag: string) => {
      await ask("DELETE", byId(workflow, id), { headers: { "If-Match": etag } });
    },
    onSuccess: () => {
      cache.invalidateQueries({ queryKey: keys.tasks(workflow) });
      cache.invalidateQueries({ queryKey: keys.report(workflow) });
    },
  });
}

export type Action = "SUBMIT" | "APPROVE" | "REJECT" | "SKIP" | "CANCEL" | "RESTART";

/** Takes an approval action; `address` is the unique ID, or the id where there is none. */
export function useAct(workflow: string, id: string, address: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (json: { action: Action; comment: string | null }) => {
      await ask("POST", at(workflow, "tasks", address, "approval"), { json });
      return tagged(await ask<Task>("GET", byId(workflow, id)));
    },
    onSuccess: useWritten(workflow),
    onError: () => cache.invalidateQueries({ queryKey: keys.task(workflow, id) }),
  });
}

/** What happened to a task, newest first. */
export function useHistoryOf(workflow: string, id: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: keys.history(workflow, id),
    queryFn: async ({ pageParam, signal }) => {
      const query = { _limit: PAGE, after: pageParam ?? undefined };
      return (await ask<HistoryPage>("GET", byId(workflow, id, "history"), { query, signal })).data;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled,
  });
}

export function useUndoOf(workflow: string, id: string) {
  return useMutation({
    mutationFn: async (event: string) =>
      tagged(await ask<Task>("POST", byId(workflow, id, "history", event, "undo"))),
    onSuccess: useWritten(workflow),
  });
}

// --- links ------------------------------------------------------------------------------------

/** Tasks of another workflow that fit what somebody typed. */
export function useFound(target: Workflow | undefined, typed: string, enabled: boolean) {
  return useQuery({
    queryKey: ["found", target?.id, typed],
    queryFn: async ({ signal }) => {
      const query = { limit: FOUND, ...(typed ? { q: typed } : {}) };
      return (await taskPage(target?.id ?? "", query, null, signal)).tasks;
    },
    enabled: enabled && target !== undefined,
  });
}

/** The id of a task by its unique ID, for the address of its page. */
export async function idOf(target: string, uid: string): Promise<string> {
  return taskId((await ask<Task>("GET", at(target, "tasks", uid))).data);
}
