import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ask } from "@/api/client";
import { Problem, sentence } from "@/api/problem";
import { began, type Session } from "@/api/session";
import { t } from "@/text";

const UNAUTHORIZED = 401;
const TOO_MANY = 429;

/** Signs somebody in; everything else follows from the session. */
export function SignInForm({ email: known = "" }: { email?: string }) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState(false);
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setMissing(!email || !password);
    if (!email || !password) {
      return;
    }
    setBusy(true);
    setFailure("");
    try {
      began((await ask<Session>("POST", "/api/v1/session", { json: { email, password } })).data);
    } catch (problem) {
      setFailure(told(problem));
      setPassword("");
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={t("sign_in.email")}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus={!known}
          data-autofocus={known ? undefined : true}
          value={email}
          error={missing && !email && t("sign_in.needed")}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("sign_in.password")}
          name="password"
          autoComplete="current-password"
          autoFocus={Boolean(known)}
          data-autofocus={known ? true : undefined}
          value={password}
          error={missing && !password && t("sign_in.needed")}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <div aria-live="polite">{failure && <Alert color="red">{failure}</Alert>}</div>
        <Button type="submit" loading={busy}>
          {t("sign_in.submit")}
        </Button>
      </Stack>
    </form>
  );
}

function told(failure: unknown): string {
  if (!(failure instanceof Problem)) {
    return t("sign_in.unreachable");
  }
  if (failure.status === UNAUTHORIZED) {
    return t("sign_in.wrong");
  }
  if (failure.status === TOO_MANY && failure.retryAfterSeconds) {
    return t("sign_in.throttled", { count: failure.retryAfterSeconds });
  }
  return failure.faults[0] ? sentence(failure.faults[0]) : failure.message;
}
