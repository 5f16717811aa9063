import { TextInput } from "@mantine/core";
import { useState } from "react";
import { parseExact } from "@/api/exact";
import type { Schema } from "@/api/types";
import { type Key, t } from "@/text";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import type { FieldKind } from "./kinds";
import type { Path } from "./source";

const LENGTH = ["minLength", "maxLength"];
const RANGE = ["minimum", "maximum", "multipleOf"];
const ITEMS = ["minItems", "maxItems"];
const KEYWORDS: Partial<Record<FieldKind, readonly string[]>> = {
  text: [...LENGTH, "pattern"],
  longText: LENGTH,
  phone: [...LENGTH, "pattern"],
  email: ["maxLength", "pattern"],
  url: ["maxLength", "pattern"],
  number: RANGE,
  integer: RANGE,
  percent: RANGE,
  currency: RANGE,
  multipleSelect: ITEMS,
  textList: ITEMS,
  personList: ITEMS,
  file: ITEMS,
};
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const COUNT = /^(?:0|[1-9]\d*)$/;

interface Props {
  own: Schema;
  kind: FieldKind;
  path: Path;
  onChange: (part: Schema) => void;
}

/** What values a field takes. */
export function Limits({ own, kind, path, onChange }: Props) {
  const { faultAt } = useDesign();
  const keywords = KEYWORDS[kind] ?? [];
  if (keywords.length === 0) {
    return null;
  }
  return (
    <div>
      <span className={classes.label}>{t("designer.limits")}</span>
      <div className={classes.limits}>
        {keywords.map((keyword) => (
          <Limit
            key={keyword}
            keyword={keyword}
            value={own[keyword]}
            onChange={(value) => onChange({ [keyword]: value })}
            fault={faultAt([...path, keyword])}
          />
        ))}
        {own.pattern !== undefined && (
          <TextInput
            size="xs"
            label={t("designer.pattern_message")}
            value={String(own.patternErrorMessage ?? "")}
            onChange={(event) =>
              onChange({ patternErrorMessage: event.currentTarget.value || undefined })
            }
          />
        )}
      </div>
    </div>
  );
}

function Limit(props: {
  keyword: string;
  value: unknown;
  onChange: (value: unknown) => void;
  fault: string | undefined;
}) {
  const { keyword, value, onChange, fault } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const word = keyword === "pattern";
  const shape = RANGE.includes(keyword) ? NUMBER : COUNT;
  const spelt = value === undefined ? "" : word ? String(value) : JSON.stringify(value);
  const shown = typed ?? spelt;
  const wrong = shown !== "" && !word && !shape.test(shown);
  const take = (text: string) => {
    setTyped(text);
    if (text === "") {
      onChange(undefined);
    } else if (word || shape.test(text)) {
      onChange(word ? text : parseExact(text));
    }
  };
  return (
    <TextInput
      size="xs"
      label={t(`designer.limit_${keyword}` as Key)}
      inputMode={word ? "text" : "decimal"}
      value={shown}
      onChange={(event) => take(event.currentTarget.value)}
      onBlur={() => setTyped(null)}
      styles={word ? { input: { fontFamily: "var(--mantine-font-family-monospace)" } } : undefined}
      error={wrong ? t("designer.number_fault") : fault}
    />
  );
}
