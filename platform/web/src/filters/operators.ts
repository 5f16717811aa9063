/** Which comparisons a kind of field takes, and what they are called. */
import type { Field, Kind } from "@/api/types";
import { type Key, t } from "@/text";
import type { Operator } from "./tree";

const EQUALITY: readonly Operator[] = ["eq", "ne", "in", "nin", "exists"];
const ORDER: readonly Operator[] = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "exists"];
const TEXT: readonly Operator[] = ["contains", "startswith", ...ORDER];
const MEMBERS: readonly Operator[] = ["contains", "eq", "ne", "in", "nin", "exists"];
const PRESENCE: readonly Operator[] = ["exists"];

const OF_KIND: Record<Kind, readonly Operator[]> = {
  text: TEXT,
  longText: TEXT,
  email: TEXT,
  phone: TEXT,
  url: TEXT,
  uniqueId: TEXT,
  number: ORDER,
  integer: ORDER,
  percent: ORDER,
  currency: ORDER,
  date: ORDER,
  datetime: ORDER,
  person: EQUALITY,
  singleSelect: EQUALITY,
  multipleSelect: MEMBERS,
  textList: MEMBERS,
  personList: MEMBERS,
  approvalSteps: MEMBERS,
  checkbox: ["eq", "ne", "exists"],
  file: PRESENCE,
  json: PRESENCE,
  checklist: PRESENCE,
  link: [],
};

export function operatorsOf(field: Pick<Field, "type" | "schema">): readonly Operator[] {
  const whole = field.type === "uniqueId" && field.schema.type === "integer";
  return whole ? ORDER : OF_KIND[field.type];
}

const MOMENTS: Partial<Record<Operator, Key>> = {
  gt: "filters.op_after",
  gte: "filters.op_from",
  lt: "filters.op_before",
  lte: "filters.op_until",
};

/** What an operator is called where values of this kind are compared. */
export function operatorName(op: Operator, kind: Kind): string {
  const moment = kind === "date" || kind === "datetime" ? MOMENTS[op] : undefined;
  return t(moment ?? `filters.op_${op}`);
}
