import { Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { t } from "@/text";
import classes from "./Page.module.css";

interface Props {
  title: string;
  lead?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  /** Before the title, such as an icon or a way back. */
  before?: ReactNode;
  /** The body reaches to the edges. */
  flush?: boolean;
  /** No wider than one reads with ease. */
  narrow?: boolean;
  children?: ReactNode;
}

/** A page: its title (also of the browser's tab), its actions, its body. */
export function Page({ title, lead, actions, before, flush, narrow, children }: Props) {
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title]);
  return (
    <div className={narrow ? `${classes.page} ${classes.narrow}` : classes.page}>
      <header className={classes.header}>
        {before}
        <div className={classes.titles}>
          <Title order={1}>{title}</Title>
          {lead && <div className={classes.lead}>{lead}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={flush ? `${classes.body} ${classes.flush}` : classes.body}>{children}</div>
    </div>
  );
}
