/** The kind that a schema makes, and a schema for a kind. */
import type { Kind, Schema } from "@/api/types";

/** Kinds that one chooses for a field, the most usual first. */
export const CHOOSABLE = [
  "text",
  "longText",
  "singleSelect",
  "multipleSelect",
  "number",
  "integer",
  "currency",
  "percent",
  "date",
  "datetime",
  "checkbox",
  "person",
  "personList",
  "email",
  "phone",
  "url",
  "textList",
  "checklist",
  "file",
  "json",
  "approvalSteps",
] as const satisfies readonly Kind[];
export type Choosable = (typeof CHOOSABLE)[number];

const TEXTS: Readonly<Record<string, Choosable>> = {
  "long-text": "longText",
  textarea: "longText",
  date: "date",
  "date-time": "datetime",
  email: "email",
  phone: "phone",
  uri: "url",
  url: "url",
  person: "person",
};

const SCHEMAS: Readonly<Record<Choosable, Schema>> = {
  text: { type: "string" },
  longText: { type: "string", format: "long-text" },
  singleSelect: { type: "string" },
  multipleSelect: { type: "array", items: { type: "string" } },
  number: { type: "number" },
  integer: { type: "integer" },
  currency: { type: "number", format: "currency" },
  percent: { type: "number", format: "percent" },
  date: { type: "string", format: "date" },
  datetime: { type: "string", format: "date-time" },
  checkbox: { type: "boolean" },
  person: { type: "string", format: "person" },
  personList: { type: "array", items: { type: "string", format: "person" } },
  email: { type: "string", format: "email" },
  phone: { type: "string", format: "phone" },
  url: { type: "string", format: "uri" },
  textList: { type: "array", items: { type: "string" } },
  checklist: { type: "array", format: "checklist" },
  file: { type: "array", items: { format: "file" } },
  json: { type: "object" },
  approvalSteps: { type: "array", format: "approval-steps" },
};

export function kindOfSchema(schema: Schema): Choosable {
  const { format } = schema;
  const [type] = [schema.type].flat().filter((one) => one !== "null");
  switch (type) {
    case "boolean":
      return "checkbox";
    case "integer":
      return "integer";
    case "number":
      return format === "currency" || format === "percent" ? format : "number";
    case "object":
      return "json";
    case "array":
      return kindOfArray(schema);
    default:
      return schema.enum ? "singleSelect" : (TEXTS[String(format)] ?? "text");
  }
}

function kindOfArray(schema: Schema): Choosable {
  const items = (schema.items ?? {}) as Schema;
  if (schema.format === "checklist") {
    return "checklist";
  }
  if (schema.format === "approval-steps") {
    return "approvalSteps";
  }
  if (items.enum) {
    return "multipleSelect";
  }
  if (items.format === "file") {
    return "file";
  }
  if (items.format === "person") {
    return "personList";
  }
  return items.type === "string" ? "textList" : "json";
}

export function hasOptions(kind: Choosable): boolean {
  return kind === "singleSelect" || kind === "multipleSelect";
}

export function optionsOf(schema: Schema): string[] {
  const found = schema.enum ?? (schema.items as Schema | undefined)?.enum;
  return Array.isArray(found) ? found.filter((one) => one !== null).map(String) : [];
}

/** The same schema with other options. */
export function withOptions(schema: Schema, options: readonly string[]): Schema {
  return schema.type === "array"
    ? { ...schema, items: { ...(schema.items as Schema), enum: options } }
    : { ...schema, enum: options };
}

export function schemaOf(kind: Choosable, options: readonly string[]): Schema {
  return hasOptions(kind) ? withOptions(SCHEMAS[kind], options) : SCHEMAS[kind];
}
