import { Center, Loader } from "@mantine/core";
import { t } from "@/text";

export function Loading() {
  return (
    <Center mih={320} role="status" aria-label={t("app.loading")}>
      <Loader type="dots" />
    </Center>
  );
}
