import { Alert, Button } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { sentence } from "@/api/problem";
import { type Key, t } from "@/text";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { lineOf, type Path } from "./source";

const MOST_SHOWN = 8;

/** What keeps the file from being saved: JSON that is broken, and faults, each leading to its place. */
export function Notes({ onFault }: { onFault: (path: Path) => void }) {
  const { broken, parsed, faults, text, mend, admin, began, source, dirty, id } = useDesign();
  const where = parsed.broken;
  const drifted = dirty && id !== "" && began !== source.version;
  return (
    <div className={classes.notes}>
      {drifted && (
        <Alert color="orange">{t("designer.drifted", { version: source.version, began })}</Alert>
      )}
      {broken && admin && (
        <Alert
          role="alert"
          color="red"
          icon={<IconAlertCircle aria-hidden />}
          title={
            where
              ? t("designer.broken", { line: where.line, column: where.column })
              : t("designer.unusable")
          }
        >
          {where && <span>{t(`designer.wanted_${where.wanted}` as Key)} </span>}
          {t("designer.broken_text")}{" "}
          <Button size="compact-xs" variant="white" color="red.9" onClick={mend}>
            {t("designer.mend")}
          </Button>
        </Alert>
      )}
      {faults.length > 0 && (
        <Alert
          role="alert"
          color="red"
          icon={<IconAlertCircle aria-hidden />}
          title={t("shared.faults", { count: faults.length })}
        >
          <ul className={classes.faults}>
            {faults.slice(0, MOST_SHOWN).map((fault) => (
              <li key={`${fault.path.join(".")}${fault.message}`}>
                <button type="button" onClick={() => onFault(fault.path)}>
                  <b>{fault.path.join(" › ")}</b> {sentence(fault)}
                  <span className={classes.lineNumber}>
                    {t("designer.line", { line: lineOf(text, parsed.places, fault.path) })}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </div>
  );
}
