import { Stack, Text, Title } from "@mantine/core";
import { useEffect } from "react";
import { Navigate, useSearchParams } from "react-router";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { Mark } from "@/app/Brand";
import { SignInForm } from "@/shared/SignInForm";
import { t } from "@/text";
import classes from "./SignIn.module.css";

export default function SignIn() {
  const opened = useStore(session);
  const [params] = useSearchParams();
  useEffect(() => {
    document.title = `${t("sign_in.title")} · ${t("app.name")}`;
  }, []);
  if (opened) {
    return <Navigate to={inside(params.get("next"))} replace />;
  }
  return (
    <main className={classes.page}>
      <div className={classes.weave} aria-hidden />
      <section className={classes.card}>
        <Stack gap="xl">
          <Stack gap={8}>
            <Mark size={44} />
            <Title order={1} mt="sm">
              {t("sign_in.title")}
            </Title>
            <Text c="dimmed">{t("sign_in.lead")}</Text>
          </Stack>
          <SignInForm />
          <Text size="xs" c="dimmed">
            {t("sign_in.first")}
          </Text>
        </Stack>
      </section>
    </main>
  );
}

/** Where to go on: only within the app, whatever the address says. */
function inside(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}
