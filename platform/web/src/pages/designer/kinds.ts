/** The kinds of field that one can add, and what a kind means in a workflow file. */
import type { Field, Kind, Schema, WorkflowFile } from "@/api/types";
import { type Key, t } from "@/text";
import { isRecord, valueAt } from "./source";

export type FieldKind = Exclude<Kind, "uniqueId" | "link">;

export const GROUPS: readonly { key: Key; kinds: readonly FieldKind[] }[] = [
  { key: "designer.group_text", kinds: ["text", "longText", "email", "phone", "url"] },
  { key: "designer.group_number", kinds: ["number", "integer", "percent", "currency"] },
  { key: "designer.group_time", kinds: ["date", "datetime"] },
  { key: "designer.group_choice", kinds: ["singleSelect", "multipleSelect", "checkbox"] },
  { key: "designer.group_people", kinds: ["person", "personList"] },
  {
    key: "designer.group_more",
    kinds: ["textList", "file", "checklist", "approvalSteps", "json"],
  },
];

const NEW_OPTIONS = ["designer.option_first", "designer.option_second"] as const;

/** What makes a field of a kind. */
function made(kind: FieldKind): Schema {
  const options = NEW_OPTIONS.map((key) => t(key));
  const schemas: Record<FieldKind, Schema> = {
    text: { type: "string" },
    longText: { type: "string", format: "long-text" },
    email: { type: "string", format: "email" },
    phone: { type: "string", format: "phone" },
    url: { type: "string", format: "uri" },
    number: { type: "number" },
    integer: { type: "integer" },
    percent: { type: "number", format: "percent" },
    currency: { type: "number", format: "currency" },
    date: { type: "string", format: "date" },
    datetime: { type: "string", format: "date-time" },
    singleSelect: { type: "string", enum: options },
    multipleSelect: { type: "array", items: { enum: options } },
    checkbox: { type: "boolean" },
    person: { type: "string", format: "person" },
    personList: { type: "array", items: { format: "person" } },
    textList: { type: "array", items: { type: "string" } },
    file: { type: "array", items: { format: "file" } },
    checklist: { type: "array", format: "checklist" },
    approvalSteps: { type: "array", format: "approval-steps" },
    json: { type: "object" },
  };
  return schemas[kind];
}

export function kindName(kind: Kind): string {
  return t(`designer.kind_${kind}` as Key);
}

export function kindHint(kind: FieldKind): string {
  return t(`designer.hint_${kind}` as Key);
}

const BY_FORMAT: Record<string, FieldKind> = {
  "long-text": "longText",
  textarea: "longText",
  email: "email",
  phone: "phone",
  uri: "url",
  url: "url",
  percent: "percent",
  currency: "currency",
  date: "date",
  "date-time": "datetime",
  person: "person",
  checklist: "checklist",
  "approval-steps": "approvalSteps",
};
const BY_TYPE: Record<string, FieldKind> = {
  string: "text",
  number: "number",
  integer: "integer",
  boolean: "checkbox",
  object: "json",
};

/** A property with what its `$ref` leads to. */
export function resolved(schema: Schema, file: WorkflowFile): Schema {
  const [, name] = /^#\/(.+)$/.exec(String(schema.$ref ?? "")) ?? [];
  const found = name ? valueAt(file, name.split("/")) : undefined;
  return isRecord(found) ? { ...found, ...schema } : schema;
}

/** The kind that a property has; the server's word is the truth, so what is unclear is text. */
export function kindOfSchema(schema: Schema, file: WorkflowFile): FieldKind {
  const said = resolved(schema, file);
  const type = [said.type].flat().find((one) => one !== "null");
  if (type !== "array") {
    const own = BY_FORMAT[String(said.format ?? "")];
    const select = (type === "string" || type === undefined) && Array.isArray(said.enum);
    return own ?? (select ? "singleSelect" : (BY_TYPE[String(type)] ?? "text"));
  }
  const items = isRecord(said.items) ? resolved(said.items, file) : {};
  if (said.format) {
    return BY_FORMAT[String(said.format)] ?? "json";
  }
  if (items.format === "person" || items.format === "file") {
    return items.format === "file" ? "file" : "personList";
  }
  return Array.isArray(items.enum)
    ? "multipleSelect"
    : items.type === "string"
      ? "textList"
      : "json";
}

/** Keywords that hold whatever the kind is. */
const KEPT = ["title", "description", "filterable", "editable", "readOnly", "writeOnce"];

/** A property turned into another kind; options go along from select to select. */
export function asKind(schema: Schema, kind: FieldKind, file: WorkflowFile): Schema {
  const kept = Object.entries(schema).filter(([name]) => KEPT.includes(name));
  const next = { ...Object.fromEntries(kept), ...made(kind) };
  const options = optionsOf(schema, file);
  return options.length > 0 && "enum" in optionHolder(next) ? withOptions(next, options) : next;
}

export function newField(kind: FieldKind, title: string): Schema {
  return { title, ...made(kind) };
}

function optionHolder(schema: Schema): Schema {
  return isRecord(schema.items) ? schema.items : schema;
}

export function optionsOf(schema: Schema, file: WorkflowFile): string[] {
  const said = resolved(schema, file);
  const items = isRecord(said.items) ? resolved(said.items, file) : null;
  const options = (items ?? said).enum;
  return Array.isArray(options) ? options.filter((option) => option !== null).map(String) : [];
}

export function withOptions(schema: Schema, options: readonly string[]): Schema {
  return isRecord(schema.items)
    ? { ...schema, items: { ...schema.items, enum: [...options] } }
    : { ...schema, enum: [...options] };
}

export interface Unique {
  field: string;
  autoIncrement: boolean;
}

export function uniqueOf(file: WorkflowFile): Unique | null {
  const said = file.workflow?.uniqueId;
  if (typeof said === "string") {
    return { field: said, autoIncrement: false };
  }
  return said?.field ? { field: said.field, autoIncrement: said.autoIncrement === true } : null;
}

/** A property as the fields of the app see it. */
export function fieldOf(file: WorkflowFile, key: string): Field {
  const own = file.properties?.[key];
  const schema = resolved(isRecord(own) ? own : {}, file);
  const unique = uniqueOf(file);
  const isUnique = unique?.field === key;
  return {
    id: key,
    name: titleOf(file, key),
    type: isUnique ? "uniqueId" : kindOfSchema(schema, file),
    required: Array.isArray(file.required) && file.required.includes(key),
    editable: schema.editable !== false && schema.readOnly !== true,
    filterable: schema.filterable === true,
    options: optionsOf(schema, file),
    limit: typeof schema.maxItems === "number" ? schema.maxItems : null,
    autoincrement: isUnique && unique.autoIncrement,
    schema,
  };
}

export function titleOf(file: WorkflowFile, key: string): string {
  const title = file.properties?.[key]?.title;
  return typeof title === "string" && title !== "" ? title : key;
}

export function fieldsOf(file: WorkflowFile): Field[] {
  return keysOf(file).map((key) => fieldOf(file, key));
}

export function keysOf(file: WorkflowFile): string[] {
  return isRecord(file.properties) ? Object.keys(file.properties) : [];
}
