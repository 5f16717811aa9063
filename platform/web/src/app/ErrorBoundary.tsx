import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { t } from "@/text";

/** A chunk that is not there any more: the server was updated under an open page. */
const OUTDATED = /dynamically imported module|Importing a module script failed|Failed to fetch dyn/;

interface Props {
  children: ReactNode;
}

/** Catches what breaks while a page is drawn, and offers a way on. */
export class ErrorBoundary extends Component<Props, { failure: Error | null }> {
  override state = { failure: null };

  static getDerivedStateFromError(failure: Error) {
    return { failure };
  }

  override render() {
    const failure: Error | null = this.state.failure;
    return failure ? (
      <Broken failure={failure} again={() => this.setState({ failure: null })} />
    ) : (
      this.props.children
    );
  }
}

export function Broken({ failure, again }: { failure: unknown; again: () => void }) {
  const message = failure instanceof Error ? failure.message : String(failure);
  const outdated = OUTDATED.test(message);
  return (
    <Stack role="alert" align="flex-start" maw={560} mx="auto" p="xl" mt="15vh">
      <Title order={1}>{t(outdated ? "app.outdated_title" : "app.broken_title")}</Title>
      <Text>{t(outdated ? "app.outdated_text" : "app.broken_text")}</Text>
      <Group>
        {outdated ? (
          <Button onClick={() => window.location.reload()}>{t("app.outdated_reload")}</Button>
        ) : (
          <Button onClick={again}>{t("app.broken_again")}</Button>
        )}
        <Button component="a" href="/" variant="default">
          {t("app.broken_home")}
        </Button>
      </Group>
      {!outdated && (
        <Text size="xs" c="dimmed" ff="monospace">
          {message}
        </Text>
      )}
    </Stack>
  );
}
