/** What the welcome page asks the server for. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { ask } from "@/api/client";
import { keys } from "@/api/queries";
import type { WorkflowFile } from "@/api/types";
import type { Reading } from "../imports/queries";
import type { Proposal } from "./draft";

/** Of what is larger only the beginning is looked at, where that can be. */
const LOOKED_AT_BYTES = 8 * 1024 * 1024;
const SHEETS = /\.xls[xm]$/i;

export async function proposalFor(file: File, reading: Reading): Promise<Proposal> {
  const head = file.size > LOOKED_AT_BYTES && !SHEETS.test(file.name);
  const said = Object.entries(reading).filter(([, value]) => value);
  const query = { name: file.name, ...Object.fromEntries(said), ...(head ? { head } : {}) };
  const body = head ? file.slice(0, LOOKED_AT_BYTES) : file;
  const headers = { "Content-Type": "application/octet-stream" };
  return (await ask<Proposal>("POST", "/api/v1/infer", { query, body, headers })).data;
}

/** Creates a workflow; the lists of workflows know of it then. */
export function useCreate() {
  const cache = useQueryClient();
  return useCallback(
    async (file: WorkflowFile) => {
      await ask("POST", "/api/v1/workflows", { json: file });
      await cache.invalidateQueries({ queryKey: keys.workflows });
    },
    [cache],
  );
}
