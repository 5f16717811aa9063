import { Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./task.module.css";

/** A part of the page with a heading of its own, or with what it is called where nobody sees it. */
export function Panel(props: { title?: string; label?: string; id?: string; children: ReactNode }) {
  const heading = useId();
  return (
    <section
      className={classes.panel}
      aria-labelledby={props.title ? heading : undefined}
      aria-label={props.label}
      id={props.id}
    >
      {props.title && (
        <Title order={2} id={heading} className={classes.panelHead}>
          {props.title}
        </Title>
      )}
      {props.children}
    </section>
  );
}
