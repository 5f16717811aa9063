import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect } from "react";
import { queryClient } from "@/api/cache";
import { reachable } from "@/api/client";
import { useStore } from "@/api/store";
import { t } from "@/text";
import classes from "./Banner.module.css";

const EVERY_MS = 3000;

/** Tells that the server is gone, and asks it again and again until it is back. */
export function Banner() {
  const there = useStore(reachable);
  useEffect(() => {
    if (!there) {
      const timer = setInterval(look, EVERY_MS);
      return () => clearInterval(timer);
    }
    return undefined;
  }, [there]);
  return (
    <div aria-live="assertive">
      {!there && (
        <div className={classes.banner}>
          <IconPlugConnectedX size={18} aria-hidden />
          {t("app.unreachable")}
          <Button size="compact-sm" variant="default" onClick={look}>
            {t("app.try_now")}
          </Button>
        </div>
      )}
    </div>
  );
}

async function look(): Promise<void> {
  try {
    await fetch("/healthz", { cache: "no-store" });
  } catch {
    return;
  }
  reachable.set(true);
  await queryClient.refetchQueries({ predicate: (query) => query.state.status === "error" });
}
