import { count, textOf } from '../text/text.ts';

/** Words of the list of tasks. */
export const tasksText = textOf(
  {
    title: 'Tasks',
    none: 'No tasks yet',
    noneHint: 'A task gives a file a link of its own. hydrant task add URL makes one from a terminal.',
    noMatch: 'No task fits',
    noMatchHint: 'Nothing has this in its name, id or URLs, in this state.',
    showAll: 'Show all',
    more: 'Show more',
    shown: (shown: number, all: number) => `${shown.toLocaleString('en')} of ${count(all, 'task')}`,
    curve: 'To clients, the last minute',
    sources: (n: number) => count(n, 'source'),
    states: { trouble: 'Trouble', paused: 'Paused', active: 'Playing', filling: 'Filling', done: 'All here', waiting: 'Waiting' },
  },
  {
    title: '任务',
    none: '还没有任务',
    noneHint: '一个任务给一个文件一个固定的链接。在终端里用 hydrant task add 网址 可以新建。',
    noMatch: '没有符合的任务',
    noMatchHint: '在这个状态下，没有名称、编号或网址包含这些字的任务。',
    showAll: '显示全部',
    more: '显示更多',
    shown: (shown, all) => `${all.toLocaleString('zh')} 个任务中的 ${shown.toLocaleString('zh')} 个`,
    curve: '过去一分钟送给客户端的速度',
    sources: (n) => `${n.toLocaleString('zh')} 个源`,
    states: { trouble: '有问题', paused: '已暂停', active: '播放中', filling: '缓存中', done: '已齐全', waiting: '空闲' },
  },
);
