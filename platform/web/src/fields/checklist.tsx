import { ActionIcon, Checkbox, Group, Input, Progress, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "@/text";
import { framed } from "./editing";
import type { CellProps, EditorProps, KindOfField } from "./kind";

export interface Item {
  id?: string | null;
  text: string;
  done?: boolean;
}

export function itemsOf(value: unknown): Item[] {
  return Array.isArray(value) ? (value as Item[]) : [];
}

function share(items: Item[]): string {
  const done = items.filter((item) => item.done).length;
  return t("fields.done_of", { done, total: items.length });
}

function ChecklistCell({ value }: CellProps) {
  const items = itemsOf(value);
  const done = items.filter((item) => item.done).length;
  return items.length === 0 ? null : (
    <Group component="span" gap={6} wrap="nowrap">
      <Progress
        component="span"
        value={(100 * done) / items.length}
        w={44}
        size="sm"
        aria-hidden
        style={{ flex: "none" }}
      />
      <span className="tl-numbers">{share(items)}</span>
    </Group>
  );
}

function ChecklistEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  const items = itemsOf(value);
  const [added, setAdded] = useState("");
  const disabled = Boolean(framed(props).disabled);
  const set = (next: Item[]) => {
    onChange(next);
    onCommit?.(next);
  };
  const changed = (place: number, change: Partial<Item>) =>
    items.map((item, at) => (at === place ? { ...item, ...change } : item));
  const add = () => {
    if (added.trim()) {
      set([...items, { text: added.trim(), done: false }]);
      setAdded("");
    }
  };
  return (
    <Input.Wrapper
      label={props.inline ? undefined : field.name}
      labelElement="div"
      required={props.required ?? field.required}
      error={props.fault}
    >
      <Stack gap={6} mt={4}>
        {items.map((item, place) => (
          <Group key={item.id ?? `new-${place}`} gap="xs" wrap="nowrap">
            <Checkbox
              aria-label={item.text}
              checked={Boolean(item.done)}
              disabled={disabled}
              onChange={(event) => set(changed(place, { done: event.currentTarget.checked }))}
            />
            <TextInput
              flex={1}
              variant="unstyled"
              aria-label={t("fields.item", { number: place + 1, name: field.name })}
              value={item.text}
              disabled={disabled}
              onChange={(event) => onChange(changed(place, { text: event.currentTarget.value }))}
              onBlur={() => onCommit?.(items)}
            />
            {!disabled && (
              <ActionIcon
                aria-label={t("fields.remove_item", { item: item.text })}
                onClick={() => set(items.filter((_, at) => at !== place))}
              >
                <IconX size={15} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {!disabled && (
          <Group gap="xs" wrap="nowrap">
            <TextInput
              flex={1}
              aria-label={t("fields.new_item", { name: field.name })}
              placeholder={t("fields.add_item")}
              value={added}
              onChange={(event) => setAdded(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter") {
                  event.preventDefault();
                  add();
                }
              }}
            />
            <ActionIcon aria-label={t("fields.add_item")} onClick={add} disabled={!added.trim()}>
              <IconPlus size={16} />
            </ActionIcon>
          </Group>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

export const checklist: KindOfField = {
  Cell: ChecklistCell,
  Editor: ChecklistEditor,
  large: true,
  text: (value) => (itemsOf(value).length > 0 ? share(itemsOf(value)) : ""),
};
