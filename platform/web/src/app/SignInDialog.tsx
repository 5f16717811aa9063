import { Button, Modal, Stack, Text } from "@mantine/core";
import { ended, session, signInNeeded } from "@/api/session";
import { useStore } from "@/api/store";
import { SignInForm } from "@/shared/SignInForm";
import { t } from "@/text";

/** Stands over a page whose session is over; what the page asked for goes on afterwards. */
export default function SignInDialog() {
  const needed = useStore(signInNeeded);
  const email = useStore(session)?.user.email;
  return (
    <Modal
      opened={needed}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t("sign_in.again_title")}
    >
      <Stack>
        <Text size="sm">{t("sign_in.again_text")}</Text>
        <SignInForm email={email ?? ""} />
        <Button variant="subtle" color="gray" onClick={ended}>
          {t("sign_in.leave")}
        </Button>
      </Stack>
    </Modal>
  );
}
