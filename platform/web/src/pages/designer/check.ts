/** Checks a workflow file against the meta-schema that the server publishes, while somebody types. */
import type { Fault } from "@/api/problem";
import type { Schema } from "@/api/types";
import { t } from "@/text";
import { isRecord, type Path } from "./source";

const MOST_FAULTS = 50;

/** What is wrong with a file, each with its path. Unknown keywords of the schema pass. */
export function checked(file: unknown, meta: Schema | undefined): Fault[] {
  return meta ? [...faultsOf(file, meta, [], meta)].slice(0, MOST_FAULTS) : [];
}

type Faults = Generator<Fault, void, undefined>;

function fault(path: Path, message: string): Fault {
  return { path: [...path], code: "schema", message };
}

function* faultsOf(value: unknown, said: unknown, path: Path, meta: Schema): Faults {
  const schema = isRecord(said) ? resolved(said, meta) : null;
  if (!schema) {
    return;
  }
  const message = ownFault(value, schema, path, meta);
  if (message !== null) {
    yield fault(path, String(schema.errorMessage ?? message));
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* faultsOf(item, schema.items, [...path, index], meta);
    }
  }
  if (isRecord(value) && !("rawJSON" in value)) {
    yield* membersOf(value, schema, path, meta);
  }
}

function* membersOf(value: Schema, schema: Schema, path: Path, meta: Schema): Faults {
  const known = isRecord(schema.properties) ? schema.properties : {};
  for (const name of Array.isArray(schema.required) ? schema.required : []) {
    if (!(String(name) in value)) {
      yield fault([...path, String(name)], t("designer.fault_required"));
    }
  }
  for (const [name, part] of Object.entries(value)) {
    const here = [...path, name];
    const naming = isRecord(schema.propertyNames) ? schema.propertyNames : {};
    const unnamed = ownFault(name, naming, [], meta);
    if (unnamed) {
      yield fault(here, t("designer.fault_name", { rule: unnamed }));
    } else if (name in known) {
      yield* faultsOf(part, known[name], here, meta);
    } else if (schema.additionalProperties === false) {
      yield fault(here, t("designer.fault_unknown"));
    } else {
      yield* faultsOf(part, schema.additionalProperties, here, meta);
    }
  }
}

const TYPES: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  array: Array.isArray,
  object: (value) => isRecord(value) && !("rawJSON" in value),
  number: (value) => typeof value === "number" || (isRecord(value) && "rawJSON" in value),
  integer: (value) => Number.isInteger(value) || (isRecord(value) && "rawJSON" in value),
  null: (value) => value === null,
};

/** What is wrong with a value itself, not with a part of it. */
function ownFault(value: unknown, schema: Schema, path: Path, meta: Schema): string | null {
  const types = schema.type === undefined ? [] : [schema.type].flat().map(String);
  if (types.length > 0 && !types.some((type) => TYPES[type]?.(value) ?? true)) {
    return t("designer.fault_type", { types: types.join(", ") });
  }
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) {
    return t("designer.fault_enum", { options: schema.enum.join(", ") });
  }
  if ("const" in schema && schema.const !== value) {
    return t("designer.fault_enum", { options: String(schema.const) });
  }
  if (Array.isArray(schema.anyOf)) {
    const good = schema.anyOf.some((one) => faultsOf(value, one, path, meta).next().done);
    return good ? null : t("designer.fault_form");
  }
  return sizeFault(value, schema);
}

function sizeFault(value: unknown, schema: Schema): string | null {
  if (typeof value === "string") {
    if (value.length < Number(schema.minLength ?? 0)) {
      return t("designer.fault_empty");
    }
    if (value.length > Number(schema.maxLength ?? Number.POSITIVE_INFINITY)) {
      return t("designer.fault_long", { count: Number(schema.maxLength) });
    }
    const pattern = typeof schema.pattern === "string" ? new RegExp(schema.pattern, "u") : null;
    return !pattern || pattern.test(value)
      ? null
      : String(schema.patternErrorMessage ?? t("designer.fault_form"));
  }
  if (typeof value === "number") {
    const low = value < Number(schema.minimum ?? Number.NEGATIVE_INFINITY);
    const none = value <= Number(schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
    const limit = Number(low ? schema.minimum : schema.exclusiveMinimum);
    return low || none ? t(low ? "designer.fault_least" : "designer.fault_above", { limit }) : null;
  }
  if (Array.isArray(value)) {
    if (value.length < Number(schema.minItems ?? 0)) {
      return t("designer.fault_few", { count: Number(schema.minItems) });
    }
    const spelt = value.map((item) => JSON.stringify(item));
    const twice = schema.uniqueItems === true && new Set(spelt).size < spelt.length;
    return twice ? t("designer.fault_twice") : null;
  }
  return null;
}

function resolved(schema: Schema, meta: Schema): Schema {
  const [, name] = /^#\/\$defs\/(\w+)$/.exec(String(schema.$ref ?? "")) ?? [];
  const found = name && isRecord(meta.$defs) ? meta.$defs[name] : undefined;
  return isRecord(found) ? found : schema;
}
