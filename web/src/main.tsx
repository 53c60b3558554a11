import './style/tokens.css';
import './style/page.css';
import './style/controls.css';
import './style/floating.css';
import './style/shell.css';
import './style/tasks.css';
import './style/task.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import { followLanguage } from './choices/language.ts';
import { followTheme } from './choices/theme.ts';
import { openLive } from './data/live.ts';

followTheme();
followLanguage();
openLive();

// Its address is relative: at the address of another page it would be looked for elsewhere.
for (const icon of document.querySelectorAll<HTMLLinkElement>('link[rel=icon]')) icon.href = String(icon.href);

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
