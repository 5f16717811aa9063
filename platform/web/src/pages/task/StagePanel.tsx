import { Anchor, Button, Text } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import type { Field, Workflow } from "@/api/types";
import { StageBadge, stageColour } from "@/shared/Pill";
import { t } from "@/text";
import { ruleOf } from "./approving";
import { Panel } from "./Panel";
import { type Move, movesFrom } from "./stages";
import classes from "./task.module.css";

interface Props {
  workflow: Workflow;
  values: Record<string, unknown>;
  stage: string;
  busy: boolean;
  locked: boolean;
  onMove: (stage: string) => void;
  /** Somebody wants to move, and these fields are missing; the first one is led to. */
  onMissing: (missing: readonly Field[], first: Field) => void;
  children?: React.ReactNode;
}

/** Where the task is, and a button for each stage that it may go to. */
export function StagePanel(props: Props) {
  const { workflow, values, stage } = props;
  const moves = movesFrom(workflow, values, stage);
  const over = workflow.stages.some((one) => one.name === stage && one.end);
  const approved = !over && ruleOf(workflow) !== null;
  return (
    <Panel title={t("task.stage")} id="task-stage">
      <div className={classes.now}>
        <StageBadge stages={workflow.stages} name={stage} />
      </div>
      {props.children}
      {moves.length > 0 ? (
        <>
          <Text size="xs" c="dimmed" mb={6}>
            {t("task.move_to")}
          </Text>
          <ul className={classes.moves}>
            {moves.map((move) => (
              <OneMove key={move.stage.id} {...props} move={move} />
            ))}
          </ul>
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {t(approved ? "task.moves_by_approval" : "task.no_moves")}
        </Text>
      )}
    </Panel>
  );
}

function OneMove(props: Props & { move: Move }) {
  const { move, workflow, busy, locked, onMove, onMissing } = props;
  const { stage, missing } = move;
  const needs = `needs-${stage.id}`;
  const [first] = missing;
  return (
    <li>
      <Button
        fullWidth
        variant="default"
        justify="flex-start"
        disabled={busy || locked}
        className={classes.move}
        data-missing={first !== undefined || undefined}
        aria-label={t("task.move_to_stage", { name: stage.name })}
        aria-describedby={first && needs}
        leftSection={
          <i
            className={stage.end ? `${classes.dot} ${classes.dotEnd}` : classes.dot}
            style={{ background: stageColour(workflow.stages, stage.name) }}
          />
        }
        rightSection={<IconArrowRight size={15} aria-hidden />}
        onClick={() => (first ? onMissing(missing, first) : onMove(stage.name))}
      >
        {stage.name}
      </Button>
      {first && (
        <Text size="xs" c="dimmed" className={classes.needs} id={needs}>
          {t("task.needs")}{" "}
          {missing.map((field, place) => (
            <span key={field.id}>
              {place > 0 && ", "}
              <Anchor
                component="button"
                type="button"
                inherit
                onClick={() => onMissing(missing, field)}
              >
                {field.name}
              </Anchor>
            </span>
          ))}
        </Text>
      )}
    </li>
  );
}
