/** The conditions of a filter, each in words, to look at and to take away. */
import { ActionIcon, Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { Workflow } from "@/api/types";
import { t } from "@/text";
import { described } from "./describe";
import { conditionCount } from "./draft";
import classes from "./FilterChips.module.css";
import { allOf, type Filter, flat } from "./tree";

interface Props {
  workflow: Workflow;
  where: Filter | null;
  onChange: (where: Filter | null) => void;
  /** Somebody wants to change one of them. */
  onEdit: () => void;
}

export function FilterChips({ workflow, where, onChange, onEdit }: Props) {
  if (where === null) {
    return null;
  }
  const parts = flat(where);
  const chips = parts
    ? parts.map((part) => ({
        key: JSON.stringify(part),
        text: described(part, workflow),
        rest: allOf(...parts.filter((one) => one !== part)),
      }))
    : [
        {
          key: "tree",
          text: t("filters.several", { count: conditionCount(where) }),
          rest: null,
        },
      ];
  return (
    <div className={classes.chips}>
      {chips.map(({ key, text, rest }) => (
        <span key={key} className={classes.chip}>
          <button type="button" className={classes.text} onClick={onEdit} title={text}>
            {text}
          </button>
          <ActionIcon
            size={20}
            aria-label={t("filters.remove_one", { text })}
            onClick={() => onChange(rest)}
          >
            <IconX size={13} />
          </ActionIcon>
        </span>
      ))}
      {chips.length > 1 && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onChange(null)}>
          {t("filters.clear")}
        </Button>
      )}
    </div>
  );
}
