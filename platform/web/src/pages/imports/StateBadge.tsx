import { Badge, Group } from "@mantine/core";
import { t } from "@/text";
import type { ImportJob } from "./queries";

const COLOURS: Readonly<Record<ImportJob["state"], string>> = {
  queued: "gray",
  running: "blue",
  held: "gray",
  done: "loom",
  failed: "red",
  cancelled: "gray",
};

export function StateBadge({ job }: { job: Pick<ImportJob, "state" | "dryRun"> }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Badge color={COLOURS[job.state]} tt="none" variant="dot">
        {t(`imports.state_${job.state}`)}
      </Badge>
      {job.dryRun && (
        <Badge color="gray" tt="none" variant="outline">
          {t("imports.dry_run")}
        </Badge>
      )}
    </Group>
  );
}
