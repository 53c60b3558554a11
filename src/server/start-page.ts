/** The page at `/`: says what runs, and where its interface is described. */
export const startPage = (tasks: number): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>hydrant</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 40rem; margin: 4rem auto; padding: 0 1rem; }
</style>
</head>
<body>
<h1>hydrant</h1>
<p>This server runs, and has ${tasks === 1 ? 'one task' : `${tasks} tasks`}.</p>
<ul>
<li><a href="api/openapi.json">What can be asked of it</a></li>
<li><a href="api/tasks">Its tasks</a></li>
<li><code>hydrant task --help</code> tells how to change them from a terminal.</li>
</ul>
</body>
</html>
`;
