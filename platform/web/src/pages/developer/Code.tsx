import { Copy } from "@/shared/Copy";
import classes from "./Developer.module.css";
import { highlighted } from "./highlight";

interface Props {
  text: string;
  /** Says to screen readers what is in it. */
  label: string;
  plain?: boolean;
  /** No taller than some lines. */
  low?: boolean;
}

/** A piece of text that machines read, with a button that copies it. */
export function Code({ text, label, plain, low }: Props) {
  return (
    <div className={classes.code}>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it
        tabIndex={0}
        aria-label={label}
        className={low ? `${classes.lines} ${classes.low}` : classes.lines}
      >
        <pre>
          <code>{plain ? text : highlighted(text)}</code>
        </pre>
      </section>
      <div className={classes.copy}>
        <Copy text={text} />
      </div>
    </div>
  );
}
