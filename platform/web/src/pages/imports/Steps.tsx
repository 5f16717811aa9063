import { IconCheck } from "@tabler/icons-react";
import { t } from "@/text";
import classes from "./Imports.module.css";

const STEPS = ["file", "columns", "try", "import"] as const;
export type Step = (typeof STEPS)[number];

/** How far one is on the way. */
export function Steps({ at, done }: { at: Step; done?: boolean }) {
  const reached = STEPS.indexOf(at);
  return (
    <ol className={classes.steps} aria-label={t("imports.steps")}>
      {STEPS.map((step, place) => {
        const passed = place < reached || (done && place === reached);
        return (
          <li
            key={step}
            className={classes.step}
            data-passed={passed || undefined}
            aria-current={step === at ? "step" : undefined}
          >
            <span className={classes.dot} aria-hidden>
              {passed ? <IconCheck size={12} stroke={3} /> : place + 1}
            </span>
            {t(`imports.step_${step}`)}
          </li>
        );
      })}
    </ol>
  );
}
