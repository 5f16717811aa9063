import { Button, PasswordInput, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ask } from "@/api/client";
import { Problem, sentence } from "@/api/problem";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { FaultList } from "@/shared/FaultList";
import { showDone } from "@/shared/notices";
import { t } from "@/text";
import { Facts, Panel } from "./Panel";

export function Profile() {
  const opened = useStore(session);
  if (!opened) {
    return null;
  }
  const { user, workspace } = opened;
  return (
    <>
      <Panel title={t("settings.profile")} lead={t("settings.profile_lead")}>
        <Facts
          of={[
            [t("settings.name"), user.name],
            [t("settings.email"), user.email],
            [t("settings.role"), t(`settings.role_${user.role}`)],
            [t("settings.workspace"), workspace.name],
          ]}
        />
      </Panel>
      <Panel title={t("settings.password")} lead={t("settings.password_lead")}>
        <Password />
      </Panel>
    </>
  );
}

const NOTHING = { old: "", new: "", repeat: "" };

function Password() {
  const [typed, setTyped] = useState(NOTHING);
  const [tried, setTried] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const needed = (value: string) => (tried && !value ? t("settings.password_needed") : undefined);
  const differs = typed.repeat !== "" && typed.repeat !== typed.new;
  const faultOf = (name: string) => {
    const faults = failure instanceof Problem ? failure.faults : [];
    const found = faults.find(({ path }) => path[0] === name);
    return found && (found.code === "wrong" ? t("settings.password_wrong") : sentence(found));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!typed.old || !typed.new || typed.repeat !== typed.new) {
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      const json = { old: typed.old, new: typed.new };
      await ask("PUT", "/api/v1/session/password", { json });
      setTyped(NOTHING);
      setTried(false);
      showDone(t("settings.password_changed"));
    } catch (reason) {
      setFailure(reason);
    } finally {
      setBusy(false);
    }
  };
  const field = (name: keyof typeof NOTHING) => ({
    value: typed[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      setTyped({ ...typed, [name]: event.currentTarget.value }),
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={360}>
        <input type="hidden" autoComplete="username" value={session.get()?.user.email ?? ""} />
        <PasswordInput
          label={t("settings.password_old")}
          autoComplete="current-password"
          error={faultOf("old") ?? needed(typed.old)}
          {...field("old")}
        />
        <PasswordInput
          label={t("settings.password_new")}
          autoComplete="new-password"
          error={faultOf("new") ?? faultOf("password") ?? needed(typed.new)}
          {...field("new")}
        />
        <PasswordInput
          label={t("settings.password_repeat")}
          autoComplete="new-password"
          error={differs ? t("settings.password_differs") : needed(typed.repeat)}
          {...field("repeat")}
        />
        <FaultList
          failure={failure}
          without={({ path }) => ["old", "new", "password"].includes(String(path[0]))}
        />
        <div>
          <Button type="submit" loading={busy}>
            {t("settings.password_change")}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
