import { Button, Fieldset, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { Field, Schema } from "@/api/types";
import { t } from "@/text";
import { Default } from "./Default";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { KindIcon } from "./icons";
import {
  asKind,
  type FieldKind,
  GROUPS,
  kindHint,
  kindName,
  kindOfSchema,
  uniqueOf,
} from "./kinds";
import { Limits } from "./Limits";
import { keyFor, put, setRequired, setUnique, withField } from "./model";
import { Options } from "./Options";
import { removeField, renameField } from "./rekey";

const KEY = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const UNIQUE = new Set<FieldKind>(["text", "integer"]);
const AUTOMATIC: Partial<Record<FieldKind, "creator" | "now">> = {
  person: "creator",
  date: "now",
  datetime: "now",
};

interface Props {
  field: Field;
  /** It was just added: its title is what one writes first. */
  fresh: boolean;
  onKey: (key: string) => void;
  onRemoved: () => void;
}

/** All that a field is. */
export function FieldForm({ field, fresh, onKey, onRemoved }: Props) {
  const { file, savedKeys, locked, faultAt, change } = useDesign();
  const key = field.id;
  const own = (file.properties?.[key] ?? {}) as Schema;
  const kind = kindOfSchema(own, file);
  const stored = savedKeys.has(key);
  const set = (part: Schema) => change((one) => withField(one, key, put(own, part)));
  const others = Object.keys(file.properties ?? {}).filter((one) => one !== key);
  const entitle = (title: string) => {
    const before = typeof own.title === "string" ? own.title : key;
    const taken = [...others, ...savedKeys];
    const follows = !stored && key === keyFor(before, taken);
    const next = follows ? keyFor(title, taken) : key;
    change((one) => renameField(withField(one, key, put(own, { title })), key, next));
    if (next !== key) {
      onKey(next);
    }
  };
  const title = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (fresh) {
      title.current?.focus();
      title.current?.select();
    }
  }, [fresh]);
  const path = ["properties", key] as const;
  return (
    <Fieldset variant="unstyled" disabled={locked} className={classes.form}>
      <header className={classes.formHead}>
        <KindIcon kind={kind} size={20} />
        <div>
          <h2>{field.name}</h2>
          <p className={classes.muted}>{kindHint(kind)}</p>
        </div>
        <Button
          variant="subtle"
          c="var(--mantine-color-error)"
          color="red"
          size="xs"
          className={classes.removeButton}
          leftSection={<IconTrash size={14} aria-hidden />}
          onClick={() => {
            change((one) => removeField(one, key));
            onRemoved();
          }}
        >
          {t("shared.remove")}
        </Button>
      </header>
      <div className={classes.pair}>
        <TextInput
          ref={title}
          label={t("designer.title_of_field")}
          value={typeof own.title === "string" ? own.title : ""}
          placeholder={key}
          onChange={(event) => entitle(event.currentTarget.value)}
          error={faultAt([...path, "title"])}
        />
        <KeyInput
          value={key}
          fixed={stored}
          taken={others}
          onChange={(next) => {
            change((one) => renameField(one, key, next));
            onKey(next);
          }}
        />
      </div>
      <Select
        label={t("designer.kind")}
        description={stored ? t("designer.kind_warning") : undefined}
        value={kind}
        allowDeselect={false}
        searchable
        data={GROUPS.map((group) => ({
          group: t(group.key),
          items: group.kinds.map((one) => ({ value: one, label: kindName(one) })),
        }))}
        leftSection={<KindIcon kind={kind} />}
        onChange={(next) => {
          if (next && next !== kind) {
            replace(asKind(own, next as FieldKind, file));
          }
        }}
        error={faultAt([...path, "type"]) ?? faultAt([...path, "format"])}
      />
      <Textarea
        label={t("designer.help")}
        description={t("designer.help_hint")}
        autosize
        minRows={1}
        maxRows={5}
        value={typeof own.description === "string" ? own.description : ""}
        onChange={(event) => set({ description: event.currentTarget.value || undefined })}
        error={faultAt([...path, "description"])}
      />
      <Options own={own} kind={kind} onChange={replace} fault={faultAt([...path, "enum"])} />
      <div className={classes.switches}>
        <Switch
          label={t("designer.required")}
          description={t("designer.required_hint")}
          checked={field.required}
          onChange={(event) => {
            const on = event.currentTarget.checked;
            change((one) => setRequired(one, key, on));
          }}
        />
        <Switch
          label={t("designer.filterable")}
          description={t("designer.filterable_hint")}
          checked={own.filterable === true}
          onChange={(event) => set({ filterable: event.currentTarget.checked || undefined })}
        />
        <Switch
          label={t("designer.read_only")}
          description={t("designer.read_only_hint")}
          checked={!field.editable}
          onChange={(event) =>
            set({
              editable: undefined,
              readOnly: event.currentTarget.checked || undefined,
            })
          }
        />
        <Switch
          label={t("designer.write_once")}
          description={t("designer.write_once_hint")}
          checked={own.writeOnce === true}
          onChange={(event) => set({ writeOnce: event.currentTarget.checked || undefined })}
        />
        {AUTOMATIC[kind] && (
          <Switch
            label={t(kind === "person" ? "designer.auto_creator" : "designer.auto_now")}
            description={t("designer.auto_hint")}
            checked={own.auto !== undefined}
            onChange={(event) =>
              set({ auto: event.currentTarget.checked ? AUTOMATIC[kind] : undefined })
            }
          />
        )}
        {(kind === "date" || kind === "datetime") && (
          <Switch
            label={t("designer.future")}
            description={t("designer.future_hint")}
            checked={own.future === true}
            onChange={(event) => set({ future: event.currentTarget.checked || undefined })}
          />
        )}
        {UNIQUE.has(kind) && own.format === undefined && (
          <UniqueSwitches field={field} kind={kind} />
        )}
      </div>
      <Limits own={own} kind={kind} path={path} onChange={set} />
      <Default
        field={field}
        own={own}
        kind={kind}
        onChange={set}
        fault={faultAt([...path, "default"])}
      />
      <Other fault={faultAt(path)} />
    </Fieldset>
  );

  function replace(schema: Schema) {
    change((one) => withField(one, key, schema));
  }
}

