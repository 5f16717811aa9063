import { TextInput } from "@mantine/core";
import { t } from "@/text";
import { framed, keyed } from "./editing";
import type { CellProps, EditorProps, KindOfField } from "./kind";
import { plain } from "./text";

/** Thousands apart, digit by digit: a number never becomes a float here. */
export function grouped(value: unknown): string {
  const [, sign = "", whole = "", rest = ""] = /^(-?)(\d+)(.*)$/s.exec(plain(value)) ?? [];
  return whole ? `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest}` : plain(value);
}

function percent(value: unknown): string {
  const text = grouped(value);
  return text && `${text} %`;
}

function NumberCell({ value }: CellProps) {
  return <span className="tl-numbers">{grouped(value)}</span>;
}

function PercentCell({ value }: CellProps) {
  return <span className="tl-numbers">{percent(value)}</span>;
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

/** What is meant by `1 234,5` or `1,234.5`, as far as there is no doubt. */
function meant(typed: string): string {
  const text = typed.trim().replace(/[\s\u00a0\u202f']/g, "");
  return /^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(text) ? text.replaceAll(",", "") : text;
}

function NumberEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  const shown = plain(value);
  const wrong = shown !== "" && !NUMBER.test(meant(shown));
  const fault = wrong
    ? t(field.type === "integer" ? "fields.integer_invalid" : "fields.number_invalid")
    : undefined;
  const sent = () => (shown === "" ? null : meant(shown));
  return (
    <TextInput
      {...framed({ ...props, fault: props.fault ?? fault })}
      inputMode="decimal"
      autoComplete="off"
      classNames={{ input: "tl-numbers" }}
      rightSection={field.type === "percent" ? "%" : undefined}
      value={shown}
      onChange={(event) => onChange(event.currentTarget.value || null)}
      onBlur={() => {
        if (sent() !== value) {
          onChange(sent());
        }
        onCommit?.(sent());
      }}
      onKeyDown={keyed(props, sent)}
    />
  );
}

const shared = { Editor: NumberEditor, numeric: true };

export const number: KindOfField = { ...shared, Cell: NumberCell, text: plain };
export const integer: KindOfField = { ...shared, Cell: NumberCell, text: plain };
export const currency: KindOfField = { ...shared, Cell: NumberCell, text: plain };
export const percentKind: KindOfField = { ...shared, Cell: PercentCell, text: plain };
