import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { AccountMenu } from "@/app/AccountMenu";
import { Brand } from "@/app/Brand";
import { t } from "@/text";
import classes from "./Welcome.module.css";

/** The page around every step: nothing to be lost in. */
export function Frame({ children }: { children: ReactNode }) {
  useEffect(() => {
    document.title = `${t("welcome.title")} · ${t("app.name")}`;
  }, []);
  return (
    <div className={classes.page}>
      <header className={classes.top}>
        <Brand />
        <nav className={classes.links} aria-label={t("welcome.ways")}>
          <Link to="/">{t("welcome.to_workflows")}</Link>
          <AccountMenu />
        </nav>
      </header>
      <main className={classes.main}>{children}</main>
    </div>
  );
}
