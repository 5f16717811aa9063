import { Badge, Button, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAsterisk, IconKey, IconPlus } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { EmptyState } from "@/shared/EmptyState";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { FieldForm } from "./FieldForm";
import { KindIcon } from "./icons";
import { KindPalette } from "./KindPalette";
import { type FieldKind, fieldsOf, keysOf, kindName, kindOfSchema, newField } from "./kinds";
import { keyFor, moveField, newName, withField } from "./model";
import { Sortable } from "./Sortable";

interface Props {
  chosen: string | null;
  choose: (key: string | null) => void;
}

/** The fields in their order, and the one that is being changed. */
export function Fields({ chosen, choose }: Props) {
  const { file, savedKeys, saved, locked, faultAt, change, show } = useDesign();
  const stacked = useMediaQuery("(max-width: 48em)");
  const detail = useRef<HTMLDivElement>(null);
  const [adding, setAdding] = useState(false);
  const [fresh, setFresh] = useState<string | null>(null);
  const fields = fieldsOf(file);
  const current = fields.find((field) => field.id === chosen) ?? fields[0];
  const select = (key: string) => {
    choose(key);
    show(["properties", key]);
    if (stacked) {
      requestAnimationFrame(() => detail.current?.scrollIntoView({ block: "start" }));
    }
  };
  const add = (kind: FieldKind) => {
    const titles = fields.map((field) => field.name);
    const title = newName(kindName(kind), titles);
    const key = keyFor(title, [...keysOf(file), ...savedKeys]);
    change((one) => withField(one, key, newField(kind, title)));
    setAdding(false);
    setFresh(key);
    select(key);
  };
  return (
    <div className={classes.split}>
      <div className={classes.master}>
        <Sortable
          items={fields}
          idOf={(field) => field.id}
          nameOf={(field) => field.name}
          onMove={(from, to) => change((one) => moveField(one, from, to))}
          locked={locked}
          label={t("designer.fields")}
          className={classes.list}
        >
          {(field, _at, handle) => (
            <div className={classes.item} data-current={field.id === current?.id || undefined}>
              {handle}
              <button
                type="button"
                className={classes.itemName}
                aria-current={field.id === current?.id || undefined}
                onClick={() => select(field.id)}
              >
                <KindIcon kind={kindOfSchema(field.schema, file)} />
                <span className={classes.itemTitle}>{field.name}</span>
                {field.type === "uniqueId" && (
                  <Tooltip label={t("designer.unique")}>
                    <IconKey size={14} role="img" aria-label={t("designer.unique")} />
                  </Tooltip>
                )}
                {field.required && (
                  <IconAsterisk
                    size={11}
                    role="img"
                    aria-label={t("designer.required")}
                    className={classes.mark}
                  />
                )}
                {saved && !savedKeys.has(field.id) && (
                  <Badge size="xs" color="loom" className={classes.newBadge}>
                    {t("designer.new_badge")}
                  </Badge>
                )}
                {faultAt(["properties", field.id]) && (
                  <span className={classes.faultDot} title={t("designer.has_fault")} />
                )}
              </button>
            </div>
          )}
        </Sortable>
        {!locked && (
          <Button
            variant="default"
            fullWidth
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            {t("designer.add_field")}
          </Button>
        )}
        <KindPalette opened={adding} onClose={() => setAdding(false)} onChoose={add} />
      </div>
      <div className={classes.detail} ref={detail}>
        {current ? (
          <FieldForm
            key={fresh === current.id ? "fresh" : savedKeys.has(current.id) ? current.id : "new"}
            field={current}
            fresh={fresh === current.id}
            onKey={(key) => {
              setFresh((one) => (one === current.id ? key : one));
              choose(key);
            }}
            onRemoved={() => {
              const at = fields.indexOf(current);
              choose(fields[at + 1]?.id ?? fields[at - 1]?.id ?? null);
            }}
          />
        ) : (
          <EmptyState title={t("designer.no_fields")} text={t("designer.no_fields_text")} />
        )}
      </div>
    </div>
  );
}
