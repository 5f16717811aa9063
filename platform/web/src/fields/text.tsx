import { Anchor, Textarea, TextInput } from "@mantine/core";
import { t } from "@/text";
import { framed, keyed } from "./editing";
import { type CellProps, type EditorProps, isUnset, type KindOfField } from "./kind";

export function plain(value: unknown): string {
  return isUnset(value) ? "" : String(value);
}

function TextCell({ value }: CellProps) {
  return <>{plain(value)}</>;
}

const INPUT_TYPES: Partial<Record<string, string>> = { email: "email", phone: "tel", url: "url" };

function TextEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  // What is left empty is unset; these kinds take no empty text, and nobody can see one.
  const set = (text: string) => onChange(text === "" ? null : text);
  return (
    <TextInput
      {...framed(props)}
      type="text"
      inputMode={INPUT_TYPES[field.type] as "email" | "tel" | "url" | undefined}
      value={plain(value)}
      placeholder={field.autoincrement && !props.inline ? t("fields.automatic") : undefined}
      onChange={(event) => set(event.currentTarget.value)}
      onBlur={() => onCommit?.(value)}
      onKeyDown={keyed(props, () => value)}
    />
  );
}

function LongTextEditor(props: EditorProps) {
  const { value, onChange, onCommit } = props;
  return (
    <Textarea
      {...framed(props)}
      autosize
      minRows={props.inline ? 2 : 3}
      maxRows={16}
      value={plain(value)}
      onChange={(event) => onChange(event.currentTarget.value || null)}
      onBlur={() => onCommit?.(value)}
      onKeyDown={keyed(props, () => value, true)}
    />
  );
}

const WEB = /^https?:\/\//i;

function UrlCell({ value }: CellProps) {
  const address = plain(value);
  // Any other scheme, such as javascript:, is shown and not followed.
  return WEB.test(address) ? (
    <Anchor href={address} target="_blank" rel="noreferrer noopener" inherit>
      {address.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "")}
    </Anchor>
  ) : (
    address
  );
}

function EmailCell({ value }: CellProps) {
  const address = plain(value);
  return (
    <Anchor href={`mailto:${encodeURIComponent(address).replace("%40", "@")}`} inherit>
      {address}
    </Anchor>
  );
}

export const text: KindOfField = { Cell: TextCell, Editor: TextEditor, text: plain };
export const longText: KindOfField = {
  Cell: TextCell,
  Editor: LongTextEditor,
  large: true,
  text: plain,
};
export const email: KindOfField = { Cell: EmailCell, Editor: TextEditor, text: plain };
export const phone: KindOfField = { Cell: TextCell, Editor: TextEditor, text: plain };
export const url: KindOfField = { Cell: UrlCell, Editor: TextEditor, text: plain };
export const uniqueId: KindOfField = { Cell: TextCell, Editor: TextEditor, text: plain };
