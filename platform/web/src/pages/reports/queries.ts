/** What the page of reports asks the server for. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { ask, at, requestOf, send } from "@/api/client";
import { keys } from "@/api/queries";
import type { Workflow } from "@/api/types";

export type ReportName =
  | "stages"
  | "values"
  | "throughput"
  | "age"
  | "time-in-stage"
  | "overdue"
  | "approvals";

export interface Column {
  key: string;
  title: string;
  /** A kind of field, or `stage`, `task`, `count`, `part`, `hours`, `days`. */
  kind: string;
}

export type Row = Record<string, unknown>;

export interface Report {
  columns: Column[];
  rows: Row[];
  total?: Record<string, unknown>;
}

export interface Asked {
  workflow: Workflow;
  parameters: [string, string][];
}

/** What all reports of the page have in common. */
export const AskedContext = createContext<Asked | null>(null);

export function useAskedOf(): Asked {
  const asked = useContext(AskedContext);
  if (!asked) {
    throw new Error("a report stands outside its page");
  }
  return asked;
}

/** The address of a report; parameters may be there more than once. */
function addressOf({ workflow, parameters }: Asked, name: ReportName, by?: string): string {
  const search = new URLSearchParams([...parameters, ...(by ? [["by", by]] : [])]);
  return `${at(workflow.id, "reports", name)}?${search}`;
}

export function useReport(name: ReportName, by?: string, enabled = true) {
  const asked = useAskedOf();
  return useQuery({
    queryKey: [...keys.report(asked.workflow.id), name, by ?? "", asked.parameters],
    queryFn: async ({ signal }) =>
      (await ask<Report>("GET", addressOf(asked, name, by), { signal })).data,
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** Saves a report as a file that spreadsheets open. */
export async function download(asked: Asked, name: ReportName, by?: string): Promise<void> {
  const headers = { Accept: "text/csv, application/problem+json;q=0.5" };
  const answer = await send(requestOf("GET", addressOf(asked, name, by), { headers }));
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = `${asked.workflow.id}.${name}.csv`;
  link.click();
  URL.revokeObjectURL(address);
}
