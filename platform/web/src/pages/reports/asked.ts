/** What reports are asked for, in the address of the page and in that of the API. */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { Workflow } from "@/api/types";
import { zone } from "@/fields/calendar";
import { type Query, readQuery, writeQuery } from "@/filters";

export const PERIODS = ["day", "week", "month"] as const;
export type Period = (typeof PERIODS)[number];

export interface Settings {
  /** First and last day, both included; empty for none. */
  from: string;
  to: string;
  zone: string;
  /** Titles and a period that reports count by; empty for the page's own choice. */
  values: string;
  due: string;
  period: string;
}

const NAMES: Record<keyof Settings, string> = {
  from: "_from",
  to: "_to",
  zone: "_tz",
  values: "_values",
  due: "_due",
  period: "_period",
};
const OWN = /^(?:from|to|by)$/;

/** The settings and the filter of the page, and a function that changes some of them. */
export function useAsked(workflow: Workflow) {
  const [params, setParams] = useSearchParams();
  const query = useMemo(() => readQuery(params, workflow), [params, workflow]);
  const settings = useMemo(() => settingsIn(params), [params]);
  const change = useCallback(
    (part: Partial<Settings>) =>
      setParams(
        (now) => {
          const next = new URLSearchParams(now);
          for (const [name, value] of Object.entries(part)) {
            const param = NAMES[name as keyof Settings];
            if (value) {
              next.set(param, value);
            } else {
              next.delete(param);
            }
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  const setQuery = useCallback(
    (part: Partial<Query>) =>
      setParams((now) => writeQuery({ ...readQuery(now, workflow), ...part }, now), {
        replace: true,
      }),
    [setParams, workflow],
  );
  return { query, settings, change, setQuery };
}

function settingsIn(params: URLSearchParams): Settings {
  const read = (name: keyof Settings) => params.get(NAMES[name]) ?? "";
  return {
    from: read("from"),
    to: read("to"),
    zone: read("zone") || zone(),
    values: read("values"),
    due: read("due"),
    period: read("period"),
  };
}

/** The parameters of every report; null where the filter has no form that reports take. */
export function parametersOf(query: Query, settings: Settings): [string, string][] | null {
  const written = writeQuery({ ...query, sort: [] });
  if (written.has("_where")) {
    return null;
  }
  const filters = [...written].map(([name, value]): [string, string] => [
    OWN.test(name) ? `${name}[eq]` : name,
    value,
  ]);
  return [
    ...filters,
    ...(settings.from ? [["from", settings.from] as [string, string]] : []),
    ...(settings.to ? [["to", settings.to] as [string, string]] : []),
    ["_tz", settings.zone],
  ];
}

/** The day that it is now in a time zone. */
export function todayIn(name: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: name, dateStyle: "short" }).format();
}

/** A day some days before another one. */
export function daysBefore(day: string, days: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, date - days)).toISOString().slice(0, 10);
}
