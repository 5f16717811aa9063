/**
 * What the rules of a workflow say of a task that is being edited: which fields are needed, which
 * have no place, and what is wrong with a value. It tells early; the server's word is the truth, so
 * what is not understood here passes.
 */
import type { Field, Schema } from "@/api/types";
import { isUnset } from "@/fields";
import { compared, type Decimal, decimalOf, isMultiple } from "./numbers";

type Rule = Schema | boolean;

/** A number that is spelt as a text. */
class Figure {
  constructor(readonly decimal: Decimal) {}
}

export interface Finding {
  keyword: string;
  limit?: unknown;
  /** What the workflow file says about it. */
  message?: string;
}

const NUMERIC = new Set(["number", "integer", "percent", "currency"]);

/** The values of a task as its schema sees them: by key, what is unset left out. */
export function instanceOf(
  fields: readonly Field[],
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const kept = fields.map((field) => [field.id, seen(field, values[field.name])] as const);
  return Object.fromEntries(kept.filter(([, value]) => !isUnset(value) && value !== ""));
}

function seen(field: Field, value: unknown): unknown {
  if (isUnset(value)) {
    return undefined;
  }
  const numeric = NUMERIC.has(field.type) || field.schema.type === "integer";
  const decimal = numeric ? decimalOf(value) : null;
  return decimal ? new Figure(decimal) : value;
}

// --- rules about the whole task ---------------------------------------------------------------

export interface Told {
  /** Keys of the fields that are needed now. */
  needed: ReadonlySet<string>;
  /** Keys of the fields that can have no value now. */
  barred: ReadonlySet<string>;
  /** What is wrong with the values there are, by key. */
  findings: ReadonlyMap<string, Finding>;
}

/** What a workflow file says of these values. */
export function toldOf(file: Schema, instance: Record<string, unknown>): Told {
  const needed = new Set<string>();
  const barred = new Set<string>();
  const findings = new Map<string, Finding>();
  for (const rule of applied(file, instance, file)) {
    const dependent = Object.entries(record(rule.dependentRequired));
    const asked = dependent.flatMap(([key, names]) => (key in instance ? list(names) : []));
    for (const key of [...list(rule.required), ...asked]) {
      needed.add(String(key));
    }
    for (const [key, schema] of Object.entries(record(rule.properties))) {
      if (schema === false) {
        barred.add(key);
      }
      const finding = key in instance ? findingOf(schema as Rule, instance[key], file) : null;
      if (finding && !findings.has(key)) {
        findings.set(key, finding);
      }
    }
  }
  return { needed, barred, findings };
}

/** The schemas that a task has to fit as it is, the outermost first. */
function applied(rule: Rule, instance: unknown, file: Schema, depth = 0): Schema[] {
  if (typeof rule === "boolean" || depth > DEEPEST) {
    return [];
  }
  const inner: unknown[] = [...list(rule.allOf)];
  if (rule.$ref !== undefined) {
    inner.push(target(rule.$ref, file));
  }
  if (rule.if !== undefined) {
    inner.push(fits(rule.if as Rule, instance, file) ? rule.then : rule.else);
  }
  for (const [key, schema] of Object.entries(record(rule.dependentSchemas))) {
    if (key in record(instance)) {
      inner.push(schema);
    }
  }
  const further = inner.filter(isRule).flatMap((each) => applied(each, instance, file, depth + 1));
  return [rule, ...further];
}

const DEEPEST = 40;

// --- one value --------------------------------------------------------------------------------

/** Whether a value fits a schema. */
export function fits(rule: Rule, value: unknown, file: Schema): boolean {
  return findingOf(rule, value, file) === null;
}

/** The first thing that is wrong with a value. */
export function findingOf(rule: Rule, value: unknown, file: Schema, depth = 0): Finding | null {
  if (typeof rule === "boolean" || depth > DEEPEST) {
    return rule === false ? { keyword: "false" } : null;
  }
  for (const check of CHECKS) {
    const keyword = check(
      rule,
      value,
      (inner, part) => findingOf(inner, part, file, depth + 1),
      file,
    );
    if (keyword) {
      const own = keyword === "pattern" ? rule.patternErrorMessage : rule.errorMessage;
      const message = typeof own === "string" ? own : undefined;
      return { keyword, limit: rule[keyword], message };
    }
  }
  return null;
}

type Find = (rule: Rule, part: unknown) => Finding | null;
/** Names the keyword that a value breaks. */
type Check = (rule: Schema, value: unknown, find: Find, file: Schema) => string | null | false;

const sameAs: Check = (rule, value) => {
  if (rule.const !== undefined && !same(rule.const, value)) {
    return "const";
  }
  return Array.isArray(rule.enum) && !rule.enum.some((one) => same(one, value)) && "enum";
};

const TYPES: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  array: Array.isArray,
  object: (value) => typeof value === "object" && !Array.isArray(value) && !decimal(value),
  number: (value) => decimal(value) !== null,
  integer: (value) => {
    const number = decimal(value);
    return number !== null && isMultiple(number, { digits: 1n, scale: 0 });
  },
  null: (value) => value === null,
};

