/** What the designer asks the server for. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, at, isProblem, requestOf, send } from "@/api/client";
import type { Fault } from "@/api/problem";
import { keys } from "@/api/queries";
import type { Schema } from "@/api/types";
import { readable } from "./source";

const MEDIA = "application/schema+json";
const JSON_HEADERS = { "Content-Type": "application/json" };
const CONFLICT = 409;

export interface Plan {
  id: string;
  version: { from: number; to: number };
  tasks: number;
  changes: { path: (string | number)[]; kind: ChangeKind; text: string }[];
  faults: Fault[];
  breaking: { path: (string | number)[]; message: string; count: number; tasks: string[] }[];
  conversions: {
    field: string;
    from: string;
    to: string;
    converted: number;
    kept: number;
    examples: { task: string; value: unknown }[];
  }[];
  removed: { field: string; key: string; count: number }[];
  exact: boolean;
}

export type ChangeKind =
  | "added"
  | "removed"
  | "renamed"
  | "converted"
  | "rules"
  | "stages"
  | "workflow"
  | "presentation";

export interface Version {
  version: number;
  at: string;
  /** The file it was pushed from when a server started, if any. */
  origin: string | null;
  by: string | null;
}

export interface Kept {
  key: string;
  title: string;
  count: number;
}

export interface Saved {
  id: string;
  name: string;
  version: number;
  outcome: "created" | "updated" | "unchanged";
}

/** The file as it was pushed, to the letter. */
async function text(path: string, signal?: AbortSignal): Promise<string> {
  const answer = await send(requestOf("GET", path, { headers: { Accept: MEDIA }, signal }));
  return answer.text();
}

/** The newest version's file; asked for once, so that nothing changes below somebody's hands. */
export function useSource(workflow: string) {
  return useQuery({
    queryKey: ["source", workflow],
    queryFn: ({ signal }) => sourceOf(workflow, signal),
    enabled: workflow !== "",
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: "always",
  });
}

export interface Source {
  text: string;
  version: number;
}

export async function sourceOf(workflow: string, signal?: AbortSignal): Promise<Source> {
  const { data } = await ask<{ version: number }>("GET", at(workflow), { signal });
  return { text: readable(await text(at(workflow), signal)), version: data.version };
}

export function versionText(workflow: string, version: number, signal?: AbortSignal) {
  return text(at(workflow, "versions", String(version)), signal);
}

export function useVersions(workflow: string, enabled: boolean) {
  return useQuery({
    queryKey: ["versions", workflow],
    queryFn: async ({ signal }) =>
      (await ask<Version[]>("GET", at(workflow, "versions"), { signal })).data,
    enabled,
  });
}

export function useKept(workflow: string, enabled: boolean) {
  return useQuery({
    queryKey: ["removed", workflow],
    queryFn: async ({ signal }) =>
      (await ask<Kept[]>("GET", at(workflow, "removed"), { signal })).data,
    enabled,
  });
}

/** What a file has to look like. */
export function useMeta() {
  return useQuery({
    queryKey: ["meta-schema"],
    queryFn: async ({ signal }) =>
      (await ask<Schema>("GET", "/schemas/workflow.json", { signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What a file, or going back to a version, would do. */
export async function planned(workflow: string, file: string, back?: number): Promise<Plan> {
  const path =
    back === undefined ? at(workflow, "plan") : at(workflow, "versions", String(back), "plan");
  const body = back === undefined ? file : undefined;
  return (await ask<Plan>("POST", path, { body, headers: JSON_HEADERS })).data;
}

export async function applied(workflow: string, file: string, plan: string): Promise<Saved> {
  const asking = { body: file, headers: JSON_HEADERS, query: { plan } };
  return (await ask<Saved>("PUT", at(workflow), asking)).data;
}

export async function created(file: string): Promise<Saved> {
  const asking = { body: file, headers: JSON_HEADERS };
  return (await ask<Saved>("POST", "/api/v1/workflows", asking)).data;
}

export async function purged(workflow: string, key: string): Promise<void> {
  await ask("DELETE", at(workflow, "removed", key));
}

export function isStale(failure: unknown): boolean {
  return isProblem(failure, CONFLICT) && failure.code === "stale_plan";
}

/** Has everything that is shown of a workflow asked for again. */
export function useRefreshed() {
  const cache = useQueryClient();
  return (workflow: string) => {
    const parts = [
      keys.workflows,
      keys.workflow(workflow),
      keys.roles(workflow),
      keys.tasks(workflow),
      keys.report(workflow),
      ["task", workflow],
      ["source", workflow],
      ["versions", workflow],
      ["removed", workflow],
    ];
    return Promise.all(parts.map((queryKey) => cache.invalidateQueries({ queryKey })));
  };
}
