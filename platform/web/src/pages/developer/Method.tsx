import classes from "./Developer.module.css";

/** The method of a request, short and in a colour of its own. */
export function Method({ name }: { name: string }) {
  return (
    <span className={classes.method} data-method={name}>
      {name}
    </span>
  );
}
