import type { CSSProperties } from "react";
import type { Field, Stage } from "@/api/types";
import { colourAt, colourOf } from "./colours";
import classes from "./Pill.module.css";

/** A short text on a colour of its own. */
export function Pill(props: { text: string; colour: string; dot?: boolean; end?: boolean }) {
  return (
    <span
      className={props.end ? `${classes.pill} ${classes.end}` : classes.pill}
      style={{ "--pill": props.colour } as CSSProperties}
      title={props.text}
    >
      {props.dot && <i className={classes.dot} />}
      <span className={classes.text}>{props.text}</span>
    </span>
  );
}

export function stageColour(stages: readonly Stage[], name: string): string {
  const place = stages.findIndex((stage) => stage.name === name);
  const stage = stages[place];
  const usual = stage?.end ? "green" : stage?.initial ? "grey" : undefined;
  return colourOf(stage?.colour) ?? colourOf(usual) ?? colourAt(place);
}

export function StageBadge({ stages, name }: { stages: readonly Stage[]; name: string }) {
  const end = stages.find((stage) => stage.name === name)?.end;
  return <Pill dot end={end} text={name} colour={stageColour(stages, name)} />;
}

export function OptionPill({ field, option }: { field: Pick<Field, "options">; option: string }) {
  return <Pill text={option} colour={colourAt((field.options ?? []).indexOf(option))} />;
}
