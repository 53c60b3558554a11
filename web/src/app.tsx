import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense } from 'react';
import { Link, Route, Router, Switch } from 'wouter';

import { queries, useConnection } from './data/live.ts';
import { base } from './data/place.ts';
import { routes } from './routes.ts';
import { Header } from './shell/header.tsx';
import { OfflineBar } from './shell/offline-bar.tsx';
import { shellText } from './text/shell-text.ts';
import { useText } from './text/text.ts';
import { Empty, Loading } from './ui/states.tsx';
import { Toasts } from './ui/toast.tsx';

/** The whole page. */
export const App = () => (
  <QueryClientProvider client={queries}>
    <Router base={base}>
      <Frame />
    </Router>
  </QueryClientProvider>
);

const Frame = () => {
  const t = useText(shellText);
  return (
    <div className="frame" data-connection={useConnection()}>
      <a className="skip" href="#content">
        {t.skip}
      </a>
      <Header />
      <OfflineBar />
      <main id="content" tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Switch>
            {routes.map(({ path, page }) => (
              <Route key={path} path={path} component={page} />
            ))}
            <Route>
              <Empty title={t.notFound} action={<Link href="/">{t.toTasks}</Link>} />
            </Route>
          </Switch>
        </Suspense>
      </main>
      <Toasts />
    </div>
  );
};
