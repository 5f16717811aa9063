import "@mantine/notifications/styles.css";
import { Notifications, notifications } from "@mantine/notifications";
import { useEffect } from "react";
import { useStore } from "@/api/store";
import { shown, waiting } from "@/shared/notices";
import { t } from "@/text";

/** The corner in which notices stand. */
export default function Notices() {
  const notices = useStore(waiting);
  useEffect(() => {
    if (notices.length === 0) {
      return;
    }
    for (const notice of notices) {
      notifications.show({ ...notice, closeButtonProps: { "aria-label": t("shared.close") } });
    }
    shown(notices);
  }, [notices]);
  return <Notifications position="bottom-right" limit={4} autoClose={5000} />;
}
