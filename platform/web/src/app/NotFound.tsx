import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link } from "react-router";
import { EmptyState } from "@/shared/EmptyState";
import { t } from "@/text";

export function NotFound() {
  return (
    <EmptyState
      icon={<IconMapOff size={32} stroke={1.5} />}
      title={t("app.not_found_title")}
      text={t("app.not_found_text")}
      action={
        <Button component={Link} to="/">
          {t("app.broken_home")}
        </Button>
      }
    />
  );
}
