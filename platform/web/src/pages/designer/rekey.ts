/** Fields that get another key, or go: everywhere in a file where their keys stand. */
import type { Schema, WorkflowFile } from "@/api/types";
import { uniqueOf } from "./kinds";
import { ofWorkflow, put, setUnique } from "./model";
import { isRecord } from "./source";

/** Calls a field by another key, everywhere in the file. */
export function renameField(file: WorkflowFile, old: string, key: string): WorkflowFile {
  return keyed(file, (one) => (one === old ? key : one));
}

/** Takes a field out, and out of the lists that name it. */
export function removeField(file: WorkflowFile, key: string): WorkflowFile {
  const unique = uniqueOf(file)?.field === key ? setUnique(file, null) : file;
  return keyed(unique, (one) => (one === key ? null : one));
}

type Rekey = (key: string) => string | null;

function keyed(file: WorkflowFile, rekey: Rekey): WorkflowFile {
  const ruled = rules(file, rekey) as WorkflowFile;
  const { workflow } = file;
  if (!workflow) {
    return ruled;
  }
  const named: Record<string, unknown> = {};
  const unique = uniqueOf(file);
  if (unique) {
    const field = rekey(unique.field) ?? undefined;
    named.uniqueId = isRecord(workflow.uniqueId) ? { ...workflow.uniqueId, field } : field;
  }
  for (const name of ["stages", "roles", "sections", "lists", "reminders"] as const) {
    const list = workflow[name];
    if (Array.isArray(list)) {
      named[name] = list.filter(isRecord).map((one) => listed(one, rekey));
    }
  }
  for (const name of ["lists", "sections"] as const) {
    const list = named[name] as Record<string, unknown>[] | undefined;
    const full = list?.filter((one) => one.fields !== undefined || one.filter || one.sort);
    named[name] = full && full.length > 0 ? full : undefined;
  }
  named.search = keyList(workflow.search, rekey);
  for (const name of ["approvals", "checklist"] as const) {
    if (isRecord(workflow[name])) {
      named[name] = listed(workflow[name], rekey);
    }
  }
  return ofWorkflow(ruled, named);
}

function keyList(list: unknown, rekey: Rekey): unknown {
  if (!Array.isArray(list)) {
    return list;
  }
  const next = list.map((key) => {
    const [, sign = "", name = ""] = /^(-?)(.*)$/.exec(String(key)) ?? [];
    const now = rekey(name);
    return now === null ? null : sign + now;
  });
  const kept = next.filter((key) => key !== null);
  return kept.length > 0 ? kept : undefined;
}

const KEY_LISTS = new Set(["require", "filter", "sort", "restartOn"]);
const KEYS = new Set(["date", "hoursBefore", "steps", "owner", "items", "progress"]);

/** One stage, role, section or the like, with the keys it names. */
function listed(part: Record<string, unknown>, rekey: Rekey): Record<string, unknown> {
  const entries = Object.entries(part).map(([name, value]) => {
    if (KEY_LISTS.has(name) || (name === "fields" && Array.isArray(value))) {
      return [name, keyList(value, rekey)];
    }
    if (name === "fields" && isRecord(value)) {
      return [name, members(value, rekey)];
    }
    if (name === "show") {
      return [name, rules(value, rekey)];
    }
    return [name, KEYS.has(name) && typeof value === "string" ? (rekey(value) ?? value) : value];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function members(part: Record<string, unknown>, rekey: Rekey): Record<string, unknown> | undefined {
  const next = Object.entries(part)
    .map(([key, value]) => [rekey(key), value] as const)
    .filter(([key]) => key !== null);
  return next.length > 0 ? Object.fromEntries(next) : undefined;
}

const INNER = new Set(["if", "then", "else", "not"]);
const INNER_LISTS = new Set(["allOf", "anyOf", "oneOf"]);

/** The rules about a task with other keys; a condition about a field that goes takes all with it. */
function rules(schema: unknown, rekey: Rekey): unknown {
  if (!isRecord(schema)) {
    return schema;
  }
  const lost = isRecord(schema.if) && namesLost(schema.if, rekey);
  const next: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (lost && ["if", "then", "else"].includes(name)) {
      continue;
    }
    if (name === "properties" && isRecord(value)) {
      next[name] = members(value, rekey) ?? {};
    } else if (name === "required") {
      next[name] = keyList(value, rekey);
    } else if (INNER.has(name)) {
      next[name] = rules(value, rekey);
    } else if (INNER_LISTS.has(name) && Array.isArray(value)) {
      const inner = value.map((one) => rules(one, rekey)).filter((one) => !isEmpty(one));
      next[name] = inner.length > 0 ? inner : undefined;
    } else {
      next[name] = value;
    }
  }
  return put(next, {});
}

function isEmpty(schema: unknown): boolean {
  return isRecord(schema) && Object.keys(schema).length === 0;
}

function namesLost(condition: Schema, rekey: Rekey): boolean {
  const { properties, required } = condition;
  const named = [
    ...(isRecord(properties) ? Object.keys(properties) : []),
    ...(Array.isArray(required) ? required.map(String) : []),
  ];
  return named.some((key) => rekey(key) === null);
}
