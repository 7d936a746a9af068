// Runs before the first paint, in the head and not as a module: the colours and the widths of the panes that this
// person chose last time must be there when the page appears.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const remembered = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const paint = () => {
    const chosen = remembered('sightline.theme');
    root.dataset.themeChoice = chosen ?? 'system';
    root.setAttribute('data-bs-theme', chosen ?? (dark.matches ? 'dark' : 'light'));
    dispatchEvent(new Event('sightline:theme'));
  };
  dark.addEventListener('change', paint);
  addEventListener('storage', (event) => { if (event.key === 'sightline.theme') paint(); });
  addEventListener('sightline:paint', paint);
  for (const pane of ['side', 'results']) {
    const width = Number(remembered(`sightline.width.${pane}`));
    if (width > 0) root.style.setProperty(`--${pane}-width`, `${width}px`);
  }
  paint();
})();
