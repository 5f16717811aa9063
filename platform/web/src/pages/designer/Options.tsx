import { ActionIcon, Button, Group, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { Schema } from "@/api/types";
import { colourAt } from "@/shared/colours";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { type FieldKind, optionsOf, withOptions } from "./kinds";
import { moved, newName } from "./model";
import { Sortable } from "./Sortable";

interface Props {
  own: Schema;
  kind: FieldKind;
  onChange: (schema: Schema) => void;
  fault: string | undefined;
}

/** The options of a select in their order, which is what gives them their colours. */
export function Options({ own, kind, onChange, fault }: Props) {
  const { file, locked } = useDesign();
  const [many, setMany] = useState<string | null>(null);
  const added = useRef(false);
  const list = useRef<HTMLDivElement>(null);
  const options = optionsOf(own, file);
  useEffect(() => {
    if (added.current) {
      added.current = false;
      const inputs = list.current?.querySelectorAll("input") ?? [];
      const last = inputs[options.length - 1];
      last?.focus();
      last?.select();
    }
  }, [options.length]);
  if (kind !== "singleSelect" && kind !== "multipleSelect") {
    return null;
  }
  const set = (next: readonly string[]) => onChange(withOptions(own, next));
  const add = () => {
    added.current = true;
    set([...options, newName(t("designer.option_new"), options)]);
  };
  const pasted = (text: string) => {
    const lines = text.split("\n").map((line) => line.trim());
    set([...new Set(lines.filter(Boolean))]);
    setMany(null);
  };
  return (
    <div className={classes.options} ref={list}>
      <Group justify="space-between">
        <span className={classes.label}>{t("designer.options")}</span>
        {!locked && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => (many === null ? setMany(options.join("\n")) : pasted(many))}
          >
            {t(many === null ? "designer.options_text" : "designer.options_done")}
          </Button>
        )}
      </Group>
      {many !== null ? (
        <Textarea
          autosize
          minRows={4}
          maxRows={14}
          data-autofocus
          aria-label={t("designer.options_lines")}
          description={t("designer.options_lines")}
          value={many}
          onChange={(event) => setMany(event.currentTarget.value)}
        />
      ) : (
        <>
          <Sortable
            items={options}
            idOf={(_, at) => String(at)}
            nameOf={(option) => option}
            onMove={(from, to) => set(moved(options, from, to))}
            locked={locked}
            label={t("designer.options")}
            className={classes.optionList}
          >
            {(option, at, handle) => (
              <div className={classes.option}>
                {handle}
                <i className={classes.swatch} style={{ background: colourAt(at) }} />
                <TextInput
                  className={classes.grow}
                  size="xs"
                  value={option}
                  aria-label={t("designer.option", { number: at + 1 })}
                  onChange={(event) => set(options.with(at, event.currentTarget.value))}
                  onKeyDown={(event) => event.key === "Enter" && add()}
                  error={
                    option === "" || options.indexOf(option) !== at
                      ? t(option === "" ? "designer.fault_empty" : "designer.fault_twice")
                      : undefined
                  }
                />
                {!locked && (
                  <ActionIcon
                    size="sm"
                    aria-label={t("designer.remove_option", { name: option })}
                    disabled={options.length < 2}
                    onClick={() => set(options.filter((_, index) => index !== at))}
                  >
                    <IconX size={14} aria-hidden />
                  </ActionIcon>
                )}
              </div>
            )}
          </Sortable>
          {!locked && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={add}
              className={classes.start}
            >
              {t("designer.add_option")}
            </Button>
          )}
        </>
      )}
      {fault && (
        <p role="alert" className={classes.fault}>
          {fault}
        </p>
      )}
    </div>
  );
}
