import type { ReactNode } from "react";
import classes from "./Settings.module.css";

/** A part of a section: what it is about, and what can be done. */
export function Panel(props: {
  title: string;
  lead?: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.panel}>
      <div className={classes.panelHead}>
        <div>
          <h2>{props.title}</h2>
          {props.lead && <p>{props.lead}</p>}
        </div>
        {props.action}
      </div>
      {props.children}
    </section>
  );
}

/** Names and what they stand for. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {of.map(([name, said]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{said}</dd>
        </div>
      ))}
    </dl>
  );
}
