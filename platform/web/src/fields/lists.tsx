import { Group, TagsInput } from "@mantine/core";
import { Pill } from "@/shared/Pill";
import { t } from "@/text";
import { texts } from "./choice";
import { framed, keyed } from "./editing";
import type { CellProps, EditorProps, KindOfField } from "./kind";

const NEUTRAL = "#8a8378";

function TextListCell({ value }: CellProps) {
  return (
    <Group component="span" gap={4} wrap="nowrap">
      {texts(value).map((item, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text may be there twice
        <Pill key={`${place}:${item}`} text={item} colour={NEUTRAL} />
      ))}
    </Group>
  );
}

function TextListEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  return (
    <TagsInput
      {...framed(props)}
      value={texts(value)}
      onChange={onChange}
      splitChars={[]}
      allowDuplicates
      placeholder={props.inline ? undefined : t("fields.add_text_hint")}
      clearable
      clearButtonProps={{ "aria-label": t("fields.clear", { name: field.name }) }}
      onBlur={() => onCommit?.(value)}
      onKeyDown={keyed({ ...props, onCommit: undefined }, () => value)}
    />
  );
}

export const textList: KindOfField = {
  Cell: TextListCell,
  Editor: TextListEditor,
  text: (value) => texts(value).join(", "),
};
