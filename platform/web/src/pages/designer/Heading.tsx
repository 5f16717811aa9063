import classes from "./Designer.module.css";

/** What begins a part of a form. */
export function Heading({ title, text }: { title: string; text?: string }) {
  return (
    <div className={classes.heading}>
      <h2>{title}</h2>
      {text && <p className={classes.muted}>{text}</p>}
    </div>
  );
}
