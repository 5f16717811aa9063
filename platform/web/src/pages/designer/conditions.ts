/** Rules that a form can say: while a field has a value, others are needed or not there. */
import type { Field, Schema, WorkflowFile } from "@/api/types";
import { put } from "./model";
import { isRecord } from "./source";

/** The keyword; an object with a member of that name would pass for a promise. */
const THEN: string = "then";

export interface Condition {
  key: string;
  /** `set`: it has a value; `is`: one of these. */
  test: "set" | "is";
  values: unknown[];
}

export interface Rule {
  when: Condition;
  required: string[];
  hidden: string[];
}

/** The condition that a schema of a task says, where a form can show it. */
export function conditionOf(schema: unknown): Condition | null {
  if (!isRecord(schema) || !only(schema, ["properties", "required"])) {
    return null;
  }
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const [key, ...more] = required;
  const properties = isRecord(schema.properties) ? Object.entries(schema.properties) : [];
  if (key === undefined || more.length > 0 || properties.length > 1) {
    return null;
  }
  const [named, said] = properties[0] ?? [key, {}];
  if (named !== key || !isRecord(said) || !only(said, ["const", "enum"])) {
    return null;
  }
  if ("const" in said) {
    return { key, test: "is", values: [said.const] };
  }
  return Array.isArray(said.enum)
    ? { key, test: "is", values: said.enum }
    : { key, test: "set", values: [] };
}

export function schemaOf({ key, test, values }: Condition): Schema {
  if (test === "set") {
    return { required: [key] };
  }
  const said = values.length === 1 ? { const: values[0] } : { enum: values };
  return { properties: { [key]: said }, required: [key] };
}

/** A condition to begin with: the first field that has few values, else the first there is. */
export function anyCondition(fields: readonly Field[]): Condition | null {
  const choice = fields.find((field) => valuesOf(field).length > 0) ?? fields[0];
  return choice ? conditionOn(choice) : null;
}

export function conditionOn(field: Field): Condition {
  const [first] = valuesOf(field);
  return first === undefined
    ? { key: field.id, test: "set", values: [] }
    : { key: field.id, test: "is", values: [first] };
}

/** What a field can be compared with, where that is little. */
export function valuesOf(field: Field): unknown[] {
  return field.type === "checkbox"
    ? [true, false]
    : field.type === "singleSelect"
      ? (field.options ?? [])
      : [];
}

function only(schema: Schema, names: readonly string[]): boolean {
  return Object.keys(schema).every((name) => names.includes(name));
}

/** The rule that a schema says, where a form can show it. */
export function ruleOf(schema: unknown): Rule | null {
  if (!isRecord(schema) || !only(schema, ["if", "then"]) || !isRecord(schema.then)) {
    return null;
  }
  const when = conditionOf(schema.if);
  const { properties = {}, required = [] } = schema.then;
  const barred = isRecord(properties) && Object.values(properties).every((one) => one === false);
  if (!when || !only(schema.then, ["properties", "required"]) || !barred) {
    return null;
  }
  return {
    when,
    required: Array.isArray(required) ? required.map(String) : [],
    hidden: Object.keys(properties),
  };
}

function spelt({ when, required, hidden }: Rule): Schema {
  const properties = Object.fromEntries(hidden.map((key) => [key, false]));
  return {
    if: schemaOf(when),
    [THEN]: put<Schema>(
      {},
      {
        required: required.length > 0 ? required : undefined,
        properties: hidden.length > 0 ? properties : undefined,
      },
    ),
  };
}

/** Where a rule stands: the file's own `if`, or one of its `allOf`. */
export interface Placed {
  at: number | "file";
  rule: Rule | null;
}

export function rulesOf(file: WorkflowFile): Placed[] {
  const own = put<Schema>({}, { if: file.if, [THEN]: file.then, else: file.else });
  const all = (file.allOf ?? []) as unknown[];
  const others = all.map((schema, at) => ({ at, rule: ruleOf(schema) }));
  return "if" in own ? [{ at: "file", rule: ruleOf(own) }, ...others] : others;
}

export function setRule(file: WorkflowFile, at: number | "file", rule: Rule | null): WorkflowFile {
  if (at === "file") {
    const said = rule ? spelt(rule) : {};
    return put<WorkflowFile>(file, { if: said.if, [THEN]: said.then });
  }
  const all = ((file.allOf ?? []) as unknown[]).flatMap((schema, index) =>
    index === at ? (rule ? [spelt(rule)] : []) : [schema],
  );
  return put<WorkflowFile>(file, { allOf: all.length > 0 ? all : undefined });
}

export function addRule(file: WorkflowFile, rule: Rule): WorkflowFile {
  return put<WorkflowFile>(file, { allOf: [...((file.allOf ?? []) as unknown[]), spelt(rule)] });
}
