/** A filter while it is put together: parts may lack their values, and each part keeps its place. */
import type { Field } from "@/api/types";
import { operatorsOf } from "./operators";
import { type Filter, isComparison, type Operator } from "./tree";

/** `exists` in two words: whether it is set is no value to type. */
export type Asked = Operator | "unset";

export interface Condition {
  key: number;
  field: string;
  op: Asked;
  value: unknown;
}

export interface GroupDraft {
  key: number;
  all: boolean;
  not: boolean;
  parts: Part[];
}

export type Part = Condition | GroupDraft;

let last = 0;

function nextKey(): number {
  last += 1;
  return last;
}

export function isGroup(part: Part): part is GroupDraft {
  return "parts" in part;
}

export function emptyGroup(parts: Part[] = [], all = true): GroupDraft {
  return { key: nextKey(), all, not: false, parts };
}

export function askedOf(field: Field): readonly Asked[] {
  return [...operatorsOf(field), "unset"];
}

export function condition(field: Field): Condition {
  return { key: nextKey(), field: field.name, op: operatorsOf(field)[0] ?? "exists", value: null };
}

/** The draft of a filter; it always is a group. */
export function draftOf(filter: Filter | null): GroupDraft {
  const part = filter === null ? emptyGroup() : partOf(filter);
  return isGroup(part) ? part : emptyGroup([part]);
}

function partOf(filter: Filter): Part {
  if (isComparison(filter)) {
    const { field, op, value } = filter;
    const unset = op === "exists" && value === false;
    return { key: nextKey(), field, op: unset ? "unset" : op, value };
  }
  if ("not" in filter) {
    const inner = partOf(filter.not);
    return isGroup(inner) && !inner.not
      ? { ...inner, not: true }
      : { ...emptyGroup([inner]), not: true };
  }
  const all = "and" in filter;
  return emptyGroup((all ? filter.and : filter.or).map(partOf), all);
}

/** The filter of a draft; what is not complete yet asks for nothing. */
export function filterOf(group: GroupDraft): Filter | null {
  const parts = group.parts
    .map((part) => (isGroup(part) ? filterOf(part) : comparisonOf(part)))
    .filter((part): part is Filter => part !== null);
  const [only] = parts;
  const joined = parts.length > 1 ? (group.all ? { and: parts } : { or: parts }) : (only ?? null);
  return joined && group.not ? { not: joined } : joined;
}

function comparisonOf({ field, op, value }: Condition): Filter | null {
  if (op === "exists" || op === "unset") {
    return { field, op: "exists", value: op === "exists" };
  }
  const missing = value === null || value === "" || (Array.isArray(value) && value.length === 0);
  return missing ? null : { field, op, value };
}

/** How many conditions there are, groups looked into. */
export function conditionCount(filter: Filter | null): number {
  const count = (part: Part): number =>
    isGroup(part) ? part.parts.reduce((sum, one) => sum + count(one), 0) : 1;
  return filter === null ? 0 : count(draftOf(filter));
}
