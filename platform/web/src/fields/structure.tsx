import { Textarea } from "@mantine/core";
import { useEffect, useState } from "react";
import { parseExact } from "@/api/exact";
import { t } from "@/text";
import { framed, keyed } from "./editing";
import { type CellProps, type EditorProps, isUnset, type KindOfField } from "./kind";

export function compact(value: unknown): string {
  return isUnset(value) && !Array.isArray(value) ? "" : JSON.stringify(value);
}

function JsonCell({ value }: CellProps) {
  return <code style={{ fontSize: "0.92em" }}>{compact(value)}</code>;
}

function pretty(value: unknown): string {
  return value === null || value === undefined ? "" : JSON.stringify(value, null, 2);
}

interface Read {
  value?: unknown;
  fault?: string;
}

function read(text: string): Read {
  if (text.trim() === "") {
    return { value: null };
  }
  try {
    return { value: parseExact(text) };
  } catch (failure) {
    return { fault: t("fields.json_invalid", { message: (failure as Error).message }) };
  }
}

/** Edits the text of a value; only what is JSON is passed on. */
function JsonEditor(props: EditorProps) {
  const { value, onChange, onCommit } = props;
  const [text, setText] = useState(() => pretty(value));
  useEffect(() => {
    setText((now) => (compact(read(now).value) === compact(value) ? now : pretty(value)));
  }, [value]);
  const { fault } = read(text);
  const commit = () => {
    const now = read(text);
    if (!now.fault) {
      onCommit?.(now.value);
    }
  };
  return (
    <Textarea
      {...framed({ ...props, fault: fault ?? props.fault })}
      autosize
      minRows={3}
      maxRows={18}
      spellCheck={false}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        const now = read(event.currentTarget.value);
        if (!now.fault) {
          onChange(now.value);
        }
      }}
      onBlur={commit}
      onKeyDown={keyed({ ...props, onCommit: onCommit && commit }, () => value, true)}
    />
  );
}

export const json: KindOfField = { Cell: JsonCell, Editor: JsonEditor, large: true, text: compact };
