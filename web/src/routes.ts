import { type ComponentType, lazy } from 'react';
import type { RouteComponentProps } from 'wouter';

import { TaskPage } from './task/task-page.tsx';
import { TasksPage } from './tasks/tasks-page.tsx';

/** What is shown at a path below the page's own; `/tasks/:id` gives `params.id`. */
export interface PageRoute {
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: every path has parameters of its own.
  readonly page: ComponentType<RouteComponentProps<any>>;
}

/** Every page there is, the first that fits is shown. What is not needed at first comes by `lazy(() => import(…))`. */
export const routes: readonly PageRoute[] = [
  { path: '/', page: TasksPage },
  { path: '/tasks/:id', page: TaskPage },
  { path: '/new', page: lazy(async () => ({ default: (await import('./form/new-page.tsx')).NewPage })) },
  { path: '/tasks/:id/edit', page: lazy(async () => ({ default: (await import('./form/edit-page.tsx')).EditPage })) },
  { path: '/settings', page: lazy(async () => ({ default: (await import('./settings/settings-page.tsx')).SettingsPage })) },
];
