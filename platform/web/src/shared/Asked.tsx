import { Button } from "@mantine/core";
import { IconCloudOff, IconGhost, IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { isProblem } from "@/api/client";
import { Loading } from "@/app/Loading";
import { t } from "@/text";
import { EmptyState } from "./EmptyState";
import { told } from "./notices";

const FORBIDDEN = 403;
const NOT_FOUND = 404;

interface Query<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** Shows what was asked for: while it comes, when it failed, and when it is there. */
export function Asked<T>({ of, children }: { of: Query<T>; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) {
    return children(of.data);
  }
  return of.error ? <Failed failure={of.error} again={() => of.refetch()} /> : <Loading />;
}

/** A failure that leaves nothing to show. */
export function Failed({ failure, again }: { failure: unknown; again: () => void }) {
  if (isProblem(failure, NOT_FOUND)) {
    return (
      <EmptyState
        icon={<IconGhost size={30} stroke={1.5} />}
        title={t("shared.gone_title")}
        text={t("shared.gone_text")}
      />
    );
  }
  const forbidden = isProblem(failure, FORBIDDEN);
  return (
    <EmptyState
      icon={
        forbidden ? <IconLock size={30} stroke={1.5} /> : <IconCloudOff size={30} stroke={1.5} />
      }
      title={t(forbidden ? "shared.forbidden_title" : "shared.failed")}
      text={told(failure)}
      action={!forbidden && <Button onClick={again}>{t("shared.retry")}</Button>}
    />
  );
}
