import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy } from "react";
import { RouterProvider } from "react-router";
import { queryClient } from "@/api/cache";
import { signInNeeded } from "@/api/session";
import { hasNotices } from "@/shared/notices";
import { Banner } from "./Banner";
import { useDensity } from "./density";
import { ErrorBoundary } from "./ErrorBoundary";
import { Later } from "./Later";
import { styleNonce } from "./nonce";
import { router } from "./router";
import { theme, tokens } from "./theme";

const Notices = lazy(() => import("./Notices"));
const SignInDialog = lazy(() => import("./SignInDialog"));
const colours = localStorageColorSchemeManager({ key: "taskloom.colours" });

export function App() {
  useDensity();
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={tokens}
      getStyleNonce={styleNonce}
      colorSchemeManager={colours}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queryClient}>
        <Banner />
        <Later when={hasNotices}>
          <Notices />
        </Later>
        <Later when={signInNeeded}>
          <SignInDialog />
        </Later>
        <ErrorBoundary>
          <RouterProvider router={router} />
        </ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}
