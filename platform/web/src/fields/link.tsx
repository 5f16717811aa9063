import { Group, TagsInput } from "@mantine/core";
import { hueOf } from "@/shared/colours";
import { Pill } from "@/shared/Pill";
import { framed, keyed } from "./editing";
import type { CellProps, EditorProps, KindOfField } from "./kind";

type Linked = Record<string, unknown>;

/** The tasks that a link leads to, as an answer shows them: one object, a list of them, or none. */
export function linkedOf(value: unknown): Linked[] {
  const list = Array.isArray(value) ? value : value ? [value] : [];
  return list.map((one) => (typeof one === "object" && one !== null ? one : { "": one }) as Linked);
}

/** What stands for a linked task: the first of its values that is a text. */
export function linkedText(task: Linked): string {
  const told = Object.values(task).find((value) => typeof value === "string" && value !== "");
  return String(told ?? Object.values(task).find((value) => value !== null) ?? "");
}

function LinkCell({ value }: CellProps) {
  return (
    <Group component="span" gap={4} wrap="nowrap">
      {linkedOf(value).map((task, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a linked task has no id in an answer
        <Pill key={place} text={linkedText(task)} colour={hueOf("link")} />
      ))}
    </Group>
  );
}

/** Edits the unique IDs of linked tasks; the task page offers more. */
function LinkEditor(props: EditorProps) {
  const { value, onChange, onCommit } = props;
  return (
    <TagsInput
      {...framed(props)}
      value={linkedOf(value).map(linkedText)}
      splitChars={[]}
      onChange={onChange}
      onBlur={() => onCommit?.(value)}
      onKeyDown={keyed({ ...props, onCommit: undefined }, () => value)}
    />
  );
}

export const link: KindOfField = {
  Cell: LinkCell,
  Editor: LinkEditor,
  text: (value) => linkedOf(value).map(linkedText).join(", "),
};
