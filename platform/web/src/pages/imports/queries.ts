/** What the import pages ask the server for. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, at, requestOf, send } from "@/api/client";
import type { Fault } from "@/api/problem";
import { keys } from "@/api/queries";
import type { Schema } from "@/api/types";

/** How a file is read; what is absent is found out by the server. */
export interface Reading {
  format?: string;
  encoding?: string;
  delimiter?: string;
  quote?: string;
  source?: string;
  dates?: string;
  decimal?: string;
  sheet?: string;
}

export const MODES = ["upsert", "create", "update"] as const;
export type Mode = (typeof MODES)[number];

/** What is asked of an import. */
export interface Options {
  reading: Reading;
  /** Columns and the titles they go to, null for one to be left out. */
  map: Record<string, string | null>;
  mode: Mode;
}

export interface Target {
  kind: "field" | "stage" | "assignee" | "link" | "aside" | "none";
  title: string | null;
}

export interface PreviewColumn {
  name: string;
  samples: unknown[];
  target: Target | null;
}

export interface PreviewRow {
  line: number;
  values: Record<string, unknown>;
  asks: Record<string, unknown>;
  outcome: "created" | "updated" | "unchanged" | "refused";
  faults: Fault[];
}

export interface Proposed {
  options?: Record<string, string[]>;
  stages?: string[];
  fields?: Record<string, Schema>;
}

export type ReadAs = Record<keyof Reading, string | null>;

export interface Preview extends ReadAs {
  notes: string[];
  columns: PreviewColumn[];
  proposed: Proposed;
  rows: PreviewRow[];
  faults: Fault[];
}

export interface ImportJob {
  id: string;
  name: string;
  size: number;
  state: "queued" | "running" | "held" | "done" | "failed" | "cancelled";
  mode: Mode;
  dryRun: boolean;
  createdAt: string | null;
  endedAt: string | null;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  unprocessed: number | null;
  /** Bytes of the file. */
  read: number;
  /** Rows a second. */
  rate: number | null;
  /** Seconds. */
  remaining: number | null;
  error: string | null;
}

export interface WholeJob extends ImportJob {
  faults: Fault[];
  notes: string[];
  columns: Record<string, string | null> | null;
  aside: string[];
  tabular: boolean | null;
}

export function isUnderWay(job: Pick<ImportJob, "state">): boolean {
  return job.state === "queued" || job.state === "running";
}

const HEAD_BYTES = 1024 * 1024;
const POLL_MS = 1000;
const SHEETS = /\.xls[xm]$/i;
const BYTES = { "Content-Type": "application/octet-stream" };

/** The beginning of a file; a workbook can only be read whole. */
export function headOf(file: File): { body: Blob; head: boolean } {
  const head = file.size > HEAD_BYTES && !SHEETS.test(file.name);
  return { body: head ? file.slice(0, HEAD_BYTES) : file, head };
}

function asked({ reading, map, mode }: Options) {
  const said = Object.entries(reading).filter(([, value]) => value !== undefined && value !== "");
  return {
    ...Object.fromEntries(said),
    ...(Object.keys(map).length > 0 ? { map: JSON.stringify(map) } : {}),
    mode,
    unknown: "aside",
  };
}

export async function preview(
  workflow: string,
  file: File,
  options: Options,
  rows: number,
  signal?: AbortSignal,
): Promise<Preview> {
  const { body, head } = headOf(file);
  const query = { ...asked(options), name: file.name, rows, head };
  const path = at(workflow, "imports", "preview");
  return (await ask<Preview>("POST", path, { query, body, headers: BYTES, signal })).data;
}

/** What tells files apart in this browser. */
export function stampOf(file: File): string {
  return `${file.name}:${file.size}:${file.lastModified}`;
}

const SHOWN_ROWS = 20;

export function usePreview(workflow: string, file: File, options: Options) {
  return useQuery({
    queryKey: ["import-preview", workflow, stampOf(file), options],
    queryFn: ({ signal }) => preview(workflow, file, options, SHOWN_ROWS, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

export const importKeys = {
  every: (workflow: string) => ["imports", workflow] as const,
  one: (workflow: string, job: string) => ["imports", workflow, job] as const,
};

export async function startImport(
  workflow: string,
  file: File,
  options: Options,
  dryRun: boolean,
): Promise<ImportJob> {
  const query = { ...asked(options), name: file.name, dry_run: dryRun };
  const path = at(workflow, "imports");
  return (await ask<ImportJob>("POST", path, { query, body: file, headers: BYTES })).data;
}

/** The newest imports, looked at again while one is under way. */
export function useImports(workflow: string) {
  return useQuery({
    queryKey: importKeys.every(workflow),
    queryFn: async ({ signal }) =>
      (await ask<ImportJob[]>("GET", at(workflow, "imports"), { signal })).data,
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? POLL_MS : false),
  });
}

export async function jobOf(workflow: string, job: string, signal?: AbortSignal) {
  return (await ask<WholeJob>("GET", at(workflow, "imports", job), { signal })).data;
}

/** One import, watched until it ends. */
export function useJob(workflow: string, job: string) {
  return useQuery({
    queryKey: importKeys.one(workflow, job),
    queryFn: ({ signal }) => jobOf(workflow, job, signal),
    refetchInterval: ({ state }) => (!state.data || isUnderWay(state.data) ? POLL_MS : false),
    enabled: job !== "",
  });
}

export function useCancel(workflow: string, job: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => ask("DELETE", at(workflow, "imports", job)),
    onSettled: () => cache.invalidateQueries({ queryKey: importKeys.every(workflow) }),
  });
}

export type Part = "rejects" | "aside";

export async function partOf(workflow: string, job: string, part: Part): Promise<Response> {
  return send(
    requestOf("GET", at(workflow, "imports", job, part), {
      headers: { Accept: "text/csv, application/x-ndjson" },
    }),
  );
}

/** Adds to a workflow what a file needs; resolves when the next version is in force. */
export function useExtend(workflow: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (file: object) => {
      const plan = await ask<{ id: string }>("POST", at(workflow, "plan"), { json: file });
      await ask("PUT", at(workflow), { json: file, query: { plan: plan.data.id } });
    },
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: keys.workflow(workflow) }),
        cache.invalidateQueries({ queryKey: ["import-preview", workflow] }),
      ]),
  });
}