function UniqueSwitches({ field, kind }: { field: Field; kind: FieldKind }) {
  const { file, change, faultAt } = useDesign();
  const unique = uniqueOf(file);
  const here = unique?.field === field.id;
  const fault = faultAt(["workflow", "uniqueId"]);
  return (
    <>
      <Switch
        label={t("designer.unique")}
        description={
          unique && !here
            ? t("designer.unique_other", { name: file.properties?.[unique.field]?.title as string })
            : t("designer.unique_hint")
        }
        checked={here}
        error={here && fault}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          change((one) => setUnique(one, on ? field.id : null));
        }}
      />
      {here && kind === "integer" && (
        <Switch
          label={t("designer.counted")}
          description={t("designer.counted_hint")}
          checked={unique.autoIncrement}
          onChange={(event) => {
            const on = event.currentTarget.checked;
            change((one) => setUnique(one, field.id, on));
          }}
        />
      )}
    </>
  );
}

/** What the server said of a field as a whole. */
function Other({ fault }: { fault: string | undefined }) {
  return fault ? (
    <p role="alert" className={classes.fault}>
      {fault}
    </p>
  ) : null;
}

function KeyInput(props: {
  value: string;
  fixed: boolean;
  taken: readonly string[];
  onChange: (key: string) => void;
}) {
  const { value, fixed, taken, onChange } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? value;
  const fault = !KEY.test(shown)
    ? t("designer.key_fault")
    : taken.includes(shown)
      ? t("designer.key_taken")
      : undefined;
  const settle = () => {
    if (!fault && shown !== value) {
      onChange(shown);
    }
    setTyped(null);
  };
  return (
    <TextInput
      label={t("designer.key")}
      description={t(fixed ? "designer.key_fixed" : "designer.key_hint")}
      inputWrapperOrder={["label", "input", "description", "error"]}
      value={shown}
      readOnly={fixed}
      variant={fixed ? "filled" : "default"}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => event.key === "Enter" && settle()}
      error={typed !== null && fault}
    />
  );
}