const type: Check = (rule, value) => {
  const types = Array.isArray(rule.type) ? rule.type : rule.type === undefined ? [] : [rule.type];
  return types.length > 0 && !types.some((name) => TYPES[name]?.(value) ?? true) && "type";
};

const BOUNDS: Record<string, (order: number) => boolean> = {
  minimum: (order) => order >= 0,
  exclusiveMinimum: (order) => order > 0,
  maximum: (order) => order <= 0,
  exclusiveMaximum: (order) => order < 0,
};

const bounds: Check = (rule, value) => {
  const number = decimal(value);
  if (!number) {
    return null;
  }
  const broken = Object.entries(BOUNDS).find(([keyword, holds]) => {
    const limit = decimalOf(rule[keyword]);
    return limit && !holds(compared(number, limit));
  });
  const step = rule.multipleOf === undefined ? null : decimalOf(rule.multipleOf);
  return broken?.[0] ?? (step && !isMultiple(number, step) && "multipleOf");
};

const words: Check = (rule, value) => {
  if (typeof value !== "string") {
    return null;
  }
  const length = [...value].length;
  if (outside(length, rule.minLength, rule.maxLength)) {
    return length < Number(rule.minLength ?? 0) ? "minLength" : "maxLength";
  }
  return typeof rule.pattern === "string" && !matches(rule.pattern, value) && "pattern";
};

const lists: Check = (rule, value, find) => {
  if (!Array.isArray(value)) {
    return null;
  }
  if (outside(value.length, rule.minItems, rule.maxItems)) {
    return value.length < Number(rule.minItems ?? 0) ? "minItems" : "maxItems";
  }
  if (
    rule.uniqueItems === true &&
    value.some((one, at) => value.findIndex((other) => same(one, other)) < at)
  ) {
    return "uniqueItems";
  }
  if (isRule(rule.contains) && !value.some((item) => find(rule.contains as Rule, item) === null)) {
    return "contains";
  }
  return isRule(rule.items) && value.some((item) => find(rule.items as Rule, item)) && "items";
};

const members: Check = (rule, value, find) => {
  if (!TYPES.object?.(value)) {
    return null;
  }
  const held = record(value);
  const dependent = Object.entries(record(rule.dependentRequired));
  const asked = dependent.flatMap(([key, names]) => (key in held ? list(names) : []));
  if ([...list(rule.required), ...asked].some((key) => !(String(key) in held))) {
    return "required";
  }
  const wrong = Object.entries(record(rule.properties)).some(
    ([key, schema]) => key in held && find(schema as Rule, held[key]),
  );
  return wrong && "properties";
};

const combined: Check = (rule, value, find, file) => {
  const good = (inner: unknown) => !isRule(inner) || find(inner, value) === null;
  if (rule.$ref !== undefined && !good(target(rule.$ref, file))) {
    return "$ref";
  }
  if (!list(rule.allOf).every(good)) {
    return "allOf";
  }
  if (Array.isArray(rule.anyOf) && !rule.anyOf.some(good)) {
    return "anyOf";
  }
  if (Array.isArray(rule.oneOf) && rule.oneOf.filter(good).length !== 1) {
    return "oneOf";
  }
  return isRule(rule.not) && good(rule.not) && "not";
};

const conditional: Check = (rule, value, find) => {
  const good = (inner: unknown) => !isRule(inner) || find(inner, value) === null;
  if (rule.if !== undefined && !good(good(rule.if) ? rule.then : rule.else)) {
    return "if";
  }
  const dependent = Object.entries(record(rule.dependentSchemas));
  return (
    dependent.some(([key, inner]) => key in record(value) && !good(inner)) && "dependentSchemas"
  );
};

const CHECKS: readonly Check[] = [
  sameAs,
  type,
  bounds,
  words,
  lists,
  members,
  combined,
  conditional,
];

// --- small ------------------------------------------------------------------------------------

function decimal(value: unknown): Decimal | null {
  if (value instanceof Figure) {
    return value.decimal;
  }
  const raw = typeof value === "object" && value !== null && "rawJSON" in value;
  return typeof value === "number" || raw ? decimalOf(value) : null;
}

function same(one: unknown, other: unknown): boolean {
  const [left, right] = [decimal(one), decimal(other)];
  if (left || right) {
    return left !== null && right !== null && compared(left, right) === 0;
  }
  return JSON.stringify(one) === JSON.stringify(other);
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

function outside(size: number, least: unknown, most: unknown): boolean {
  return size < Number(least ?? 0) || size > Number(most ?? Number.POSITIVE_INFINITY);
}

function isRule(value: unknown): value is Rule {
  return typeof value === "boolean" || (typeof value === "object" && value !== null);
}

function record(value: unknown): Record<string, unknown> {
  const held = typeof value === "object" && value !== null && !Array.isArray(value);
  return held ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What a `$ref` leads to; what leads nowhere holds. */
function target(reference: unknown, file: Schema): Rule {
  const parts = String(reference).split("/").slice(1);
  const names = parts.map((part) =>
    decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"),
  );
  let found: unknown = file;
  for (const name of names) {
    found = Array.isArray(found) ? found[Number(name)] : record(found)[name];
  }
  return isRule(found) ? found : true;
}
