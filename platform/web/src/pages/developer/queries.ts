/** What the page of the API asks the server for. */
import { useQuery } from "@tanstack/react-query";
import { ask, at } from "@/api/client";
import { taskPage } from "@/api/queries";
import type { By, Workflow } from "@/api/types";
import { mostTelling, type Subject } from "./operations";

const LOOKED_AT = 20;
const CALLS_EVERY_MS = 4000;

interface Media {
  example?: Record<string, unknown>;
}

interface Described {
  paths: Record<string, { post?: { requestBody?: { content?: Record<string, Media> } } }>;
}

/** Real tasks to show in samples, or a sample that the workflow's own description has. */
export function useSubject(workflow: Workflow, me: string) {
  return useQuery({
    queryKey: ["samples", workflow.id, workflow.version],
    queryFn: async ({ signal }): Promise<Subject> => {
      const { tasks } = await taskPage(workflow.id, { limit: LOOKED_AT }, null, signal);
      const sample = tasks.length > 0 ? {} : await sampleOf(workflow.id, signal);
      return { tasks: mostTelling(tasks), sample, me };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

async function sampleOf(workflow: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const { data } = await ask<Described>("GET", at(workflow, "openapi.json"), { signal });
  const [, writing] = Object.entries(data.paths).find(([path]) => path.endsWith("/tasks")) ?? [];
  return writing?.post?.requestBody?.content?.["application/json"]?.example ?? {};
}

export interface LastCall {
  id: string;
  at: string;
  method: string;
  path: string;
  query: string;
  status: number;
  ms: number;
  by: By | null;
  request: string | null;
  answer: string | null;
}

export function useCalls(workflow: string) {
  return useQuery({
    queryKey: ["calls", workflow],
    queryFn: async ({ signal }) =>
      (await ask<LastCall[]>("GET", at(workflow, "calls"), { signal })).data,
    refetchInterval: CALLS_EVERY_MS,
    retry: false,
  });
}

/** Makes a key that acts as its maker; the answer holds it this once. */
export async function makeKey(name: string, user: string) {
  return (await ask<{ id: string; key: string }>("POST", "/api/v1/keys", { json: { name, user } }))
    .data;
}

export async function revokeKey(id: string): Promise<void> {
  await ask("DELETE", `/api/v1/keys/${encodeURIComponent(id)}`);
}
