import { useLocation, useSearchParams } from 'wouter';

/** What of the tasks is in sight; it is in the address. */
export interface TaskFilter {
  readonly q: string;
  readonly state: 'active' | 'filling' | 'paused' | 'trouble' | undefined;
}

const states = ['active', 'filling', 'paused', 'trouble'] as const;

/** The filter, and how to change it: from any page that leads to the tasks. */
export const useTaskFilter = (): readonly [TaskFilter, (change: Partial<TaskFilter>) => void] => {
  const [path, navigate] = useLocation();
  const [params] = useSearchParams();
  const filter: TaskFilter = { q: params.get('q') ?? '', state: states.find((state) => state === params.get('state')) };
  const change = (changed: Partial<TaskFilter>): void => {
    const { q, state } = { ...filter, ...changed };
    const search = new URLSearchParams({ ...(q !== '' && { q }), ...(state !== undefined && { state }) }).toString();
    navigate(search === '' ? '/' : `/?${search}`, { replace: path === '/' });
  };
  return [filter, change];
};
