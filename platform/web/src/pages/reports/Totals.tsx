/** The figures that one looks at first. */

import { count, t } from "@/text";
import { PERIODS, type Settings } from "./asked";
import { useAskedOf, useReport } from "./queries";
import classes from "./Reports.module.css";
import { chosen, datesOf, hasApprovals } from "./sections";
import { daysText, numberOf } from "./values";

export function Totals({ settings }: { settings: Settings }) {
  const { workflow } = useAskedOf();
  const due = chosen(settings.due, datesOf(workflow));
  const approving = hasApprovals(workflow);
  const period = PERIODS.find((one) => one === settings.period) ?? "week";
  const stages = useReport("stages").data;
  const age = useReport("age").data;
  const flow = useReport("throughput", period).data;
  const late = useReport("overdue", due, due !== undefined).data;
  const waiting = useReport("approvals", undefined, approving).data;
  const told = (value: unknown) => (value === undefined ? "…" : count(numberOf(value)));
  return (
    <dl className={classes.totals}>
      <Total name={t("reports.total")} text={told(stages?.total?.count)} />
      <Total name={t("reports.still_open")} text={told(age?.total?.count)} />
      <Total name={t("reports.finished_in")} text={told(flow?.total?.finished)} />
      <Total name={t("reports.median_age")} text={age ? daysText(age.total?.median) : "…"} />
      {due !== undefined && (
        <Total
          name={t("reports.overdue")}
          text={told(late?.total?.count)}
          alarming={numberOf(late?.total?.count) > 0}
        />
      )}
      {approving && <Total name={t("reports.approvals")} text={told(waiting?.total?.count)} />}
    </dl>
  );
}

function Total({ name, text, alarming }: { name: string; text: string; alarming?: boolean }) {
  return (
    <div className={classes.total}>
      <dt>{name}</dt>
      <dd className={alarming ? `tl-numbers ${classes.alarming}` : "tl-numbers"}>{text}</dd>
    </div>
  );
}
