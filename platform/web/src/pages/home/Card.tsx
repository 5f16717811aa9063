import { IconLayoutKanban } from "@tabler/icons-react";
import type { CSSProperties } from "react";
import { Link } from "react-router";
import { type Counts, useCounts, useWorkflow } from "@/api/queries";
import type { Stage, WorkflowSummary } from "@/api/types";
import { workflowAddress } from "@/app/places";
import { hueOf } from "@/shared/colours";
import { stageColour } from "@/shared/Pill";
import { count, t } from "@/text";
import classes from "./Home.module.css";

/** A workflow: its name leads to its table, its bar shows how far the work is. */
export function Card({ workflow }: { workflow: WorkflowSummary }) {
  const counts = useCounts(workflow.id);
  const described = useWorkflow(workflow.id).data;
  const about = described?.file.description;
  return (
    <li className={classes.card} style={{ "--hue": hueOf(workflow.id) } as CSSProperties}>
      <div className={classes.top}>
        <span className={classes.badge} aria-hidden>
          {[...workflow.name][0]?.toUpperCase()}
        </span>
        <h2 className={classes.name}>
          <Link to={workflowAddress(workflow.id)} className={classes.whole}>
            {workflow.name}
          </Link>
        </h2>
        <Link
          to={workflowAddress(workflow.id, "board")}
          className={classes.board}
          aria-label={`${t("home.board")}: ${workflow.name}`}
          title={t("home.board")}
        >
          <IconLayoutKanban size={17} aria-hidden />
        </Link>
      </div>
      <p className={classes.about}>{typeof about === "string" ? about : "\u00a0"}</p>
      {counts.data && described ? (
        <Progress counts={counts.data} stages={described.stages} />
      ) : (
        <div className={classes.numbers}>
          <span>{counts.error ? t("home.counts_failed") : "\u00a0"}</span>
        </div>
      )}
    </li>
  );
}

function Progress({ counts, stages }: { counts: Counts; stages: Stage[] }) {
  const open = stages
    .filter((stage) => !stage.end)
    .reduce((sum, stage) => sum + (counts.stages[stage.name] ?? 0), 0);
  const filled = stages.filter((stage) => counts.stages[stage.name]);
  return (
    <>
      <div className={classes.numbers}>
        {counts.total === 0 ? (
          <span>{t("home.no_tasks")}</span>
        ) : (
          <>
            <strong>{count(open)}</strong> {t("home.open_tasks", { count: open })}
            <span className={classes.all}>{t("home.of_all", { total: counts.total })}</span>
          </>
        )}
      </div>
      <div
        className={classes.bar}
        role="img"
        aria-label={`${t("home.stages")}: ${filled
          .map((stage) => `${stage.name} ${count(counts.stages[stage.name] ?? 0)}`)
          .join(", ")}`}
      >
        {filled.map((stage) => (
          <i
            key={stage.id}
            title={`${stage.name}: ${count(counts.stages[stage.name] ?? 0)}`}
            style={{
              flexGrow: counts.stages[stage.name],
              background: stageColour(stages, stage.name),
            }}
          />
        ))}
      </div>
    </>
  );
}
