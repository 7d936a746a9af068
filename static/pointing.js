// What the pointer or the focus rests on is lit up wherever it stands: anything with data-camera takes part.

export function pointing(root, selection) {
  const camera = (node) => node?.closest?.('[data-camera]')?.dataset.camera ?? null;
  root.addEventListener('pointerover', ({ target }) => selection.point(camera(target)));
  root.addEventListener('focusin', ({ target }) => selection.point(camera(target)));
  root.addEventListener('pointerleave', () => selection.point(null));
  selection.on('pointed', (pointed) => {
    for (const node of root.querySelectorAll('.is-pointed')) node.classList.remove('is-pointed');
    if (pointed === null) return;
    for (const node of root.querySelectorAll(`[data-camera="${CSS.escape(pointed)}"]`)) node.classList.add('is-pointed');
  });
}
