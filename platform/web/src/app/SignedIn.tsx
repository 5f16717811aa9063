import { useEffect, useState } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { ask, isProblem } from "@/api/client";
import { began, ended, type Session, session } from "@/api/session";
import { useStore } from "@/api/store";
import { Broken } from "./ErrorBoundary";
import { Loading } from "./Loading";

const UNAUTHORIZED = 401;

/** Lets nobody on who is not signed in; they come back to where they wanted to go. */
export function SignedIn() {
  const opened = useStore(session);
  const location = useLocation();
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    if (opened === undefined && !failure) {
      ask<Session>("GET", "/api/v1/session").then(
        (answer) => began(answer.data),
        (reason) => (isProblem(reason, UNAUTHORIZED) ? ended() : setFailure(reason)),
      );
    }
  }, [opened, failure]);
  if (opened) {
    return <Outlet />;
  }
  if (opened === null) {
    const next = location.pathname + location.search;
    return (
      <Navigate to={next === "/" ? "/login" : `/login?next=${encodeURIComponent(next)}`} replace />
    );
  }
  return failure ? <Broken failure={failure} again={() => setFailure(null)} /> : <Loading />;
}
