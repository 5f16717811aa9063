import { Checkbox, Group, MultiSelect, Select } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { OptionPill } from "@/shared/Pill";
import { t } from "@/text";
import { framed, keyed } from "./editing";
import { type CellProps, type EditorProps, isUnset, type KindOfField } from "./kind";
import { plain } from "./text";

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : isUnset(value) ? [] : [String(value)];
}

function SelectCell({ value, field }: CellProps) {
  return isUnset(value) ? null : <OptionPill field={field} option={String(value)} />;
}

function ManyCell({ value, field }: CellProps) {
  return (
    <Group component="span" gap={4} wrap="nowrap">
      {texts(value).map((option) => (
        <OptionPill key={option} field={field} option={option} />
      ))}
    </Group>
  );
}

/** The options of a field, and what a task has that is none of them any more. */
function optionsOf({ field, value }: EditorProps): string[] {
  return [...new Set([...(field.options ?? []), ...texts(value)])];
}

function SelectEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  return (
    <Select
      {...framed(props)}
      data={optionsOf(props)}
      value={isUnset(value) ? null : String(value)}
      onChange={(option) => {
        onChange(option);
        onCommit?.(option);
      }}
      onKeyDown={keyed({ ...props, onCommit: undefined }, () => value)}
      clearable={!field.required}
      clearButtonProps={{ "aria-label": t("fields.clear", { name: field.name }) }}
      searchable
      defaultDropdownOpened={props.inline}
      nothingFoundMessage={t("fields.no_options")}
      renderOption={({ option }) => <OptionPill field={field} option={option.value} />}
      onBlur={() => onCommit?.(value)}
    />
  );
}

function ManyEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  return (
    <MultiSelect
      {...framed(props)}
      data={optionsOf(props)}
      value={texts(value)}
      onChange={onChange}
      onKeyDown={keyed({ ...props, onCommit: undefined }, () => value)}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("fields.clear", { name: field.name }) }}
      hidePickedOptions
      nothingFoundMessage={t("fields.no_options")}
      renderOption={({ option }) => <OptionPill field={field} option={option.value} />}
      onBlur={() => onCommit?.(value)}
    />
  );
}

function CheckboxCell({ value, field }: CellProps) {
  return value === true ? (
    <IconCheck size={16} role="img" aria-label={`${field.name}: ${t("shared.yes")}`} />
  ) : value === false ? (
    <span style={{ color: "var(--tl-ink-muted)" }}>{t("shared.no")}</span>
  ) : null;
}

function CheckboxEditor(props: EditorProps) {
  const { value, onChange, onCommit } = props;
  const { className: _, required: __, ...frame } = framed(props);
  return (
    <Checkbox
      {...frame}
      m={props.inline ? 8 : undefined}
      checked={value === true}
      indeterminate={isUnset(value)}
      onChange={(event) => {
        onChange(event.currentTarget.checked);
        onCommit?.(event.currentTarget.checked);
      }}
      onKeyDown={keyed({ ...props, onCommit: undefined }, () => value)}
    />
  );
}

export const singleSelect: KindOfField = { Cell: SelectCell, Editor: SelectEditor, text: plain };
export const multipleSelect: KindOfField = {
  Cell: ManyCell,
  Editor: ManyEditor,
  text: (value) => texts(value).join(", "),
};
export const checkbox: KindOfField = {
  Cell: CheckboxCell,
  Editor: CheckboxEditor,
  text: (value) => (isUnset(value) ? "" : String(value)),
};
